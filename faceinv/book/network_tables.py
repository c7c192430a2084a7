"""Tables of single networks: what each network of the second study answered, which ships with the book.

A network of the full run takes minutes to train and to measure, and all of them together take many hours on
two cores. What is measured of one is a few tables, which are far smaller than its weights. They ship, so that
the full run can be computed in instalments, on several machines, and analysed again without training.
They are read by runs of the profile that they are of, and by no other: a replication trains its own networks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

from faceinv.book import network_archives as archives
from faceinv.book.network_archives import SHIPPED_TABLES
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.image_sets import FACES
from faceinv.experiments.invariance import diversity, familiarity, tolerance, tuning
from faceinv.experiments.invariance.first_layer import kernels
from faceinv.experiments.invariance.layer_similarity import (
    Invariance,
    layer_similarities,
    moderate_levels,
)
from faceinv.experiments.invariance.probes import measure_probe, probes_of
from faceinv.experiments.invariance.tolerance import Tolerance
from faceinv.experiments.invariance.training_paths import measure_path
from faceinv.experiments.reading.moving_maps import Reading, read_moving
from faceinv.experiments.sizes import Profile
from faceinv.models.training_config import fastest
from faceinv.models.training_runs import SCRATCH, TrainingRun, answers_of
from faceinv.perturbations.transformations import TRANSFORMATIONS
from faceinv.reporting.tables import commit, machine
from faceinv.runtime import cache
from faceinv.runtime.cache import is_cached
from faceinv.runtime.cluster import where
from faceinv.runtime.fingerprints import versions
from faceinv.runtime.locations import cache_folder

SHIPPED_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    answers_of,
    tolerance.measure,
    measure_path,
    measure_probe,
    layer_similarities,
    kernels,
    read_moving,
)
"""The cached functions whose tables ship."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A cached function that returns a table, and its arguments."""


@dataclass(frozen=True)
class NetworkTables:
    """The tables of one network.

    Attributes
    ----------
    chapter : the chapter that needs them first
    run : the network
    calls : cached functions with their arguments, each of which gives a table
    """

    chapter: str
    run: TrainingRun
    calls: tuple[Call, ...]

    def missing(self) -> list[Call]:
        """The calls whose tables are not in the cache."""
        return [(function, given) for function, given in self.calls if not is_cached(function, *given)]


@dataclass(frozen=True)
class Measured:
    """What an instalment computed of a network: the number of tables, and seconds of the processor."""

    tables: int = 0
    seconds: float = 0.0


def planned_tables(sizes: Profile) -> list[NetworkTables]:
    """The tables of all networks whose tables ship, in the order in which they are computed.

    Chapters 9, 11 and 15, whose networks are the same, come first, seed by seed. Learning rates are those
    that are recorded for these sizes (see `faceinv.experiments.invariance.tuning.tuned`).
    """
    stages = ((_architecture_and_strategy, _reading), (_controls,), (_how_much_pretraining,))
    found: list[NetworkTables] = []
    for parts in stages:
        of_stage = [each for part in parts for each in part(sizes)]
        found += sorted(of_stage, key=lambda each: each.run.seed)
    return found


def _architecture_and_strategy(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapters 9 and 11: each architecture after each strategy."""
    chapter = "09_architecture_and_strategy"
    for run in _tuned(_strategies(sizes), sizes):
        calls: list[Call] = [
            *_answered(run, sizes),
            (measure_path, (run, sizes.transformed)),
            (kernels, (run,)),
        ]
        if run.architecture in sizes.probed:
            for trained in (True, False) if run.strategy == SCRATCH else (True,):
                calls += [
                    (layer_similarities, (Invariance(run, name, levels, sizes.transformed, trained=trained),))
                    for name, levels in moderate_levels(sizes.size).items()
                ]
        yield NetworkTables(chapter, run, tuple(calls))
    for name in sizes.architectures:
        for probe in probes_of(sizes, name):
            yield NetworkTables(chapter, probe.run, ((measure_probe, (probe,)),))


def _controls(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 9: wide augmentation, training on transformed images, and plain AlexNet."""
    chapter = "09_architecture_and_strategy"
    for run in _tuned(_strategies(sizes), sizes):
        if run.architecture in sizes.augmented:
            wide = design.with_wide_augmentation(run)
            calls = _answered(wide, sizes)
            if run.strategy == SCRATCH:
                calls.append((measure_path, (wide, sizes.transformed)))
                calls += _measured(run, sizes, augmented=True)
            yield NetworkTables(chapter, wide, tuple(calls))
    for run in _tuned(_bare(sizes), sizes):
        yield NetworkTables(chapter, run, tuple(_answered(run, sizes)))


def _reading(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 15: the same networks."""
    for run in _strategies(sizes, sizes.moved):
        plans = [Reading(run, name, sizes.transformed) for name in TRANSFORMATIONS]
        calls: list[Call] = [(answers_of, (run,)), *((read_moving, (plan,)) for plan in plans)]
        yield NetworkTables("15_reading_under_transformation", run, tuple(calls))


def _how_much_pretraining(sizes: Profile) -> Iterator[NetworkTables]:
    """Chapter 10: parts of a pretraining set, stages of a base, and people that a base has met."""
    for run in _tuned(_amounts(sizes), sizes):
        yield NetworkTables("10_how_much_pretraining", run, tuple(_answered(run, sizes)))


def _strategies(sizes: Profile, names: Sequence[str] = ()) -> list[TrainingRun]:
    return [run for name in names or sizes.architectures for run in design.strategies(sizes, name)]


def _bare(sizes: Profile) -> list[TrainingRun]:
    """AlexNet with and without batch normalisation; none where images are too small for it."""
    pair = ("alexnet_bn", "alexnet")
    try:
        return [run for name in pair for run in design.tolerance_runs(sizes, FACES, None, name)]
    except InputError:
        return []


def _amounts(sizes: Profile, set_: str = "objects") -> list[TrainingRun]:
    runs = []
    for name in sizes.probed:
        chosen, _ = diversity.conditions(sizes, name, set_)
        runs += [run for _, run in diversity.condition_runs(sizes, name, chosen)]
        runs += [run for _, run in design.transferred(sizes, name, set_)]
    return runs + [run for name in sizes.augmented for run in familiarity.familiar_runs(sizes, name)]


def _tuned(runs: Sequence[TrainingRun], sizes: Profile) -> list[TrainingRun]:
    return tuning.tuned(runs, sizes)[0]


def _answered(run: TrainingRun, sizes: Profile) -> list[Call]:
    """Answers to the test images, as they are and transformed."""
    return [(answers_of, (run,)), *_measured(run, sizes)]


def _measured(run: TrainingRun, sizes: Profile, augmented: bool = False) -> list[Call]:
    return [
        (tolerance.measure, (Tolerance(run, name, images=sizes.transformed, augmented=augmented),))
        for name in TRANSFORMATIONS
    ]


def measure_until(tables: NetworkTables, deadline: float) -> Measured:
    """Compute the missing tables of a network, and keep them in the cache.

    Parameters
    ----------
    tables : of the network
    deadline : time (`time.time`) after which no further table is begun
    """
    count, start = 0, time.process_time()
    for function, given in tables.missing():
        if time.time() >= deadline:
            break
        function(*given)
        count += 1
    return Measured(count, time.process_time() - start)


def ship_tables(
    root: Path, profile: str, tables: Sequence[NetworkTables], seconds: Mapping[str, float]
) -> Path | None:
    """Write those tables of networks that are in the cache and do not ship yet as one archive.

    Parameters
    ----------
    root : folder of the book
    profile : its name
    tables : of the networks
    seconds : time of processors that they took, by chapter

    Returns
    -------
    Path or None
        The archive; None if there is nothing to write.
    """
    folder = root / SHIPPED_TABLES
    shipped = {name for path in archives.archives(folder) for name in archives.table_names(path)}
    found = {}
    for function, given in chain.from_iterable(each.calls for each in tables):
        name = _name(function, given)
        if name not in shipped and name not in found and is_cached(function, *given):
            found[name] = archives.table_to_json(function(*given))
    if not found:
        return None
    provenance = {
        "profile": profile,
        "tables": len(found),
        "seconds": {chapter: round(each) for chapter, each in seconds.items()},
        "commit": commit(),
        "machine": machine(),
        "device": where(),
        "training precision": fastest(),
        "versions": versions("faceinv.experiments"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return archives.write_archive(folder, found, provenance)


def adopt_tables(root: Path, profile: str) -> int:
    """Copy the shipped tables of a profile into the cache, from which chapters read them; their number.

    Those that other code has computed, or other versions of libraries, are left out, and so are those that
    the cache has.

    Raises
    ------
    InputError
        If an archive is not as it was shipped.
    """
    current = {_folder(function) for function in SHIPPED_FUNCTIONS}
    count = 0
    for path in archives.provenance_of_profile(root / SHIPPED_TABLES, profile):
        wanted = {
            name: file
            for name in archives.table_names(path)
            if name.rpartition("/")[0] in current
            and not (file := (cache_folder() / name).with_suffix(".pkl")).is_file()
        }
        for name, table in archives.read_tables(path, list(wanted)):
            cache._write(wanted[name], table, name)
            count += 1
    return count


def _name(function: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Name of a table in an archive: that of its file in the cache, which says all that it depends on."""
    file: Path = function.file_of(*given)  # type: ignore[attr-defined]
    return file.relative_to(cache_folder()).with_suffix(".json").as_posix()


def _folder(function: Callable[..., Any]) -> str:
    """Folder of the results of a function in the cache, relative to it."""
    needed = [each for each in signature(function).parameters.values() if each.default is each.empty]
    return _name(function, (None,) * len(needed)).rpartition("/")[0]
