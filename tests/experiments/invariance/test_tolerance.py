"""Tolerance: its summaries on curves that are known, and its measurement on a tiny network."""

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.invariance.tolerance import (
    TOLERANCE_MEASURES,
    Tolerance,
    by_level,
    by_network,
    by_network_without_each,
    images_to_transform,
    interval_of_mean,
    measure,
    ordered,
    relative,
    summaries,
    summary,
    transformed_stimuli,
    versatile,
)
from faceinv.experiments.sizes import Profile
from faceinv.models.training import evaluate
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations.transformations import TRANSFORMATIONS

PROFILE = Profile("tiny", size=32, samples=1, identities=4, identity_views=6, seeds=2, exposures=64)
CHANCE = 0.25


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        yield design.training_runs(PROFILE, tasks=["identity"], seeds=1, architecture="resnet18")[0]


def line(
    levels: tuple[float, ...], transformation: str, reach: float, top: float = 1.0, start: float = 0.0
) -> np.ndarray:
    """Accuracies that fall, chance-corrected, in a line from `top` at strength `start` to 0 at `reach`."""
    strength = np.array([TRANSFORMATIONS[transformation].strength(level) for level in levels])
    return CHANCE + (1 - CHANCE) * top * np.maximum((reach - strength) / (reach - start), 0)[None]


def simulated(seeds: int = 4, images: int = 60, slopes: dict[str, float] | None = None) -> pd.DataFrame:
    """Answers of networks of two strategies whose probability of being right is known."""
    rng = np.random.default_rng(0)
    levels = TRANSFORMATIONS["rotation"].levels
    rows = []
    for strategy, top in (slopes or {"scratch": 0.5, "finetuned": 0.9}).items():
        expected = line(levels, "rotation", 60, top)[0]
        for seed in range(seeds):
            for level, accuracy in zip(levels, expected, strict=True):
                for image, right in enumerate(rng.random(images) < accuracy):
                    rows.append((strategy, seed, level, image, f"person {image % 6}", right))
    table = pd.DataFrame(rows, columns=["strategy", "seed", "level", "image", "identity", "correct"])
    return table.assign(task="identity", architecture="vgg16_bn", transformation="rotation")


@pytest.mark.parametrize("name", TRANSFORMATIONS)
@pytest.mark.parametrize("top", [1.0, 0.4])
def test_summaries_of_a_straight_line(name: str, top: float) -> None:
    transformation = TRANSFORMATIONS[name]
    levels = transformation.levels_at(64)
    start, reach = (transformation.strength(levels[i]) for i in (0, -1))
    accuracy = line(levels, name, reach, top, start)
    found = {
        which: summary(which, name, np.array(levels), accuracy, CHANCE)[0] for which in TOLERANCE_MEASURES
    }
    assert found["untransformed"] == pytest.approx(CHANCE + (1 - CHANCE) * top)
    assert found["area"] == pytest.approx(top / 2)
    assert found["tolerance"] == pytest.approx(1 / 2)
    assert found["half-width"] == pytest.approx(transformation.level((start + reach) / 2))
    shuffled = np.random.default_rng(0).permutation(len(levels))
    again = summary("half-width", name, np.array(levels)[shuffled], accuracy[:, shuffled], CHANCE)
    assert again[0] == pytest.approx(found["half-width"])


def test_half_width_is_known_for_each_kind_of_level() -> None:
    halves = {"position": 0.125, "size": 0.8, "rotation": 20.0, "blur": 0.02, "resolution": 30.0}
    for name, half in halves.items():
        transformation = TRANSFORMATIONS[name]
        levels = np.array(transformation.levels)
        accuracy = line(transformation.levels, name, 2 * transformation.strength(half))
        assert summary("half-width", name, levels, accuracy, CHANCE)[0] == pytest.approx(half, rel=0.15)


def test_curves_that_never_fall_and_networks_that_know_nothing() -> None:
    levels = np.array(TRANSFORMATIONS["rotation"].levels)
    flat = np.full((1, len(levels)), 0.8)
    assert summary("half-width", "rotation", levels, flat, CHANCE) == levels[-1]
    assert summary("tolerance", "rotation", levels, flat, CHANCE) == pytest.approx(1)
    guessing = np.full((1, len(levels)), CHANCE)
    assert np.isnan(summary("half-width", "rotation", levels, guessing, CHANCE)).all()
    assert np.isnan(summary("tolerance", "rotation", levels, guessing, CHANCE)).all()
    assert summary("area", "rotation", levels, guessing, CHANCE) == 0


def test_tolerance_is_relative_and_area_is_not() -> None:
    table = simulated()
    found = summaries(by_level(table, ["strategy"], draws=300), CHANCE)
    area, tolerance = (found[name].interval().set_index("strategy") for name in ("area", "tolerance"))
    assert area["estimate"]["finetuned"] > 1.4 * area["estimate"]["scratch"]
    levels = TRANSFORMATIONS["rotation"].levels
    expected = summary("tolerance", "rotation", np.array(levels), line(levels, "rotation", 60), CHANCE)[0]
    for row in tolerance.itertuples():
        assert row.low < expected < row.high and row.seeds == 4
    assert len(found["area"].contrast("strategy", "finetuned", "scratch")) == 1


def test_one_row_a_network_is_what_the_summaries_average() -> None:
    table = simulated(seeds=3)
    single = by_network(table, CHANCE, ["strategy"])
    assert len(single) == 6 and set(TOLERANCE_MEASURES) < set(single.columns)
    whole = summaries(by_level(table, ["strategy"], draws=20), CHANCE)["area"].estimate
    means = single.groupby("strategy")["area"].mean()
    assert np.allclose(means[["finetuned", "scratch"]], [whole["finetuned"].item(), whole["scratch"].item()])


def test_a_network_without_a_person_is_that_of_the_other_people() -> None:
    table = simulated(seeds=2).assign(base="none")
    table = table[table["identity"] != table["identity"].iloc[0]].reset_index(drop=True)
    found = by_network_without_each(table, CHANCE, ["strategy"])
    assert list(found) == ["strategy", "base", "seed", "transformation", "without", "tolerance"]
    people = table["identity"].unique()
    assert len(found) == 4 * len(people)
    for name in people[:2]:
        alone = by_network(table[table["identity"] != name], CHANCE, ["strategy"])
        keys = ["strategy", "seed"]
        both = found[found["without"] == name].merge(alone, on=keys, suffixes=("", "_alone"))
        assert len(both) == 4 and np.allclose(both["tolerance"], both["tolerance_alone"])


def test_measured_answers_are_those_of_the_network(run: TrainingRun) -> None:
    plan = Tolerance(run, "resolution")
    table = measure(plan)
    stimuli = images_to_transform(plan)
    assert list(table["level"].unique()) == [32, 24, 16]
    assert len(table) == 3 * len(stimuli) and set(table["seed"]) == {0}
    untransformed = evaluate(train(run).network, stimuli)["correct"].to_numpy()
    assert np.array_equal(table[table["level"] == 32]["correct"], untransformed)
    assert list(table["identity"][: len(stimuli)]) == list(stimuli.table["identity"])


def test_plans_choose_levels_and_images(run: TrainingRun) -> None:
    plan = Tolerance(run, "size", (1, 0.5), images=3)
    assert len(measure(plan)) == 6
    assert Tolerance(run, "rotation") == Tolerance(run, "rotation", TRANSFORMATIONS["rotation"].levels)
    for levels in ((0.5, 0.25), (1.0,), (1.0, 0.5, 0.75)):
        with pytest.raises(InputError, match="increasing strength"):
            Tolerance(run, "size", levels)
    with pytest.raises(InputError, match="transformation is"):
        Tolerance(run, "colour")


def test_relative_curves_begin_at_one_and_end_where_tolerance_says() -> None:
    table = simulated(images=400)
    curves = by_level(table, ["strategy"], draws=50)
    shares = relative(curves, CHANCE).interval()
    assert np.allclose(shares.loc[shares["level"] == 0, ["estimate", "low", "high"]], 1)
    expected = line(TRANSFORMATIONS["rotation"].levels, "rotation", 60)[0]
    own = shares[shares["strategy"] == "finetuned"].sort_values("level")["estimate"]
    assert np.allclose(own, (expected - CHANCE) / (1 - CHANCE), atol=0.06)


def test_relative_curves_of_a_network_at_chance_are_unknown() -> None:
    table = simulated(slopes={"scratch": 0.0, "finetuned": 0.9})
    table.loc[(table["strategy"] == "scratch") & (table["level"] == 0), "correct"] = False
    shares = relative(by_level(table, ["strategy"], draws=20), CHANCE).estimate
    assert shares["scratch"].isna().all() and shares["finetuned"].notna().all()


def test_rows_are_put_in_order() -> None:
    table = pd.DataFrame(
        {"transformation": ["blur", "size", "blur", "size"], "strategy": ["a", "a", "b", "b"], "n": range(4)}
    )
    assert list(ordered(table)["n"]) == [1, 3, 0, 2]
    assert list(ordered(table, strategy=["b", "a"])["n"]) == [3, 2, 1, 0]


def test_the_upper_bound_learns_from_every_transformation_and_level() -> None:
    rng = np.random.default_rng(0)
    images = np.repeat(rng.integers(0, 255, (21, 64, 64, 1), np.uint8), 3, axis=3)
    table = pd.DataFrame({"identity": [f"{i:02d}" for i in range(21)], "gender": "", "view": "0"})
    stimuli = Stimuli(images, table)
    moved = transformed_stimuli(stimuli, copies=2)
    assert len(moved) == 5 * 2 * 21
    assert list(moved.table["identity"][:21]) == list(table["identity"])
    rotated = moved.images[2 * 2 * 21 :][:42]  # position and size come first
    untouched = [
        i for i in range(42) if np.array_equal(rotated[i], images[i % 21])
    ]  # one of seven levels is the identity
    assert len(untouched) == 42 // 7
    levels = TRANSFORMATIONS["rotation"].levels
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    first = TRANSFORMATIONS["rotation"](pixels[:1], levels[0])
    assert np.array_equal(rotated[0], first[0].permute(1, 2, 0).numpy().astype(np.uint8))
    whole = TRANSFORMATIONS["rotation"](pixels[:2], levels[1], torch.arange(2)).round().clamp(0, 255)
    assert np.array_equal(rotated[1], whole[1].permute(1, 2, 0).numpy().astype(np.uint8))


@pytest.mark.slow
def test_the_upper_bound_is_another_network(run: TrainingRun) -> None:
    plan = Tolerance(run, "rotation", (0.0, 20.0), augmented=True)
    plain = train(run).network.module.state_dict()
    own = versatile(run).module.state_dict()
    assert any(not (plain[name] == own[name]).all() for name in plain)
    assert len(measure(plan)) == 2 * len(splits(run).test)


def test_the_mean_of_all_conditions_is_unknown_if_one_is() -> None:
    table = simulated(seeds=3)
    boot = by_level(table, ["strategy"], draws=20).average("transformation").average("level")
    estimate, low, high, df = interval_of_mean(boot)
    assert low <= estimate <= high and estimate == pytest.approx(boot.estimate.mean())
    assert df == boot.combine(lambda frame: frame.mean(axis=1)).interval()["df"].iloc[0]
    unknown = boot.where(np.array([True, False]), "no number")
    assert np.isnan(interval_of_mean(unknown)).all()
