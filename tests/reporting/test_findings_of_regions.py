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
    assert share.startswith(words) and f"share of relevance is, for gender, the {region} (" in share
    assert share.endswith(", on 20 % of the image).")


def changes(**limits: float) -> str:
    """What is said of a brow whose share changes by training from scratch, and of one that stays the same."""
    table = rows(
        ("brow", "none", "gender", (0.1, 0.05, 0.15)),
        ("brow", "faces", "gender", (0.0, -0.1, 0.1)),
        ("eye", "none", "gender", (0.0, -0.1, 0.1)),
        ("eye", "faces", "gender", (0.0, -0.1, 0.1)),
        columns="region pretraining task",
    )
    return regions_and_similarity.training_changes(Constructed(None, learned=table.assign(**limits)))


def test_networks_without_pretraining_are_a_kind_of_network() -> None:
    assert "brow (1 of 2 kinds of network), and decreases" in changes()


def test_regions_that_change_in_as_many_kinds_of_network_share_the_number() -> None:
    up, down, none = (0.1, 0.05, 0.15), (-0.1, -0.15, -0.05), (0.0, -0.1, 0.1)
    table = rows(
        *[(region, "none", "gender", up) for region in ("brow", "eye")],
        *[(region, "faces", "gender", none) for region in ("brow", "eye")],
        *[("chin", pretraining, "gender", down) for pretraining in ("none", "faces")],
        ("neck", "none", "gender", down),
        ("neck", "faces", "gender", none),
        columns="region pretraining task",
    )
    said = regions_and_similarity.training_changes(Constructed(None, learned=table))
    assert "brow and eye (1 of 2 kinds of network), and decreases that of chin and neck (1 of 2)." in said


def test_regions_change_by_the_intervals_that_hold_for_all_of_them() -> None:
    assert (
        changes(low_all=-0.2, high_all=0.3) == "for gender, training changes the share of no region reliably."
    )


@pytest.mark.parametrize(
    ("kind", "network", "words"),
    [
        (
            "relevant pixels, untrained",
            "objects, gender",
            "relevant pixels of gender networks pretrained on objects, before any training",
        ),
        ("features", "none, identity", "features of identity networks without pretraining"),
    ],
)
def test_a_similarity_by_a_network_reads_as_words(kind: str, network: str, words: str) -> None:
    assert regions_and_similarity.similarity_words(kind, network) == words
