"""The plan of the book: what it counts, how long it says that takes, and that chapters train just that."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REPOSITORY

from faceinv import cli
from faceinv.book.forecast import Forecast, duration
from faceinv.book.plan import Plan, PlannedChapter, known_times, likely_times, measured_times, plan_book
from faceinv.book.planned_networks import (
    CHAPTER_NETWORKS,
    PlannedNetwork,
    SizedChapter,
    planned_networks,
    run_networks,
    tuned_networks,
)
from faceinv.book.planned_passes import CHAPTER_PASSES, Passes
from faceinv.commands import plan as command
from faceinv.experiments import design, step_times
from faceinv.experiments.profiles import PROFILES
from faceinv.experiments.step_times import StepTimes
from faceinv.runtime import cluster

KEY = ("resnet18", 0.25, 48)
TIMES = {KEY: StepTimes(training=2.0, forward=0.5, relevance=3.0)}


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))


def two_networks() -> tuple[PlannedNetwork, ...]:
    runs = design.training_runs(PROFILES["smoke"], tasks=["identity"], architecture="resnet18")
    return tuple(run_networks(runs))


def chapter(unchanged: bool = False) -> PlannedChapter:
    networks = two_networks()
    return PlannedChapter("01_a", networks, networks[:1], Passes(10, 1), unchanged)


def test_time_is_that_of_training_and_of_passes() -> None:
    shown = two_networks()[0].exposures
    assert chapter().seconds(TIMES) == shown * 2.0 + 2 * (10 * 0.5 + 1 * 3.0)
    assert chapter(unchanged=True).seconds(TIMES) == 0


def test_a_second_worker_halves_the_time() -> None:
    plan = Plan(PROFILES["smoke"], (chapter(),), ())
    alone, two = (command.seconds_with(plan, TIMES, 0.1, count) for count in (1, 2))
    assert alone == 2 * two == chapter().seconds(TIMES) + plan.other_seconds(0.1)
    said = command.hours_here(plan, TIMES, "cpu", 0.1, 2)
    assert f"2 workers {duration(two)}; a second worker saves {duration(two)}" in said


def test_elsewhere_rests_on_the_rate_that_is_given() -> None:
    plan = Plan(PROFILES["smoke"], (chapter(),), ())
    said = command.hours_elsewhere(plan, 0.1, images_per_second=1000)
    assert "as given" in said and "1,000 images a second of vgg16_bn" in said
    assert "an assumption" in command.hours_elsewhere(plan, 0.1)
    rate = step_times.operations_from(1000, "vgg16_bn", 0.25, 48)
    assert step_times.assumed_steps("vgg16_bn", 0.25, 48, "gpu", rate).training == pytest.approx(1e-3)


def test_where_rates_are_chosen_any_of_them_is_the_network() -> None:
    sizes = replace(PROFILES["full"], tested_exposures=14_000)  # for which no rates are recorded
    runs = design.tolerance_runs(sizes, architecture="resnet18", seeds=2)
    found = tuned_networks(runs, SizedChapter(sizes, {"data": "faces"}))
    assert len(found) == len(sizes.tuned) * sizes.tuning_seeds + len(runs)
    assert [len(each.keys) for each in found[-2:]] == [
        2 * len(sizes.tuned)
    ] * 2  # it is trained, or has answered


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("09_architecture_and_strategy", "15_reading_under_transformation"),
        ("15_reading_under_transformation", "09_architecture_and_strategy"),
    ],
)
def test_a_network_of_two_chapters_is_trained_once_by_the_longer(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    """Chapter 9 chooses among rates, of which chapter 15 takes the recorded one."""
    monkeypatch.setattr("faceinv.book.plan.usual_seconds", lambda _, name: float(name == first))
    sizes = replace(PROFILES["full"], moved=("resnet18",), architectures=("resnet18",), seeds=1)
    monkeypatch.setattr("faceinv.book.plan.sizes_of", lambda _: sizes)
    chapters = {each.name: each for each in plan_book(REPOSITORY, "full").chapters}
    assert list(chapters) == sorted(chapters)
    shared = len(chapters["15_reading_under_transformation"].networks)
    assert len(chapters[first].new) >= shared > 0
    assert len(chapters[second].new) <= len(chapters[second].networks) - shared


def test_measured_times_are_kept_and_used() -> None:
    assert likely_times([KEY], "cpu")[KEY] == step_times.assumed_steps(*KEY)
    found = measured_times([KEY], "cpu", seconds=0.01)
    assert known_times([KEY], "cpu") == found and likely_times([KEY], "cpu") == found
    assert 0 < found[KEY].forward < found[KEY].training


def test_times_of_training_in_another_precision_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    timed = []
    monkeypatch.setattr("faceinv.book.plan.workers", lambda _: list)
    monkeypatch.setattr("faceinv.book.plan.delayed", lambda function: function)

    def steps(*arguments: object) -> step_times.StepTimes:
        timed.append(arguments[-1])
        return step_times.StepTimes(2.0, 1.0, 1.0)

    monkeypatch.setattr(step_times, "measured_steps", steps)
    measured_times([KEY], "cpu", 0.01, "float64")
    assert set(timed) == {"float64"}  # this is what networks learned in while they were timed
    assert known_times([KEY], "cpu", "float64")[KEY].training == 2
    assert not known_times([KEY], "cpu")


def test_a_forecast_is_of_the_workers_of_a_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def scheduler_info(self, _: int) -> dict[str, dict[str, object]]:
            return {"workers": dict.fromkeys(("a", "b", "c"))}

    plan = Plan(PROFILES["smoke"], (chapter(),), ())
    monkeypatch.setattr(command, "plan_book", lambda *_: plan)
    monkeypatch.setattr(cluster, "connected", lambda _: Client())
    monkeypatch.setenv("FACEINV_SCHEDULER", "tcp://w:1")
    monkeypatch.setenv("FACEINV_DEVICE", "cuda")  # which this machine need not have
    found = command.forecast_of(Path(), "smoke")
    assert found.sentence.startswith("plan: 1 of 1 chapters, 1 of 2 networks to train, about ")
    assert found.sentence.endswith(" with 3 workers") and set(found.seconds) == {"01_a"}


def test_what_is_left_follows_what_has_passed() -> None:
    forecast = Forecast("", {"a": 10, "b": 20, "c": 10})
    assert forecast.left(30, running=["b"], waiting=["c"]) == 30 * 20 / 20
    assert forecast.left(5, running=[], waiting=["a", "b", "c"]) == 0  # nothing to go by
    assert [duration(seconds) for seconds in (89, 600, 7200, 360_000)] == ["89 s", "10 min", "2.0 h", "100 h"]


def test_every_chapter_with_networks_has_passes() -> None:
    assert set(CHAPTER_NETWORKS) == set(CHAPTER_PASSES)


def test_the_command_says_what_a_small_book_would_compute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("faceinv.book.plan.measured_times", lambda keys, *_: likely_times(keys, "cpu"))
    monkeypatch.setattr("faceinv.book.plan.rendering_seconds", lambda _: 0.1)
    monkeypatch.setattr(
        "faceinv.book.plan.planned_networks",
        lambda name, *_: {each.keys: each for each in two_networks()} if name == "05_generalization" else {},
    )
    monkeypatch.setattr(sys, "argv", ["faceinv", "plan", "--profile", "smoke", "--device", "cpu"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
    said = capsys.readouterr().out.splitlines()
    row = next(line for line in said if line.startswith("05_generalization"))
    assert row.split()[1:4] == ["2", "0", "2"]
    assert any(line.startswith("elsewhere: 1 GPU") for line in said)


def test_a_smoke_book_trains_the_planned_networks_and_no_others(
    smoke_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(smoke_book / "cache"))
    plan = plan_book(smoke_book, "smoke")
    every = [network for each in plan.chapters for network in each.networks]
    assert every and all(network.is_kept() for network in every)
    assert not plan.new and not plan.missing
    files = {function.file_of(item) for network in every for function, item in network.keys}  # type: ignore[attr-defined]
    trained = {file for folder in {file.parent for file in files} for file in folder.glob("*.pkl")}
    assert trained <= files
    assert planned_networks("16_unknown", PROFILES["smoke"], {}) == {}
