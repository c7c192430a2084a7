"""Tuning: which rate is chosen, and what a chosen rate changes."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.experiments import design, learning_rates
from faceinv.experiments.invariance import tuning
from faceinv.experiments.invariance.tuning import RATE_COLUMNS, choose_rates, record_rates, tuned
from faceinv.experiments.profiles import PROFILES
from faceinv.experiments.sizes import Profile
from faceinv.models.training_runs import TrainingRun

TRIED = Profile("tried", size=32, width=0.125, tested_identities=3, tuned=(0.5, 1.0, 2.0), tuning_seeds=2)
NOTHING = pd.DataFrame([("vgg16_bn", "none", 2.0, 0.8, 1, True)], columns=list(RATE_COLUMNS))
"""Records of another architecture alone."""


def tried(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Networks of resnet18 by pretraining, factor and validation accuracy."""
    table = pd.DataFrame(rows, columns=["pretraining", "factor", "validation"])
    return table.assign(architecture="resnet18")


def test_the_factor_with_the_best_mean_is_chosen_for_each_pretraining() -> None:
    table = choose_rates(
        tried(
            ("none", 1.0, 0.9),
            ("none", 1.0, 0.1),  # the best single network is no reason
            ("none", 2.0, 0.6),
            ("none", 2.0, 0.6),
            ("objects", 1.0, 0.8),
            ("objects", 2.0, 0.7),
        )
    )
    assert list(table.columns) == list(RATE_COLUMNS)
    chosen = table[table["chosen"]].set_index("pretraining")
    assert chosen["factor"].to_dict() == {"none": 2.0, "objects": 1.0}
    assert chosen["seeds"].to_dict() == {"none": 2, "objects": 1}


def test_choices_at_the_edge_of_what_was_tried_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = choose_rates(
        tried(
            *(("none", factor, reached) for factor, reached in ((0.5, 0.9), (1.0, 0.8), (2.0, 0.7))),
            *(("objects", factor, reached) for factor, reached in ((0.5, 0.7), (1.0, 0.8), (2.0, 0.7))),
            ("faces", 1.0, 0.9),  # one candidate is no choice
        )
    )
    beyond = tried(("none", 0.25, 0.92), ("none", 4.0, 0.1), ("objects", 4.0, 0.8), ("textures", 4.0, 1.0))
    beyond = beyond.assign(seeds=1, images=100)
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: table)
    monkeypatch.setattr(learning_rates, "rates_beyond", lambda: beyond)
    counted = "1 of 2 choices is the lowest or highest factor that was tried. "
    # the variance of the difference is .9 x .1 / 100 + .92 x .08 / 100, whose root is .040
    assert tuning.choices_at_the_edge(table) == (
        f"{counted}Factors of 0.25 and 4 were tried later for 2 of these choices; for 1 of them, accuracy is "
        "higher, by 0.020 (resnet18, none; the standard error of that difference is 0.040)."
    )
    # candidates of other images are not those beyond which was tried
    elsewhere = table.assign(validation=table["validation"] - 0.1)
    assert tuning.choices_at_the_edge(elsewhere) == f"{counted}A better one may lie beyond it."
    monkeypatch.setattr(learning_rates, "rates_beyond", lambda: beyond.assign(validation=0.5))
    assert tuning.choices_at_the_edge(table) == (
        f"{counted}Factors of 0.25 and 4 were tried later for 2 of these choices; accuracy is higher for "
        "none."
    )


def test_factors_beyond_the_candidates_are_recorded_and_change_no_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, ...]] = []

    def found(_: object, profile: Profile) -> pd.DataFrame:
        asked.append(profile.tuned)
        return choose_rates(tried(("none", 0.25, 0.9), ("none", 4.0, 0.4)))

    old = pd.DataFrame(
        [("vgg16_bn", "none", 0.25, 0.7, 1, 9)],
        columns=[*(n for n in RATE_COLUMNS if n != "chosen"), "images"],
    )
    monkeypatch.setattr(learning_rates, "rates_beyond", lambda: old)
    monkeypatch.setattr(tuning, "candidates", found)
    monkeypatch.setattr(tuning, "splits", lambda _: SimpleNamespace(validation=range(7)))
    path = tmp_path / "beyond.csv"
    table = tuning.record_beyond(TRIED, ["resnet18"], (0.25, 4.0), path)
    assert asked == [(0.25, 4.0)] and "chosen" not in table.columns
    written = pd.read_csv(path)
    assert written["architecture"].tolist() == ["vgg16_bn", "resnet18", "resnet18"]
    assert written["images"].tolist() == [9, 7, 7]
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["command"] == "faceinv tune --profile tried --beyond 0.25,4 resnet18"
    for factors in ((), (0.0,), (1.0,), (float("nan"),)):
        with pytest.raises(InputError, match=r"factors beyond are .* not among the candidates"):
            tuning.record_beyond(TRIED, ["resnet18"], factors, path)


def test_what_was_tried_beyond_the_recorded_rates_is_no_candidate() -> None:
    keys = ["architecture", "pretraining", "factor"]
    beyond = learning_rates.rates_beyond()
    assert beyond.merge(learning_rates.recorded_rates(), on=keys).empty
    assert not beyond.duplicated(keys).any()


def test_of_equal_factors_the_one_nearest_to_the_usual_rate_is_chosen() -> None:
    table = choose_rates(tried(("none", 0.5, 0.7), ("none", 1.0, 0.7), ("none", 2.0, 0.7)))
    assert table.loc[table["chosen"], "factor"].tolist() == [1.0]


def test_networks_that_choose_a_rate_are_none_of_those_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[TrainingRun] = []

    def curves(run: TrainingRun) -> pd.DataFrame:
        return pd.DataFrame({"validation": [0.0, run.recipes[0].rate]})

    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: NOTHING)
    monkeypatch.setattr(design, "train_all", trained.extend)
    monkeypatch.setattr(tuning, "learning_curves", curves)
    runs = design.tolerance_runs(TRIED, seeds=3, architecture="resnet18")
    found, table = tuned(runs, TRIED)
    assert len(trained) == 2 * 3 and not {run.seed for run in trained} & {run.seed for run in runs}
    assert table.loc[table["chosen"], "factor"].tolist() == [2.0]  # here the validation is the rate
    assert [replace(each, recipes=()) for each in found] == [replace(each, recipes=()) for each in runs]
    assert {each.recipes[0].rate for each in found} == {2 * runs[0].recipes[0].rate}


def test_a_recorded_choice_is_found_again_by_the_same_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: NOTHING)
    pairs = [("resnet18", "none")]
    before = [run for *_, run in tuning.candidate_runs(pairs, TRIED)]
    (usual,) = design.tolerance_runs(TRIED, seeds=1, architecture="resnet18")
    recorded = pd.DataFrame([("resnet18", "none", 2.0, 0.8, 1, True)], columns=list(RATE_COLUMNS))
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: recorded)
    assert [run for *_, run in tuning.candidate_runs(pairs, TRIED)] == before
    (run,) = design.tolerance_runs(TRIED, seeds=1, architecture="resnet18")
    assert tuning.at_factor(run, 2.0) == run and tuning.at_factor(run, 1.0) == usual


def test_without_factors_runs_keep_the_recorded_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: NOTHING)
    usual = design.tolerance_runs(TRIED, seeds=1, architecture="resnet18")
    recorded = pd.DataFrame(
        [("resnet18", "none", 0.5, 0.8, 1, True), ("resnet18", "none", 1.0, 0.7, 1, False)],
        columns=list(RATE_COLUMNS),
    )
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: recorded)
    quiet = replace(TRIED, tuned=())
    runs = design.tolerance_runs(quiet, seeds=1, architecture="resnet18")
    assert runs[0].recipes[0].rate == 0.5 * usual[0].recipes[0].rate
    found, table = tuned(runs, quiet)
    assert found == runs and table.equals(recorded)
    assert learning_rates.rate_factor("resnet18", "none-0-4") == 0.5
    assert (
        learning_rates.rate_factor("resnet18", "objects") == learning_rates.rate_factor("vgg16", "none") == 1
    )


def test_rates_are_recorded_with_the_command_that_chose_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = pd.DataFrame(
        [("resnet18", "none", 0.5, 0.8, 1, True), ("vgg16_bn", "none", 1.0, 0.7, 1, True)],
        columns=list(RATE_COLUMNS),
    )
    new = pd.DataFrame([("resnet18", "none", 2.0, 0.9, 1, True)], columns=list(RATE_COLUMNS))
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: old)
    monkeypatch.setattr(tuning, "candidates", lambda *_: new)
    path = tmp_path / "rates.csv"
    record_rates(TRIED, ["resnet18"], path)
    written = pd.read_csv(path)
    assert written.set_index("architecture")["factor"].to_dict() == {"vgg16_bn": 1.0, "resnet18": 2.0}
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["command"] == "faceinv tune --profile tried resnet18" and record["profile"]["tuned"]
    with pytest.raises(InputError, match="tries no factors"):
        record_rates(replace(TRIED, tuned=()), ["resnet18"], path)


def test_recorded_rates_are_one_for_each_architecture_and_pretraining() -> None:
    table = learning_rates.recorded_rates()
    assert list(table.columns) == list(RATE_COLUMNS)
    assert (table.groupby(["architecture", "pretraining"])["chosen"].sum() == 1).all()


def test_a_choice_that_is_recorded_at_the_same_sizes_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    full = PROFILES["full"]
    runs = [
        run for name in full.architectures for run in design.tolerance_runs(full, seeds=1, architecture=name)
    ]
    monkeypatch.setattr(tuning, "candidates", lambda *_: pytest.fail("networks are trained to choose a rate"))
    chosen, table = tuned(runs, full)
    assert chosen == runs and set(table["architecture"]) == set(full.architectures)
    assert tuning.is_tuned(runs, full, "photographs")
    assert tuning.is_tuned(runs, replace(full, tested_exposures=1)) and not tuning.recorded_at(
        replace(full, size=65)
    )


def test_only_what_was_recorded_at_these_sizes_counts_as_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rates.csv"
    assert tuning._architectures_at(TRIED, path) == []
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: NOTHING)
    monkeypatch.setattr(
        tuning, "candidates", lambda pairs, *_: NOTHING.assign(architecture=pairs[0][0], factor=0.5)
    )
    record_rates(TRIED, ["resnet18"], path)
    assert tuning.recorded_at(TRIED, path) == {("resnet18", "none")}  # not vgg16_bn, recorded before
    monkeypatch.setattr(learning_rates, "recorded_rates", lambda: pd.read_csv(path))
    record_rates(TRIED, ["alexnet_bn"], path)
    assert tuning.recorded_at(TRIED, path) == {("resnet18", "none"), ("alexnet_bn", "none")}
    record_rates(replace(TRIED, size=48), ["squeezenet1_1_bn"], path)
    assert tuning.recorded_at(TRIED, path) == set()
    assert tuning.recorded_at(replace(TRIED, size=48), path) == {("squeezenet1_1_bn", "none")}
