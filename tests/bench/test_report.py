import json
import time

import pytest
import stripe

from bench.cells import Cell
from bench.notices import notice_request
from bench.options import CLIENTS, read_options
from bench.processes import CORES, CpuReading, read_cpu, shares
from bench.report import share_of, times_pretix, verdicts, write_json
from bench.suite import describe_sale
from bench.tally import Percentiles, Tally
from bench.wire import Server


def cell(work, clients, per_second, *, p95=10.0, cpu=None):
    return Cell(
        work=work,
        clients=clients,
        done=round(per_second * 10),
        seconds=10.0,
        times=Percentiles(5.0, p95, 20.0),
        statuses={201: 1},
        server_errors=0,
        lost=0,
        cpu=cpu or {},
    )


def test_a_rate_is_held_against_pretix_with_as_many_clients():
    assert times_pretix(cell("holds", 1, 48.0)) == pytest.approx(10.0)


def test_with_other_numbers_of_clients_pretix_counts_with_its_best():
    assert times_pretix(cell("pages", 128, 415.0)) == pytest.approx(10.0)


def test_a_rate_is_held_against_the_limits_of_the_same_run():
    limits = [cell("trivial route", 8, 2000.0), cell("trivial route", 64, 4000.0)]

    assert share_of(cell("holds", 64, 1000.0), limits, "trivial route", 64) == 0.25
    assert share_of(cell("holds", 64, 1000.0), limits, "hot row", 8) is None


def test_a_slow_answer_misses_what_a_high_rate_reaches():
    said = verdicts([cell("holds", 64, 250.0, p95=450.0)])

    assert said == [
        "holds per second: 250.0, required 204, wanted 510: reached",
        "holds, p95 ms: 450.0, required 400, wanted 150: missed",
        "answers 5xx or lost: 0 of 1",
    ]


def test_a_sale_is_exact_only_if_everybody_got_a_place_or_a_refusal():
    tally = Tally()
    tally.statuses.update({201: 200, 409: 400})
    assert describe_sale(tally, 200).startswith("exact")
    assert describe_sale(tally, 201).startswith("WRONG")

    tally.statuses.update({503: 1, 409: -1})
    assert describe_sale(tally, 200).startswith("WRONG")


def test_processor_time_that_no_part_took_is_others_or_idle():
    before = CpuReading({"web": 1.0}, 10.0)
    after = CpuReading({"web": 2.0}, 11.5)

    found = shares(before, after, seconds=10.0)

    assert found["web"] == pytest.approx(2 * found["others"])
    assert sum(found.values()) == pytest.approx(100.0)


def test_the_cost_of_one_leaves_out_what_others_took():
    busy = cell("holds", 8, 100.0, cpu={"web": 40.0, "driver": 10.0, "others": 45.0, "idle": 5.0})

    assert busy.cpu_ms == pytest.approx(1000 * 0.5 * CORES / 100.0)
    assert cell("hot row", 8, 100.0).cpu_ms is None


def test_the_driver_knows_what_it_costs_itself():
    assert read_cpu([]).parts["driver"] > 0


def test_notices_carry_a_signature_that_the_gateways_library_accepts():
    wire = notice_request(Server(1, "localhost"), "whsec_test", "cs_test_1")
    head, _, body = wire.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])

    assert stripe.WebhookSignature.verify_header(
        body.decode(), headers["Stripe-Signature"], "whsec_test", tolerance=60
    )
    assert json.loads(body)["created"] <= time.time()


def test_options_have_defaults_and_refuse_nonsense():
    assert read_options([]).clients == CLIENTS
    assert read_options(["--clients", "2,4", "--only", "holds"]).works == ("holds",)
    for arguments in (["--only", "nothing"], ["--clients", "0"], ["--clients", "x"]):
        with pytest.raises(SystemExit):
            read_options(arguments)


def test_the_document_for_programs_holds_every_cell(tmp_path):
    path = tmp_path / "figures.json"
    write_json(path, [cell("holds", 8, 100.0)], read_options([]))

    document = json.loads(path.read_text())
    assert document["cells"][0]["per_second"] == 100.0
    assert document["anchors"]["holds"]["8"] == 17.0
