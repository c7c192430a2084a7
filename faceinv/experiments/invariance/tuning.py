"""Tuning: the learning rate of each architecture and strategy, chosen by validation on networks of their own.

Strategies are compared at equal exposures, and each at a rate that suits it: a network that begins with a
base may need another one than a network that begins at random. The networks by which a rate is chosen have
seeds that no tested network has, so that the choice favours none of the networks that are compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from faceinv.errors import InputError
from faceinv.experiments import design, learning_rates
from faceinv.experiments.image_sets import FACES, Data
from faceinv.experiments.sizes import Profile
from faceinv.models.training_runs import TrainingRun, learning_curves, splits
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.fingerprints import fingerprint, versions

ROUNDED_RATE = 1e-5
"""Largest difference of a recorded accuracy, which has six digits, from the one that was measured."""

SIZES_OF_RATES = (
    "size",
    "samples",
    "width",
    "rates",
    "tested_identities",
    "tested_views",
    "tested_exposures",
    "tuned",
    "tuning_seeds",
)
"""Sizes on which the choice of learning rates depends."""

RATE_COLUMNS = ("architecture", "pretraining", "factor", "validation", "seeds", "chosen")
"""Columns of a table of candidates, see `faceinv.experiments.learning_rates.RECORDED`."""


def tuned(
    runs: Sequence[TrainingRun], profile: Profile, data: Data = FACES
) -> tuple[list[TrainingRun], pd.DataFrame]:
    """Training runs at the rates that validation chooses among ``profile.tuned``, and all candidates.

    The candidates are factors on the rate of the architecture's pace. Where `faceinv tune` recorded a choice
    at the same sizes, that choice is taken: the same networks would only be trained again (see
    `recorded_at`). A profile that tries no factors keeps the recorded rates too, with which the runs come; so
    do runs that have several rates and choose among them one by one.

    Returns
    -------
    list of TrainingRun
        In the order of `runs`.
    DataFrame
        Candidates with `RATE_COLUMNS`: those of this run, or the recorded ones of the same networks.
    """
    pairs = tuned_pairs(runs)
    if not is_tuned(runs, profile, data):
        known = learning_rates.recorded_rates()
        named = known[["architecture", "pretraining"]].itertuples(index=False, name=None)
        return list(runs), known[[pair in pairs for pair in named]]
    tried = candidates(pairs, profile, data)
    chosen = tried[tried["chosen"]].set_index(["architecture", "pretraining"])["factor"]
    return [
        run if run.strategy == "frozen" else at_factor(run, chosen[(run.architecture, _set(run))])
        for run in runs
    ], tried


def is_tuned(runs: Sequence[TrainingRun], profile: Profile, data: Data = FACES) -> bool:
    """Whether `tuned` chooses among factors for some runs, rather than leaving them as they are."""
    if not profile.tuned or any(len(run.recipes) > 1 for run in runs):
        return False
    return data != FACES or not recorded_at(profile) >= set(tuned_pairs(runs))


def recorded_at(profile: Profile, path: Path = learning_rates.RECORDED) -> set[tuple[str, str]]:
    """Pairs of architecture and pretraining set whose rates are recorded at the sizes of a profile.

    Parameters
    ----------
    profile : sizes of the images and networks, and the factors that are tried
    path : table of the records, with its provenance beside it
    """
    known = pd.read_csv(path)
    known = known[known["architecture"].isin(_architectures_at(profile, path))]
    return set(known[["architecture", "pretraining"]].itertuples(index=False, name=None))


def _architectures_at(profile: Profile, path: Path) -> list[str]:
    """The architectures whose rates are recorded at the sizes of a profile."""
    said = json.loads(path.with_suffix(".json").read_text()) if path.with_suffix(".json").is_file() else None
    sizes = {name: getattr(profile, name) for name in SIZES_OF_RATES}
    if said is None or any(said["profile"].get(name) != _as_read(size) for name, size in sizes.items()):
        return []
    return list(said["architectures"])


def _as_read(value: object) -> object:
    """A value as it is when it was written as JSON and read again."""
    return json.loads(json.dumps(value))


def tuned_pairs(runs: Sequence[TrainingRun]) -> list[tuple[str, str]]:
    """The architectures and pretraining sets of some runs, whose rates are chosen."""
    return list(dict.fromkeys((run.architecture, _set(run)) for run in runs if run.strategy != "frozen"))


def candidates(pairs: Sequence[tuple[str, str]], profile: Profile, data: Data = FACES) -> pd.DataFrame:
    """Mean validation accuracy of pairs of architecture and pretraining set at each factor of a profile.

    The factor with the highest accuracy is chosen, and of several the one nearest to 1.
    """
    tuning = candidate_runs(pairs, profile, data)
    runs = [run for *_, run in tuning]
    design.train_all(runs)
    reached = [learning_curves(run)["validation"].max() for run in runs]
    table = pd.DataFrame(
        [
            (architecture, name, factor, accuracy)
            for (architecture, name, factor, _), accuracy in zip(tuning, reached, strict=True)
        ],
        columns=["architecture", "pretraining", "factor", "validation"],
    )
    return choose_rates(table)


def candidate_runs(
    pairs: Sequence[tuple[str, str]], profile: Profile, data: Data = FACES
) -> list[tuple[str, str, float, TrainingRun]]:
    """The networks by which rates are chosen: architecture, pretraining set, factor, and the run at it."""
    return [
        (
            architecture,
            name,
            factor,
            replace(at_factor(run, factor), seed=design.TUNING_SEED + run.seed, checkpoints=()),
        )
        for architecture, name in pairs
        for run in design.tolerance_runs(profile, data, profile.tuning_seeds, architecture, name)
        for factor in profile.tuned
    ]


def choose_rates(tried: pd.DataFrame) -> pd.DataFrame:
    """Candidates with their mean validation accuracy, and which of each architecture and set is chosen.

    Parameters
    ----------
    tried : one row per network: architecture, pretraining, factor, validation
    """
    keys = ["architecture", "pretraining", "factor"]
    means = tried.groupby(keys, sort=False)["validation"].agg(["mean", "size"]).reset_index()
    means = means.rename(columns={"mean": "validation", "size": "seeds"})
    distance = np.log(means["factor"]).abs()
    best = (
        means.assign(distance=distance)
        .sort_values(["validation", "distance"], ascending=[False, True], kind="stable")
        .drop_duplicates(["architecture", "pretraining"])
        .index
    )
    return means.assign(chosen=means.index.isin(best))[list(RATE_COLUMNS)]


def choices_at_the_edge(tried: pd.DataFrame) -> str:
    """How many choices are the lowest or highest that was tried, and what lies beyond them: two sentences.

    Where a choice lies at the edge, a rate that was not tried may be better, and the strategy is compared at
    less than its best. So others were tried after the recorded choice. They say nothing about candidates
    other than the recorded ones, such as those of other images.

    Parameters
    ----------
    tried : candidates, see `choose_rates`
    """
    pair = ["architecture", "pretraining"]
    factors = tried.groupby(pair, sort=False)["factor"]
    lowest, highest = factors.transform("min"), factors.transform("max")
    chosen = tried["chosen"].astype(bool) & (lowest < highest)
    edge = chosen & ((tried["factor"] == lowest) | (tried["factor"] == highest))
    verb = "is" if edge.sum() == 1 else "are"
    counted = f"{edge.sum()} of {chosen.sum()} choices {verb} the lowest or highest factor that was tried."
    beyond = learning_rates.rates_beyond()
    best = beyond.loc[beyond.groupby(pair)["validation"].idxmax()]
    recorded = tried[chosen].merge(
        learning_rates.recorded_rates(), on=[*pair, "factor"], suffixes=("", "_known")
    )
    same = recorded[(recorded["validation"] - recorded["validation_known"]).abs() < ROUNDED_RATE]
    both = same[[*pair, "validation"]].merge(best, on=pair, suffixes=("", "_beyond"))
    if both.empty:
        return f"{counted} A better one may lie beyond it."
    gains = both["validation_beyond"] - both["validation"]
    variance = sum(both[name] * (1 - both[name]) for name in ("validation", "validation_beyond"))
    most = both.loc[gains.idxmax()]
    gain = gains.max()
    error = (variance[gains.idxmax()] / most["images"]) ** 0.5
    named = " and ".join(f"{factor:g}" for factor in sorted(set(beyond["factor"])))
    of_all = "all " if len(both) == edge.sum() else ""
    tried_later = f"{counted} Factors of {named} were tried later for {of_all}{len(both)} of these choices"
    if gain <= 0:
        return f"{tried_later}; accuracy is higher for none."
    better = (gains > 0).sum()
    most_by = "at most " if better > 1 else ""
    return (
        f"{tried_later}; for {better} of them, accuracy is higher, by {most_by}{gain:.3f} "
        f"({most['architecture']}, {most['pretraining']}; the standard error of that difference is "
        f"{error:.3f})."
    )


def record_beyond(
    profile: Profile,
    architectures: Sequence[str],
    factors: Sequence[float],
    path: Path = learning_rates.TRIED_BEYOND,
) -> pd.DataFrame:
    """Try factors beyond the candidates of a profile, and record their validation accuracy.

    No choice changes: the record says what the choices may have missed. See `record_rates`.

    Raises
    ------
    InputError
        If a factor is not above zero, or is one of the candidates.
    """
    wrong = [factor for factor in factors if not 0 < factor < float("inf") or factor in profile.tuned]
    if wrong or not factors:
        raise InputError(
            f"factors beyond are {', '.join(map(str, factors)) or 'none'}; expected positive numbers that "
            f"are not among the candidates {', '.join(map(str, profile.tuned)) or '(none)'} of {profile.name}"
        )
    others = replace(profile, tuned=tuple(factors))
    pairs = _all_pairs(others, architectures)
    (*_, first), *_ = candidate_runs(pairs, others)
    found = candidates(pairs, others).drop(columns="chosen").assign(images=len(splits(first).validation))
    before = learning_rates.rates_beyond()
    option = f"--beyond {','.join(f'{factor:g}' for factor in factors)} "
    return _write_rates(found, before, others, architectures, option, path)


def record_rates(
    profile: Profile, architectures: Sequence[str], path: Path = learning_rates.RECORDED
) -> pd.DataFrame:
    """Choose the rates of architectures with every available pretraining, and record them.

    Parameters
    ----------
    profile : tries factors, and has the sizes at which they are tried
    architectures : whose rates are chosen anew; the records of all others are kept
    path : table of the records; the provenance is written beside it

    Raises
    ------
    InputError
        If the profile tries no factors.
    """
    if not profile.tuned:
        raise InputError(f"the profile {profile.name} tries no factors on learning rates; expected full")
    found = candidates(_all_pairs(profile, architectures), profile)
    return _write_rates(found, learning_rates.recorded_rates(), profile, architectures, "", path)


def _all_pairs(profile: Profile, architectures: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, each) for name in architectures for each in design.pretrainings(profile, name)]


def _write_rates(
    found: pd.DataFrame,
    before: pd.DataFrame,
    profile: Profile,
    architectures: Sequence[str],
    option: str,
    path: Path,
) -> pd.DataFrame:
    """Write what was found in place of the records of the same architectures, with its provenance.

    The command that is recorded repeats all records at these sizes; other records are kept without one.
    """
    named = list(dict.fromkeys([*_architectures_at(profile, path), *architectures]))
    kept = before[~before["architecture"].isin(architectures)]
    table = pd.concat([kept, found], ignore_index=True) if len(kept) else found
    provenance = {
        "command": f"faceinv tune --profile {profile.name} {option}{' '.join(named)}",
        "profile": asdict(profile),
        "architectures": named,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": fingerprint(__name__),
        "versions": versions(__name__),
    }
    write_atomically(path.with_suffix(".json"), json.dumps(provenance, indent=1) + "\n")
    write_atomically(path, table.to_csv(index=False, float_format="%.6g"))
    return table


def _set(run: TrainingRun) -> str:
    """The pretraining set of a run, without the seed and the part of its base."""
    return run.pretraining.partition("-")[0]


def at_factor(run: TrainingRun, factor: float) -> TrainingRun:
    """The run at a factor on the rate of its architecture's pace, in place of the recorded one."""
    change = factor / learning_rates.rate_factor(run.architecture, _set(run))
    return replace(run, recipes=tuple(replace(each, rate=change * each.rate) for each in run.recipes))
