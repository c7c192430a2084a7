"""What is said about regions holds for the networks that the figures show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from constructed_tables import Constructed, rows

from faceinv.reporting.findings import regions_and_similarity


class Given(Constructed):
    """Tables of a run that was given pretrainings in an order of their own."""

    @property
    def parameters(self) -> Mapping[str, object]:
        return {"pretrainings": ["everything", "none", "faces"]}


def entry(region: str, maps: str, pretraining: str, value: float) -> tuple[object, ...]:
    return region, maps, pretraining, "gender", (value, value - 0.1, value + 0.1)


TABLE = rows(
    entry("brow", "trained", "faces", 9.0),
    entry("brow", "untrained", "faces", 1.0),
    entry("brow", "trained", "none", 2.0),
    entry("eye", "trained", "none", 3.0),
    entry("eye", "untrained", "none", 1.0),
    entry("eye", "area", "none", 0.2),
    entry("brow", "area", "faces", 0.2),
    columns="region maps pretraining task",
)


@pytest.mark.parametrize(
    ("kind", "words"),
    [(Given, "In networks trained from scratch"), (Constructed, "In networks pretrained on faces")],
)
def test_the_first_pretraining_that_was_given_is_described(kind: type[Constructed], words: str) -> None:
    region = "eye" if kind is Given else "brow"
    dense = regions_and_similarity.dense_regions(kind(densities=TABLE))
    assert dense.startswith(words) and f"for gender on the {region}" in dense
    share = regions_and_similarity.largest_shares(kind(shares=TABLE))
    assert share.startswith(words) and f"for gender the {region}" in share
