"""What servers send beside the sightings that it becomes, one oddity a pair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tagora.collector.platforms.mastodon.mapping import to_sightings

from ..golden import check_pair, wires


@pytest.mark.parametrize("wire", wires(__file__))
def test_a_status_becomes_its_sighting(wire: Path) -> None:
    check_pair(to_sightings, wire)
