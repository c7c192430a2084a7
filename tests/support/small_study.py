"""A small study as a process of its own: faces are rendered, networks trained in parallel, a table written.

``python small_study.py [N]`` in a folder, with ``FACEINV_CACHE`` and ``FACEINV_OUT`` set. With N, the disk is
full for the N-th file that is written.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pandas as pd

from faceinv.data.faces.face_set import FaceSet
from faceinv.models.training import TrainingConfig
from faceinv.models.training_runs import TrainingRun, answers_of
from faceinv.reporting.tables import Record
from faceinv.runtime import parallel

FACES = FaceSet(identities=4, views=6, size=32, samples=1)
RUNS = [
    TrainingRun(FACES, "identity", seed, (TrainingConfig(exposures=48, batch=8),), "resnet18")
    for seed in range(4)
]


def fill_disk_at(number: int) -> None:
    """Let the write with a number fail, at the moment at which the file would get its name."""
    replace, left = Path.replace, [number]

    def failing(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return replace(self, target)

    Path.replace = failing  # type: ignore[assignment, method-assign]


def main() -> None:
    """Train, ask and write."""
    parallel.ALONE_SECONDS = 0  # so that there are workers to be killed
    if len(sys.argv) > 1:
        fill_disk_at(int(sys.argv[1]))
    answers = parallel.parallel_map(answers_of, RUNS, "asking")
    tables = [table.assign(seed=run.seed) for run, table in zip(RUNS, answers, strict=True)]
    record = Record("01_study", {"profile": "smoke"})
    record.table(pd.concat(tables, ignore_index=True), "answers")
    record.table(pd.concat(tables).groupby("seed", as_index=False)["correct"].mean(), "accuracy")


if __name__ == "__main__":
    main()
