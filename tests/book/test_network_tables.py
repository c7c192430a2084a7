"""Tables of single networks: which are planned, shipped, and read instead of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from faceinv.book import network_tables
from faceinv.book.carried_tables import Carried, add_carried
from faceinv.book.chapters import list_chapters
from faceinv.book.network_archives import (
    SHIPPED_TABLES,
    archive_provenance,
    archives,
    table_names,
    table_to_json,
)
from faceinv.book.network_tables import adopt_tables, other_precision, ship_tables
from faceinv.book.pages.instalments import NONE, instalments
from faceinv.book.planned_tables import SHIPPED_FUNCTIONS, NetworkTables, planned_tables
from faceinv.commands.evidence import compute_instalment
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.profiles import PROFILES
from faceinv.models.training_config import fastest
from faceinv.models.training_runs import answers_of, is_trained
from faceinv.reporting.tables import training_precision
from faceinv.runtime.cache import is_cached

SMOKE = PROFILES["smoke"]
CHAPTER = "09_architecture_and_strategy"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes an empty cache under a name, which is used from then on."""

    def use(name: str) -> Path:
        folder = tmp_path / name
        monkeypatch.setenv("FACEINV_CACHE", str(folder))
        return folder

    return use


@pytest.fixture
def one_network(monkeypatch: pytest.MonkeyPatch) -> list[NetworkTables]:
    """A single network, which answers its test images, in place of all that are planned."""
    run = design.tolerance_runs(SMOKE, seeds=1, architecture="resnet18")[0]
    planned = [NetworkTables(CHAPTER, run, ((answers_of, (run,)),))]
    monkeypatch.setattr("faceinv.commands.evidence.planned_tables", lambda _: planned)
    return planned


def test_a_network_is_measured_once_and_then_read_on_any_machine(
    tmp_path: Path, fresh: Callable[[str], Path], one_network: list[NetworkTables]
) -> None:
    fresh("first machine")
    done = compute_instalment(tmp_path, SMOKE)
    assert (done.adopted, done.computed, done.missing) == (0, 1, 0) and done.archive is not None
    assert done.sentences()[-1].startswith("all 1 networks are measured")
    (run,) = (each.run for each in one_network)
    there = answers_of(run)

    fresh("second machine")
    assert (
        compute_instalment(tmp_path, SMOKE).sentences()[0]
        == "1 shipped tables were read, and 0 tables computed"
    )
    assert_frame_equal(answers_of(run), there, check_exact=True)
    design.train_all([run])
    assert not is_trained(run)
    design.train_all([run], answered=True)
    assert is_trained(run)
    assert len(archives(tmp_path / SHIPPED_TABLES)) == 1


def test_a_network_of_two_chapters_counts_once(
    tmp_path: Path,
    fresh: Callable[[str], Path],
    one_network: list[NetworkTables],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh("cache")
    monkeypatch.setattr("faceinv.commands.evidence.planned_tables", lambda _: 2 * one_network)
    done = compute_instalment(tmp_path, SMOKE, hours=1e-9)
    assert (done.networks, done.missing) == (1, 1)


def test_nothing_is_begun_after_the_deadline(
    tmp_path: Path, fresh: Callable[[str], Path], one_network: list[NetworkTables]
) -> None:
    fresh("cache")
    done = compute_instalment(tmp_path, SMOKE, hours=1e-9)
    assert (done.computed, done.missing, done.archive) == (0, 1, None)
    assert "the next instalment goes on there" in done.sentences()[-1]


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan")])
def test_hours_that_are_no_positive_number_are_refused(tmp_path: Path, hours: float) -> None:
    with pytest.raises(InputError, match="expected a positive number"):
        compute_instalment(tmp_path, SMOKE, hours=hours)


def test_other_profiles_and_other_code_do_not_read_the_tables(
    tmp_path: Path,
    fresh: Callable[[str], Path],
    one_network: list[NetworkTables],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh("first machine")
    compute_instalment(tmp_path, SMOKE)
    fresh("second machine")
    assert adopt_tables(tmp_path, "full") == 0
    monkeypatch.setattr(network_tables, "_folder", lambda function: f"{function.__name__}-of-other-code")
    assert adopt_tables(tmp_path, "smoke") == 0


def test_tables_of_older_code_are_read_where_the_present_code_is_known_to_give_them(
    tmp_path: Path,
    fresh: Callable[[str], Path],
    one_network: list[NetworkTables],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh("first machine")
    compute_instalment(tmp_path, SMOKE)
    older = network_tables._folder(answers_of)
    second = fresh("second machine")
    monkeypatch.setattr(network_tables, "_folder", lambda function: f"{function.__name__}-newer")
    machine = Carried(older, "answers_of-newer", 2, "487b9d4", "x86_64", "2026-11-29T00:00:00+00:00")
    add_carried(tmp_path / SHIPPED_TABLES, [machine])
    assert adopt_tables(tmp_path, "smoke") == 1
    (table,) = second.rglob("answers_of-newer/*.pkl")
    assert table.stem == Path(network_tables._name(answers_of, (one_network[0].run,))).stem
    assert adopt_tables(tmp_path, "smoke") == 0  # the cache has it now


def test_tables_of_networks_that_learned_in_another_precision_are_refused_before_any_training(
    tmp_path: Path,
    fresh: Callable[[str], Path],
    one_network: list[NetworkTables],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh("first machine")
    assert other_precision(tmp_path, "smoke") is None  # nothing ships
    compute_instalment(tmp_path, SMOKE)
    assert other_precision(tmp_path, "smoke") is None
    monkeypatch.setattr("faceinv.models.training_config.fastest", lambda: "float64")
    assert other_precision(tmp_path, "full") is None
    assert training_precision("full") == "float32"  # on any machine: each can go on where another stopped
    with pytest.raises(InputError, match=f"learned in {fastest()}, and this machine trains in float64"):
        compute_instalment(tmp_path, SMOKE)


def test_the_page_adds_up_what_instalments_cost(
    tmp_path: Path, fresh: Callable[[str], Path], one_network: list[NetworkTables]
) -> None:
    fresh("cache")
    chapters = list_chapters(Path.cwd())
    assert instalments(tmp_path, "smoke", chapters) == NONE
    assert len(answers_of(one_network[0].run))
    path = ship_tables(tmp_path, "smoke", one_network, {CHAPTER: 5400.0, "10_how_much_pretraining": 12.0})
    assert path is not None and archive_provenance(path)["tables"] == len(table_names(path)) == 1
    page = instalments(tmp_path, "smoke", chapters)
    assert f"{{doc}}`chapters/{CHAPTER}`" in page and "| together | 1 | 1 h 30 min |" in page
    assert "10_how_much_pretraining" not in page  # seconds, for reading the cache
    assert "newer code" not in page
    same = Carried("answers_of-1", "answers_of-2", 3, "487b9d4", "x86_64", "2026-11-29T00:00:00+00:00")
    add_carried(tmp_path / SHIPPED_TABLES, [same, replace(same, older="measure-1", newer="measure-2")])
    told = (
        "`487b9d4` and newer code gave the same tables on 2026-11-29: 6 tables of 2 functions were compared"
    )
    assert told in instalments(tmp_path, "smoke", chapters)
    assert ship_tables(tmp_path, "smoke", one_network, {}) is None


@pytest.mark.slow
def test_a_smoke_book_computes_the_planned_tables_and_no_others(
    smoke_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = smoke_book / "cache"
    monkeypatch.setenv("FACEINV_CACHE", str(cache))
    calls = [call for each in planned_tables(SMOKE) for call in each.calls]
    missing = {function.__name__ for function, given in calls if not is_cached(function, *given)}
    assert missing <= {"answers_of"}  # which chapters 10 and 15 do not ask, and an instalment needs
    files = {function.file_of(*given) for function, given in calls}  # type: ignore[attr-defined]
    for function in set(SHIPPED_FUNCTIONS) - {answers_of}:
        name = network_tables._folder(function)
        assert set((cache / name).glob("*.pkl")) <= files, name
    for function, given in dict(calls).items():
        assert table_to_json(function(*given)), function.__name__
