"""The wheel carries everything that the application needs to run anywhere."""

import subprocess
import sys
import zipfile

import pytest

from tests.box_office import ROOT


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "webapp/templates/base.html",
        "webapp/templates/mail/order_confirmation.html",
        "webapp/static/css/tokens.css",
        "webapp/static/vendor/htmx-2.0.11.min.js",
        "webapp/migrations/env.py",
        "webapp/migrations/alembic.ini",
        "webapp/documents/fonts/DejaVuSans.ttf",
        "webapp/translations/es/LC_MESSAGES/messages.po",
        "webapp/translations/de/LC_MESSAGES/messages.po",
        "blueprints/__init__.py",
        "jobs/runtime.py",
    ],
)
def test_wheel_contains_what_runs(wheel_names, name):
    assert name in wheel_names


def test_wheel_leaves_the_stand_ins_and_tests_at_home(wheel_names):
    strangers = {name.split("/")[0] for name in wheel_names} - {"webapp", "blueprints", "jobs"}

    assert all(name.endswith(".dist-info") for name in strangers)
