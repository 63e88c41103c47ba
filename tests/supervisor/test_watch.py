import io

from webapp.supervisor.output import Output
from webapp.supervisor.watch import describe_exit, restart_delay


def test_delays_double_up_to_half_a_minute():
    assert [restart_delay(deaths) for deaths in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert restart_delay(10_000) == 30


def test_an_exit_is_told_in_words():
    assert describe_exit(3) == "ended with exit code 3"
    assert describe_exit(-9) == "was ended by SIGKILL"
    assert describe_exit(-99) == "was ended by signal 99"


def test_a_line_says_who_wrote_it():
    stream = io.StringIO()

    Output(stream).relay("web", ["one\n", "two"])

    assert stream.getvalue() == "web        | one\nweb        | two\n"


def test_nobody_reading_is_no_error():
    stream = io.StringIO()
    stream.close()

    Output(stream).say("ready")
