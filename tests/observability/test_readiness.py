"""Checks that answer in time, whatever they look at."""

import threading

from webapp.observability.readiness import HUNG, TimedCheck, run_checks


def test_checks_tell_what_they_found():
    def breaks():
        raise OSError

    checks = {
        "well": TimedCheck(lambda: ""),
        "ill": TimedCheck(lambda: "too slow"),
        "broken": TimedCheck(breaks),
    }

    assert run_checks(checks, seconds=1) == {"well": "", "ill": "too slow", "broken": "OSError"}


def test_hanging_check_is_given_up_and_not_started_again():
    release, runs = threading.Event(), []

    def hangs():
        runs.append(1)
        release.wait(10)
        return ""

    check = {"hung": TimedCheck(hangs)}

    assert run_checks(check, seconds=0.01) == {"hung": HUNG}
    assert run_checks(check, seconds=0.01) == {"hung": HUNG}
    assert len(runs) == 1
    release.set()


def test_check_that_recovered_is_asked_again():
    answers = iter(["away", ""])
    check = {"server": TimedCheck(lambda: next(answers))}

    assert run_checks(check, seconds=1) == {"server": "away"}
    assert run_checks(check, seconds=1) == {"server": ""}
