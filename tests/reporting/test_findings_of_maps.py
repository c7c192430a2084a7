"""What is said of maps and masks reads as one would say it, whatever the numbers are."""

from __future__ import annotations

from constructed_tables import Constructed, rows

from faceinv.reporting.findings import maps_and_masks


def test_controls_that_agreement_exceeds_and_does_not_exceed_are_told_apart() -> None:
    margins = rows(
        ("gender", "untrained network", (0.3, 0.2, 0.4)),
        ("gender", "local contrast", (0.1, -0.1, 0.3)),
        columns="task than",
    )
    assert maps_and_masks.seeds_and_controls(Constructed(None, margins=margins)) == (
        "Maps of two seeds, beside controls in which nothing was learned, agree, for gender, more with each "
        "other than with the untrained network (+0.30 [+0.20, +0.40]) and not reliably more with each other "
        "than with the local contrast of the image (+0.10 [−0.10, +0.30])."
    )


def test_controls_that_agreement_exceeds_alike_are_listed() -> None:
    names = ("untrained network", "local contrast")
    margins = rows(*(("gender", name, (0.3, 0.2, 0.4)) for name in names), columns="task than")
    said = maps_and_masks.seeds_and_controls(Constructed(None, margins=margins))
    assert said == (
        "Maps of two seeds agree more with each other than with controls in which nothing was learned: for "
        "gender, the untrained network (+0.30 [+0.20, +0.40]) and the local contrast of the image (+0.30 "
        "[+0.20, +0.40])."
    )


def test_names_of_masks_with_a_comma_read_as_words() -> None:
    names = ("random", "untrained, least relevant", "edges")
    table = rows(*(("gender", name, (0.3, 0.2, 0.4)) for name in names), columns="task against")
    said = maps_and_masks.over_all_controls(Constructed(None, differences=table))
    assert said == (
        "For gender, the most relevant pixels keep more accuracy than random pixels (+0.30 [+0.20, +0.40]), "
        "the least relevant ones of the untrained network (+0.30 [+0.20, +0.40]) and those at edges (+0.30 "
        "[+0.20, +0.40])."
    )


def test_a_mean_over_images_is_called_one() -> None:
    table = rows(("gender", "untrained network", (0.7, 0.6, 0.8)), columns="task compared")
    said = maps_and_masks.trained_and_untrained(Constructed(None, agreement=table))
    assert "of one image by a trained and an untrained network, averaged over images: gender (0.70" in said
