"""Find out whether the present code gives the shipped tables of an older commit, and record it.

Run ``python scripts/carry_tables.py COMMIT`` after a change that should leave the tables of single networks
(``book/results/networks``) as they are, such as a faster way to the same numbers, with the last commit at
which they were read. For every function whose tables ship, it draws some networks at random, computes their
tables by the code of that commit and by the present code, on this machine and from the training on, and
compares them to the last digit. Functions that agree are recorded in ``carried.json`` beside the archives
(see `faceinv.book.carried_tables`); of the others it says which differ. It takes about a quarter of an hour
on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from faceinv.book.network_archives import SHIPPED_TABLES, table_to_json
from faceinv.book.planned_tables import NetworkTables, planned_tables
from faceinv.experiments.profiles import profile
from faceinv.runtime.locations import CACHE_VARIABLE, cache_folder

ROOT = Path(__file__).parents[1]
PROFILE = "full"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def calls_of(networks: list[NetworkTables]) -> Iterator[tuple[str, str, Any, tuple[Any, ...]]]:
    """Each call: name of its function, its key (without any code), the function, and its arguments."""
    for network in networks:
        for function, given in network.calls:
            name = f"{function.__module__}.{function.__qualname__}"
            yield name, f"{name} {function.file_of(*given).stem}", function, given  # type: ignore[attr-defined]


def drawn(networks: list[NetworkTables], each: int) -> list[str]:
    """Keys of `each` calls of every function, of as few networks as a random order allows."""
    order = list(networks)
    random.shuffle(order)
    found: dict[str, list[str]] = {name: [] for name, *_ in calls_of(networks)}
    for network in order:
        of_network: set[str] = set()
        for name, key, *_ in calls_of([network]):
            if len(found[name]) < each and name not in of_network and key not in found[name]:
                of_network.add(name)
                found[name].append(key)
    return [key for keys in found.values() for key in keys]


def compute(keys: list[str]) -> dict[str, tuple[str, str]]:
    """The folder and the table, as JSON, of each key, by the code that this process has imported."""
    wanted = set(keys)
    calls = {key: call for _, key, *call in calls_of(planned_tables(profile(PROFILE))) if key in wanted}
    found = {}
    for key, (function, given) in tqdm(calls.items(), unit="table"):
        folder = function.file_of(*given).parent.relative_to(cache_folder()).as_posix()
        found[key] = folder, table_to_json(function(*given)).decode()
    return found


def by_code(tree: Path, keys: Path, out: Path, cache: Path) -> subprocess.Popen[bytes]:
    """Compute tables by the code of a folder, with an empty cache, in another process."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(tree), CACHE_VARIABLE: str(cache)}
    command = [sys.executable, __file__, "--keys", str(keys), "--out", str(out)]
    return subprocess.Popen(command, env=environment, cwd=tree)


def compare(commit: str, each: int) -> int:
    """Compare the code of a commit with the present one, and record the functions that agree."""
    from faceinv.book.carried_tables import Carried, add_carried
    from faceinv.reporting.tables import machine

    keys = drawn(planned_tables(profile(PROFILE)), each)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        older = folder / "older"
        subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "--detach", "--quiet", str(older), commit], check=True
        )
        try:
            (folder / "keys.json").write_text(json.dumps(keys))
            trees = {"older": older, "newer": ROOT}
            running = [
                by_code(tree, folder / "keys.json", folder / f"{name}.json", folder / f"{name}-cache")
                for name, tree in trees.items()
            ]
            codes = [process.wait() for process in running]
            if any(codes):
                print("the tables could not be computed; nothing was recorded")
                return 1
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(older)], check=True)
        before, after = (json.loads((folder / f"{name}.json").read_text()) for name in trees)
    records, differ = [], []
    for function in dict.fromkeys(key.split(" ")[0] for key in keys):
        own = [key for key in keys if key.split(" ")[0] == function]
        if any(key not in before or before[key][1] != after[key][1] for key in own):
            differ.append(function)
            continue
        folders = before[own[0]][0], after[own[0]][0]
        if folders[0] != folders[1]:
            written = datetime.now(UTC).isoformat(timespec="seconds")
            records.append(Carried(*folders, len(own), commit, machine(), written))
    if records:
        print(f"{len(records)} functions give the same tables: {add_carried(ROOT / SHIPPED_TABLES, records)}")
    for function in differ:
        print(f"{function} gives other tables, or takes other arguments; they are not carried")
    return 1 if differ else 0


def main() -> int:
    """Read the arguments, and compare or, in one of the processes, compute."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit", nargs="?", help="at which the shipped tables were last read")
    parser.add_argument("--each", type=int, default=2, help="tables of each function (default: 2)")
    parser.add_argument("--keys", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.keys:
        given.out.write_text(json.dumps(compute(json.loads(given.keys.read_text()))))
        return 0
    if not given.commit:
        parser.error("a commit is missing, such as HEAD")
    if given.each < 1:
        parser.error(f"--each is {given.each}; expected at least 1 table of each function")
    if subprocess.run(["git", "-C", str(ROOT), "cat-file", "-e", f"{given.commit}^{{commit}}"]).returncode:
        parser.error(f"there is no commit {given.commit} in {ROOT}")
    return compare(given.commit, given.each)


if __name__ == "__main__":
    sys.exit(main())
