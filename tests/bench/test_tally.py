from bench.tally import Tally, nearest_rank, percentiles
from bench.wire import Answer


def test_a_percentile_is_a_duration_that_really_happened():
    found = percentiles([0.004, 0.001, 0.002, 0.003])

    assert found is not None
    assert (found.p50, found.p95, found.p99) == (2.0, 4.0, 4.0)


def test_one_in_twenty_may_be_slower_than_the_95th_percentile():
    ordered = [float(number) for number in range(1, 101)]

    assert nearest_rank(ordered, 95) == 95.0
    assert nearest_rank([7.0], 50) == 7.0


def test_without_durations_there_are_no_percentiles():
    assert percentiles([]) is None


def test_only_wanted_answers_count_as_done():
    tally = Tally()

    assert tally.note(Answer(201, b"", 0.01), 201)
    assert not tally.note(Answer(503, b"away", 0.02), 201)
    assert not tally.note(Answer(0, b"", 30.0), 201)

    assert tally.durations == [0.01]
    assert (tally.requests, tally.server_errors, tally.lost) == (3, 1, 1)
    assert tally.surprises == ["503 away", "0 "]
