"""A process that starts loads what it needs then, and no more: machines start all at once."""

import os
import subprocess
import sys

import pytest

from tests.box_office import ROOT

# Each is a large part of a second of every start, and needed by few processes, later.
HEAVY = ("PIL", "fontTools", "fpdf", "uharfbuzz")
_LOADED = "import sys; {what}; print(*(name for name in {heavy} if name in sys.modules))"


@pytest.mark.parametrize(
    ("what", "heavy"),
    [
        ("import webapp; webapp.create_app()", HEAVY),
        ("import webapp.supervisor.__main__", (*HEAVY, "sqlalchemy", "flask", "redis", "resend")),
    ],
    ids=["application", "supervisor"],
)
def test_heavy_libraries_wait_until_they_are_used(environ, what, heavy):
    answer = subprocess.run(
        [sys.executable, "-c", _LOADED.format(what=what, heavy=heavy)],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout.split()) == (0, []), answer.stderr
