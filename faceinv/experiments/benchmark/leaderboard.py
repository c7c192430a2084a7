"""Leaderboard: attribution methods by five numbers, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from faceinv.attribution.methods import ATTRIBUTION_METHODS
from faceinv.experiments import design
from faceinv.experiments.benchmark.criteria import CRITERIA, LIMITS
from faceinv.experiments.benchmark.parts import BenchmarkPart, Judged, Masked, Randomised, score_by_name
from faceinv.experiments.causes.exchanges import Exchange
from faceinv.experiments.causes.planted_cues import plantings
from faceinv.experiments.image_sets import FACES, Data
from faceinv.experiments.sizes import Profile
from faceinv.metrics.bootstrap import bootstrap
from faceinv.models.training_runs import TrainingRun
from faceinv.runtime.parallel import parallel_map

ARCHITECTURE = "resnet18"
"""Architecture of the networks of the benchmark."""
TASK = "gender"
OPPOSITE_AGREEMENTS = (0.5, 1.0)
"""Share of the people whose class a planted cue agrees with: networks that need not rely on it, and may."""


def benchmark_runs(
    profile: Profile, data: Data = FACES, seeds: int | None = None, architecture: str = ARCHITECTURE
) -> list[TrainingRun]:
    """Networks that tell gender, on faces whose causes are known, or on photographs."""
    return design.training_runs(profile, data, [TASK], seeds, architecture)


def parts(
    profile: Profile,
    data: Data = FACES,
    seeds: int | None = None,
    architecture: str = ARCHITECTURE,
    shares: tuple[float, ...] = (1.0,),
) -> list[BenchmarkPart]:
    """The networks and images of the benchmark; on photographs, without those that need known causes.

    Parameters
    ----------
    profile : sizes
    data : rendered faces, or photographs
    seeds : networks; by default the number of the profile
    architecture : of the networks
    shares : of the layers that are random, for the sanity of maps
    """
    runs = benchmark_runs(profile, data, seeds, architecture)
    out: list[BenchmarkPart] = [Masked(run, profile.read) for run in runs]
    out += [Randomised(run, profile.judged, shares) for run in runs]
    if data == FACES:
        planted = plantings(profile, profile.cues, OPPOSITE_AGREEMENTS, seeds, (architecture,))
        out += [Exchange(run, profile.exchanged) for run in runs]
        out += [replace(each, images=profile.judged) for each in planted]
    return out


def judge_by_name(methods: Sequence[str], of: Sequence[BenchmarkPart]) -> pd.DataFrame:
    """The scores of several methods, in parallel and cached, with the column `method`."""
    judged = parallel_map(partial(_of_methods, methods=tuple(methods)), of, "judging", "part")
    return pd.concat(judged, ignore_index=True)


def _of_methods(part: BenchmarkPart, methods: Sequence[str]) -> pd.DataFrame:
    return pd.concat([score_by_name(Judged(part, method)) for method in methods], ignore_index=True)


def leaderboard(scores: pd.DataFrame, draws: int = 2000) -> pd.DataFrame:
    """The five numbers of each method with their intervals.

    Parameters
    ----------
    scores : see `judge_by_name`
    draws : bootstrap samples, over the seeds of networks and the identities of faces

    Returns
    -------
    DataFrame
        One row per criterion and method, in the order of `CRITERIA` and of `scores`: criterion, method, and
        the columns of `faceinv.metrics.bootstrap.Bootstrap.interval`. With one network the interval is nan.
    """
    order = list(dict.fromkeys(scores["method"]))
    tables = []
    for name in CRITERIA:
        own = scores[(scores["criterion"] == name) & scores["value"].notna()]
        if own.empty:
            continue
        if own["seed"].nunique() > 1:
            table = replace(bootstrap(own, "value", ["method"], draws), bounds=LIMITS).interval()
            table["low"] = table["low"].clip(lower=CRITERIA[name].least)
        else:
            table = own.groupby("method")["value"].mean().rename("estimate").reset_index()
            table = table.assign(low=np.nan, high=np.nan, seeds=1)
        table = table.sort_values("method", key=lambda names: names.map(order.index), ignore_index=True)
        tables.append(table.assign(criterion=name))
    board = pd.concat(tables, ignore_index=True)
    return board[["criterion", *board.columns.drop("criterion")]]


def described(board: pd.DataFrame, costs: Mapping[str, float] | None = None) -> pd.DataFrame:
    """The leaderboard with the family and the cost of each method.

    Parameters
    ----------
    board : see `leaderboard`
    costs : of methods that have no entry, in forward passes
    """
    own = costs or {}
    known = ATTRIBUTION_METHODS
    names = board["method"]
    return board.assign(
        family=[known[name].family if name in known else "own" for name in names],
        cost=[known[name].cost if name in known else own.get(name, np.nan) for name in names],
    )
