"""Every page and state is for everybody, in light and in dark, on the narrowest phone."""

import os
from pathlib import Path

import pytest

from e2e.accessibility import find_faults
from e2e.party import Party
from e2e.pictures import FOLDER_VARIABLE, take_pictures
from e2e.tours import TOURS


@pytest.fixture
def party(buyer, new_buyer, box_office, programme):
    return Party(buyer, new_buyer, box_office, programme)


@pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.__name__)
def test_nobody_is_kept_out(party, tour):
    faults = [f"{stop}: {fault}" for stop in tour(party) for fault in find_faults(party.buyer.page)]

    assert not faults, "\n".join(faults)


@pytest.mark.skipif(FOLDER_VARIABLE not in os.environ, reason="no pictures were asked for")
@pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.__name__)
def test_picture_of_every_stop(party, tour):
    for stop in tour(party):
        take_pictures(party.buyer.page, Path(os.environ[FOLDER_VARIABLE]), stop)
