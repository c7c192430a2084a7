"""Kinds of networks, equal numbers and lists in sentences, from tables written by hand."""

from __future__ import annotations

import pandas as pd
from constructed_tables import Constructed, rows

from faceinv.reporting.findings.causes_and_cues import largest_side_by_side
from faceinv.reporting.findings.exchanged_masks import asymmetric_pairs, margins_by_mask, matrix_extremes

APART = ((0.9, 0.85, 0.95), (0.2, 0.1, 0.3))
KINDS = ("none, identity", "objects, gender")


def test_pairs_of_kinds_are_named_in_words_without_commas() -> None:
    matrix = rows(
        (*KINDS, APART[0]), (*KINDS[::-1], APART[1]), ("random", KINDS[0], APART[1]), columns="maker reader"
    )
    assert matrix_extremes(Constructed(matrix=matrix)) == (
        "Generalization between networks is highest for masks of identity networks without pretraining shown "
        "to gender networks pretrained on objects, at 0.90 [0.85, 0.95], and lowest for masks of gender "
        "networks pretrained on objects shown to identity networks without pretraining, at 0.20 [0.10, 0.30]."
    )
    pairs = rows((*KINDS, APART[1]), columns="a b").assign(low_all=0.1, high_all=0.3)
    assert asymmetric_pairs(Constructed(asymmetry=pairs)) == (
        "Of 1 pairs, these are asymmetric: from identity networks without pretraining to gender networks "
        "pretrained on objects minus back (+0.20 [+0.10, +0.30])."
    )


def test_undecided_masks_are_listed_with_and() -> None:
    open_ = (0.1, -0.1, 0.3)
    table = rows(*((f"m{k}", "centre", open_) for k in range(5)), columns="mask over")
    said = margins_by_mask(Constructed(margins=table))
    assert said.startswith("Undecided against centre: m0 (") and said.endswith("]) and 2 others.")


def test_the_regions_of_the_largest_shares_are_named_with_the_networks() -> None:
    entries = [
        ("causes", "brow", 0.51),
        ("causes", "jaw", 0.2),
        ("epsilon-plus-flat", "brow", 0.1),
        ("epsilon-plus-flat", "jaw", 0.28),
    ]
    table = pd.DataFrame(entries, columns=["column", "cause", "share"])
    table = table.assign(task="gender", pretraining="none", network="gender, none")
    assert largest_side_by_side(Constructed(side_by_side=table)) == (
        "In gender networks trained from scratch, the brow has the largest share of the causal weight "
        "(51 %), and the jaw the largest share of relevance (28 %)."
    )
