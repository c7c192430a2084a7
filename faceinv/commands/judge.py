"""Judge an attribution method of one's own: the leaderboard's benchmark, and a row beside the others."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from faceinv.attribution.attribute import OwnMethod, attribute
from faceinv.attribution.cost import cost_in_passes
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.benchmark.criteria import CRITERIA
from faceinv.experiments.benchmark.leaderboard import (
    ARCHITECTURE,
    described,
    judge_by_name,
    leaderboard,
    parts,
)
from faceinv.experiments.benchmark.parts import score
from faceinv.experiments.sizes import Profile
from faceinv.models.architectures import Specification, build
from faceinv.reporting.leaderboard_table import wide_board

BESIDE = ("epsilon-plus-flat", "input-x-gradient", "local contrast", "random")
"""Methods that are shown beside one's own."""


def own_method(reference: str, folder: Path) -> OwnMethod:
    """The function that a reference such as ``my_module:method`` names.

    Parameters
    ----------
    reference : name of a module and of a function in it, or of one in an object in it
    folder : where the module is looked for first

    Raises
    ------
    InputError
        If there is no such module or function, or the module fails.
    """
    module_name, colon, name = reference.partition(":")
    if not colon or not module_name or not name:
        raise InputError(f"the method is {reference!r}; expected module:function, such as my_module:method")
    sys.path.insert(0, str(folder))
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name == module_name.partition(".")[0]:
            raise InputError(
                f"there is no module {module_name!r} in {folder}; expected a file {module_name}.py there"
            ) from error
        raise InputError(f"the module {module_name!r} needs {error.name}, which is not installed") from error
    except Exception as error:  # a module may raise anything
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename
        ]
        at = f"line {frames[-1].lineno} of {frames[-1].filename}" if len(frames) > 1 else "its code"
        raise InputError(
            f"the module {module_name!r} cannot be imported: {type(error).__name__} in {at}: {error}"
        ) from error
    finally:
        sys.path.remove(str(folder))
    for part in name.split("."):
        if not hasattr(found, part):
            raise InputError(f"the module {module_name!r} has no {name!r}; expected the name of a function")
        found = getattr(found, part)
    if not callable(found):
        raise InputError(f"{reference} is of type {type(found).__name__}; expected a function")
    return found


def judge_own(
    method: OwnMethod, name: str, profile: Profile, beside: Sequence[str] = BESIDE, seeds: int | None = None
) -> pd.DataFrame:
    """The leaderboard of a method and a few others.

    The method is first tried on two images of an untrained network, so that what is wrong shows at once.

    Parameters
    ----------
    method : function of a module, inputs (N x C x H x W) and classes (N) that returns maps (N x H x W)
    name : of the method in the table
    profile : sizes
    beside : names of other methods
    seeds : networks; by default the number of the profile

    Returns
    -------
    DataFrame
        One row per criterion and method: criterion, method, estimate, low, high, seeds, family, cost.

    Raises
    ------
    InputError
        If the method fails, or returns no maps.
    """
    tried = build(Specification(ARCHITECTURE, ("a", "b"), profile.width, profile.size))
    images = torch.randn(2, 3, profile.size, profile.size, generator=torch.Generator().manual_seed(0))
    attribute(tried, images, 0, method)
    cost = cost_in_passes(tried, images, method)
    of = parts(profile, seeds=seeds)
    design.train_all(list(dict.fromkeys(part.run for part in of)))
    own = [score(part, method) for part in tqdm(of, f"judging {name}", unit="part")]
    others = judge_by_name([each for each in beside if each != name], of) if beside else pd.DataFrame()
    scores = pd.concat([pd.concat(own).assign(method=name), others], ignore_index=True)
    return described(leaderboard(scores, profile.draws), {name: cost})


def board_text(board: pd.DataFrame) -> str:
    """The leaderboard for the terminal, and how to read each number."""
    wide = wide_board(board)
    costs = [f"{cost:.0f}" if not np.isnan(cost) else "–" for cost in wide["cost"]]
    table = wide.assign(cost=costs).drop(columns="family").to_string(index=False)
    measured = list(dict.fromkeys(board["criterion"]))
    read = [f"{name}: {CRITERIA[name].reading.replace('*', '')}" for name in measured]
    read += [
        f"{name}: not measured, as there is no such network at these sizes"
        for name in CRITERIA
        if name not in measured
    ]
    return "\n".join([table, "", *read, "cost: in forward passes, for one image"])
