"""What the chapters found, in words: the sentence says what came out, whichever way."""

from __future__ import annotations

from math import nan
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import REPOSITORY
from constructed_tables import INTERVALS, Constructed, decisive_tables, judged, rows

from faceinv.reporting.claims import Judgement
from faceinv.reporting.evidence import ANALYSIS, covers
from faceinv.reporting.findings import (
    amounts_and_kernels,
    causes_and_cues,
    exchanged_masks,
    images_and_networks,
    maps_and_masks,
    methods_and_motion,
    regions_and_similarity,
    tolerances,
)
from faceinv.reporting.findings.chapter import NO_SENTENCE, ChapterFindings, Sentence
from faceinv.reporting.findings.registry import FINDINGS, FIRST_SENTENCES, first_page, overview_sentence
from faceinv.reporting.findings.sources import FoundTables
from faceinv.reporting.findings.wording import NotMeasured

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_chapter_has_a_box_and_each_figure_a_sentence(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    figures = [cell.metadata.mystnb.figure.name for cell in cells if "mystnb" in cell.metadata]
    assert FINDINGS[path.stem].box
    assert sorted(FINDINGS[path.stem].figures) == sorted(figures)


def test_the_book_begins_with_three_sentences_that_lead_to_their_figures(tmp_path: Path) -> None:
    text = first_page(tmp_path, None, {})
    assert text.count("{numref}`fig-") == 3
    for chapter, figure, _ in FIRST_SENTENCES:
        assert figure in FINDINGS[chapter].figures and f"{{numref}}`{figure}`" in text


def test_the_first_picture_says_where_relevance_is_densest(tmp_path: Path) -> None:
    assert overview_sentence(tmp_path, None, {}).startswith("**This run is too small to say")
    folder = tmp_path / "06_regions"
    folder.mkdir()
    rows = [("brows", "trained", 3.0), ("nose", "trained", 1.5), ("brows", "untrained", 1.0)]
    table = pd.DataFrame(rows, columns=["region", "maps", "estimate"]).assign(
        task="gender", pretraining="none"
    )
    table = table.assign(low=table["estimate"] - 0.1, high=table["estimate"] + 0.1)
    table.to_csv(folder / "densities.csv", index=False)
    said = overview_sentence(tmp_path, None, {})
    assert said.startswith(
        "**In networks trained from scratch, relevance is densest for gender on the brows, 3.00 times the "
        "mean of the image, more than"
    )
    assert said.endswith("** ({numref}`fig-density`)\n")


@pytest.mark.parametrize(
    ("function", "above", "below", "undecided"),
    [
        (
            images_and_networks.simple_cues,
            "predicts gender better than chance (0.50)",
            "No simple cue predicts gender reliably better",
            "No simple cue predicts gender reliably better than chance (0.50); the best one, mean brightness",
        ),
        (images_and_networks.colour_cues, "rises for", "falls for", "does not change reliably for"),
        (
            images_and_networks.hair_cues,
            "better than by chance by age, bald (0.80 [0.70, 0.90])",
            "None of age, light and haircut",
            "None of age, light and haircut",
        ),
        (
            images_and_networks.accuracies_found,
            "gender 0.80 [0.70, 0.90], better than chance (0.50)",
            "not reliably better than chance",
            "not reliably better than chance",
        ),
        (
            images_and_networks.turn_of_the_head,
            "accuracy rises from 0.00 [−0.01, 0.01] at 2° to 0.30",
            "accuracy falls",
            "accuracy does not change reliably",
        ),
        (
            images_and_networks.worth_of_a_base,
            "objects raises accuracy reliably in 1 of 1",
            "in 0 of 1 architectures and lowers it in 1",
            "in 0 of 1 architectures (mean",
        ),
        (maps_and_masks.seeds_agree, ", more than maps", ", less than maps", ", not reliably more than maps"),
        (
            maps_and_masks.seeds_and_controls,
            "agree more with each other than with controls in which nothing was learned: for gender, the un",
            "agree less with each other than with controls in which",
            "agree not reliably more with each other than with controls in which nothing was learned: for",
        ),
        (
            maps_and_masks.over_random,
            "keep, for gender, more accuracy than random pixels",
            "less accuracy than random pixels",
            "not reliably more accuracy than random pixels",
        ),
        (
            maps_and_masks.beside_hard_controls,
            "more accuracy than those of the untrained network (+0.30 [+0.20, +0.40]) and those of",
            "less accuracy than those",
            "not reliably more accuracy than those of the untrained network (+0.10 [−0.10, +0.30]) or those",
        ),
        (
            maps_and_masks.pixels_that_matter,
            (
                "networks are more accurate than with random ones for gender (+0.30 [+0.20, +0.40]); they "
                "are more"
            ),
            "networks are less accurate than with random ones for gender",
            "they are not reliably more accurate than with those of highest local contrast for gender",
        ),
        (
            maps_and_masks.after_retraining,
            "the most relevant pixels still keep more accuracy than random pixels (+",
            "do not keep reliably more accuracy than any control",
            "do not keep reliably more accuracy than any control",
        ),
        (
            exchanged_masks.margins_over_controls,
            "exceed those of an untrained network (+0.30 [+0.20, +0.40]) and local contrast",
            "fall short of those of",
            "do not reliably exceed those of an untrained network (+0.10 [−0.10, +0.30]) or local contrast",
        ),
        (
            exchanged_masks.best_makers,
            "pretrained on faces are better for others than masks by those pretrained on objects",
            "are worse for others",
            "are not reliably better for others",
        ),
        (
            regions_and_similarity.training_changes,
            "increases the relevance of brow, and decreases that of none",
            "increases the relevance of no region, and decreases that of brow",
            "changes the share of no region reliably",
        ),
        (
            regions_and_similarity.background_read,
            (
                "objects-pretrained networks most (80.0 % [70.0, 90.0]) and faces-pretrained networks least "
                "(5.0 %"
            ),
            "objects-pretrained networks most (20.0 %",
            "objects-pretrained networks most (60.0 %",
        ),
        (
            regions_and_similarity.dense_regions,
            ", more than before",
            ", less than before",
            ("not reliably more"),
        ),
        (
            regions_and_similarity.weighting_changes,
            "brings the similarity of faces closer to the Gabor",
            "takes the similarity of faces further from",
            "brings the similarity of faces not reliably closer",
        ),
        (
            regions_and_similarity.weights_learned,
            "better than weights",
            "worse than weights",
            "not reliably different",
        ),
        (
            tolerances.layers_tolerate,
            "more tolerant for blur",
            "less tolerant for",
            ("not reliably different for"),
        ),
        (
            tolerances.gains_at_matched_accuracy,
            "pretraining on objects raises tolerance (+0.30",
            "lowers tolerance",
            "does not change tolerance reliably",
        ),
        (
            tolerances.variance_shares,
            "more than the arch",
            "less than the arch",
            ("not reliably more or less than"),
        ),
        (
            amounts_and_kernels.training_selects,
            "is higher in alexnet_bn",
            "is lower in alexnet_bn",
            "is not reliably changed in alexnet_bn",
        ),
        (
            amounts_and_kernels.selectivity_and_tolerance,
            "are more tolerant among all networks (+0.30",
            "are less tolerant among all",
            "are not reliably more or less tolerant among",
        ),
        (
            causes_and_cues.maps_rank_regions,
            "for gender, above zero",
            "for gender, below zero",
            "for gender, not reliably different from zero",
        ),
        (
            causes_and_cues.cue_relied_on,
            "0.30 [0.20, 0.40] for the mark",
            ", below zero",
            ", not reliably above zero",
        ),
        (
            causes_and_cues.reliance_detected,
            "better than by guessing",
            "worse than by guessing",
            "not reliably better than by guessing",
        ),
        (
            methods_and_motion.methods_that_pass,
            "all 1 criteria: saliency",
            "No method is better",
            "No method is better",
        ),
        (
            methods_and_motion.maps_move,
            "Maps move along with the face, better than with another face, in 1 of 1 combinations",
            "they agree better with the map of another face in 1 of 1 combinations",
            "it is undecided in 1 of 1 combinations",
        ),
        (
            methods_and_motion.answers_and_maps_by_kind,
            "which answers survive in 1 of 1 kinds of networks (area 0.80)",
            "which answers survive in 0 of 1 kinds of networks (area 0.20)",
            "which answers survive in 0 of 1 kinds of networks (area 0.60)",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_sentence_says_what_came_out(function: Sentence, above: str, below: str, undecided: str) -> None:
    for side, words in (("above", above), ("below", below), ("open", undecided)):
        said = function(decisive_tables(INTERVALS[side]))
        assert words in said, side
        assert said.endswith(".") and "nan" not in said


def test_maps_that_know_nothing_of_the_network_are_named_apart_from_methods() -> None:
    tables = decisive_tables(INTERVALS["above"])
    best, apart = (
        each(tables) for each in (methods_and_motion.best_methods, methods_and_motion.best_baselines)
    )
    assert best == "The best method of each criterion is, for *sanity*, saliency (0.30 [0.20, 0.40])."
    assert apart.endswith("is, for *sanity*, random (0.90 [0.80, 1.00]).")


@pytest.mark.parametrize(
    ("function", "claim", "controls", "words"),
    [
        (amounts_and_kernels.familiar_people, "familiar-novel", (), ("are more", "are less", "not reliably")),
        (
            causes_and_cues.beyond_controls,
            "causes-ordered",
            ("even", "untrained"),
            (
                "higher than for the area of the regions",
                "lower than for the area",
                "not reliably different from that for the area",
            ),
        ),
    ],
)
def test_a_sentence_on_a_claim_says_what_came_out(
    function: Sentence, claim: str, controls: tuple[str, ...], words: tuple[str, ...]
) -> None:
    for side, said in zip(INTERVALS, words, strict=True):
        assert said in function(Constructed(judged(claim, INTERVALS[side], *controls)))


def test_what_predicts_errors_is_a_number_of_all_networks_not_of_the_first_kind() -> None:
    areas = rows(("survival", "a", "b", (0.9, 0.8, 1.0)), columns="question architecture strategy")
    interval = (0.52, 0.51, 0.53)
    said = methods_and_motion.answers_and_maps(
        Constructed(judged("lost-where-not-read", interval), areas=areas)
    )
    assert "over all networks" in said.lower()
    assert "which answers survive better than guessing (0.52 [0.51, 0.53])" in said
    with pytest.raises(NotMeasured):
        methods_and_motion.answers_and_maps(Constructed(judged("another-claim", interval), areas=areas))


def test_all_kinds_of_networks_are_counted_and_few_exceptions_named() -> None:
    gained = rows(
        *(("resnet18", "scratch", name, (0.2, 0.1, 0.3)) for name in ("blur", "size", "position")),
        ("vgg16_bn", "faces", "blur", (0.05, -0.1, 0.2)),
        columns="architecture strategy transformation",
    )
    said = methods_and_motion.maps_move(Constructed(None, gained=gained))
    assert "another face, in 3 of 4 combinations of a kind of network and a transformation; it is" in said
    assert "it is undecided in 1 of 4" in said and "(vgg16_bn, faces, blur)" in said
    assert said.endswith("The advantage over the map of another face is +0.05 to +0.20.")


def test_masks_are_exchanged_among_pretrained_networks() -> None:
    found = Constructed(
        None,
        relations=rows(
            ("gender", "other seed", (0.97, 0.9, 1.0)),
            ("gender, with none", "other seed", (0.5, 0.4, 0.6)),
            ("gender", "other pretraining", (0.87, 0.8, 0.9)),
            columns="group relation",
        ),
    )
    said = exchanged_masks.masks_exchanged(found)
    assert said.endswith("another seed 0.97 (gender); another pretraining 0.87 (gender).")


def test_mean_tolerance_is_told_by_strategy_best_first() -> None:
    means = rows(
        ("a", "scratch", "tolerance", (0.4, 0.3, 0.5)),
        ("b", "scratch", "tolerance", (0.6, 0.5, 0.7)),
        ("a", "faces, finetuned", "tolerance", (0.8, 0.7, 0.9)),
        ("a", "untrained", "tolerance", (0.2, 0.1, 0.3)),
        columns="architecture strategy measure",
    )
    said = tolerances.means_by_strategy(Constructed(None, means=means))
    best_first = "pretrained on faces 0.80, trained from scratch 0.50 and untrained 0.20."
    assert said == f"Mean tolerance over architectures: {best_first}"


def test_what_was_not_measured_is_left_out_and_said() -> None:
    def lost(tables: FoundTables) -> str:
        return str(tables("nothing"))

    def known(tables: FoundTables) -> str:
        return "it is 0.50 [0.40, 0.60]."

    found = ChapterFindings("x", (lost, known), {"fig-a": lost, "fig-b": known})
    assert found.of_figure("fig-a", Constructed()) == NO_SENTENCE
    assert found.of_figure("fig-b", Constructed()) == "It is 0.50 [0.40, 0.60]."
    assert found.found(Constructed()).startswith("- It is 0.50.\n\n")
    unknown = rows(("random", (nan, nan, nan)), columns="against").assign(task="gender")
    with pytest.raises(Exception, match="gender"):
        maps_and_masks.over_random(Constructed(None, differences=unknown))


def test_verdicts_are_counted() -> None:
    supported = Judgement("one", 1.0, 0.5, 1.5, "supported", "")
    found = ChapterFindings("x", (), {})
    assert found.found(Constructed(supported)).startswith("- The claim judged here is supported.")


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"profile": "smoke", "seeds": 3}, True),
        ({"data": "lfw"}, False),
        ({"methods": ["a"]}, True),
        ({"methods": ["a", "c"]}, False),
        ({"crop": 0.5}, False),
    ],
)
def test_evidence_covers_a_run_that_asks_no_more(changes: dict[str, object], covered: bool) -> None:
    shared = {"profile": "full", "seeds": None, "data": "faces", "methods": ["a", "b"]}
    evidence = {"analysis": ANALYSIS, "parameters": shared}
    assert covers(evidence, {"parameters": shared | changes}) == covered
    assert not covers(evidence | {"analysis": ANALYSIS - 1}, {"parameters": shared})
    assert covers(evidence, {})


def test_the_strongest_level_may_be_the_smallest_number() -> None:
    levels = [
        ("size", 0.5, (0.2, 0.1, 0.3)),
        ("size", 1.0, (0.9, 0.8, 1.0)),
        ("rotation", 0.0, (0.9, 0.8, 1.0)),
    ]
    curves = rows(*levels, ("rotation", 60.0, (0.3, 0.2, 0.4)), columns="transformation level")
    curves = curves.assign(curve="accuracy", architecture="resnet18")
    said = tolerances.at_the_strongest(Constructed(None, curves=curves))
    assert said == "Accuracy of resnet18 at the strongest level: size 0.20, rotation 0.30."
    layers = rows(
        ("trained", 1.0, (0.1, 0.0, 0.2)),
        ("trained", 0.5, (0.9, 0.8, 1.0)),
        ("untrained", 1.0, (0.9, 0.8, 1.0)),
        ("untrained", 0.5, (0.1, 0.0, 0.2)),
        columns="network level",
    )
    found = tolerances.layers_tolerate(
        Constructed(None, layers=layers.assign(transformation="size", depth=1.0))
    )
    assert found.endswith("is more tolerant for size.")
