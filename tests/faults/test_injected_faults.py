"""Faults on purpose: whatever breaks a study in its middle, running it again gives the same tables.

``make faults`` injects `MANY` faults of each kind and kills the whole book in its smallest profile too. It
writes what it tried to the table of the page *What was tried*.
"""

from __future__ import annotations

import csv
import io
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY

from faceinv.runtime.atomic import PARTIAL, write_atomically

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are killed in groups, and limited"),
]

FEW, MANY = 3, 20
COUNT = int(os.environ.get("FACEINV_FAULTS", FEW))
"""Faults of each kind."""
STUDY = Path(__file__).parents[1] / "support" / "small_study.py"
ARITHMETIC = STUDY.with_name("arithmetic_probe.py")
OLDER_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX,AVX2,AVX512_SKX,FMA3",
}
"""Settings of PyTorch, oneDNN, NumPy and OpenCV that leave out instructions which results depend on."""
KINDS = ("flipped byte", "cut off", "zeros")


@dataclass
class Tried:
    """What was injected, how often, and what came out."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, what: str, where: str, times: int, outcome: str) -> None:
        self.rows.append({"what": what, "where": where, "times": times, "outcome": outcome})


@pytest.fixture(scope="module")
def tried() -> Iterator[Tried]:
    """Collects what was tried, and writes it where ``FACEINV_TRIED`` says."""
    found = Tried()
    yield found
    if path := os.environ.get("FACEINV_TRIED"):
        text = io.StringIO()
        writer = csv.DictWriter(text, ("what", "where", "times", "outcome"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.rows)
        write_atomically(Path(path), text.getvalue())


@dataclass(frozen=True)
class Place:
    """A folder in which a study is run, with a cache of its own."""

    folder: Path

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start the study in a process group of its own, with two workers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "FACEINV_CACHE": str(self.folder / "cache"),
            "FACEINV_OUT": str(self.folder / "out"),
            "PYTHONPATH": str(REPOSITORY),
            "LOKY_MAX_CPU_COUNT": "2",
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.Popen(
            [sys.executable, str(STUDY), *arguments],
            cwd=self.folder,
            env=environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> str:
        """Run the study to its end, without workers, and return what it said."""
        process = self.start(*arguments, **{"LOKY_MAX_CPU_COUNT": "1"} | variables)
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        return said

    def tables(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "out").rglob("*.csv"))}

    def files(self) -> list[Path]:
        """What was kept and written, except for locks, which are empty."""
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.stat().st_size]

    def leftovers(self) -> list[Path]:
        return list(self.folder.rglob(f"{PARTIAL}*"))


@dataclass(frozen=True)
class Reference:
    """The study as it is when nothing happens: its folder, its tables, and the seconds that it took."""

    place: Place
    tables: dict[str, bytes]
    seconds: float


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    place = Place(tmp_path_factory.mktemp("reference"))
    began = time.monotonic()
    place.run(PYTHONHASHSEED="1")
    tables = place.tables()
    assert set(tables) == {"answers.csv", "accuracy.csv"} and not place.leftovers()
    return Reference(place, tables, time.monotonic() - began)


def test_killed_at_random_moments(reference: Reference, tmp_path: Path, tried: Tried) -> None:
    place, moments = Place(tmp_path / "killed"), random.Random(0)
    for _ in range(COUNT):
        process = place.start(PYTHONHASHSEED=str(moments.randrange(1000)))
        try:
            process.wait(moments.uniform(0.3, 1.2) * reference.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert all(table == reference.tables[name] for name, table in place.tables().items())
    place.run()
    assert place.tables() == reference.tables and not place.leftovers()
    tried.add(
        "SIGKILL of the command and its workers at a random moment",
        "a study of four networks",
        COUNT,
        "run again: the same tables, nothing left over",
    )


def damage(path: Path, kind: str, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    if kind == "flipped byte":
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "zeros":
        content[at:] = bytes(len(content) - at)
    else:
        del content[at:]
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kept_and_written_file_is_damaged(
    kind: str, reference: Reference, tmp_path: Path, tried: Tried
) -> None:
    chance, rounds, hit = random.Random(kind), max(1, COUNT // 10), 0
    for number in range(rounds):
        place = Place(tmp_path / str(number))
        shutil.copytree(reference.place.folder, place.folder)
        files = place.files()
        for path in files:
            damage(path, kind, chance)
        said = place.run()
        assert place.tables() == reference.tables and not place.leftovers()
        assert "is damaged" in said
        hit += len(files)
    tried.add(
        f"{kind} at a random place",
        "every file of the cache and of the results, all at once",
        hit,
        "noticed and computed again: the same tables",
    )


def test_the_disk_is_full_at_a_write(reference: Reference, tmp_path: Path, tried: Tried) -> None:
    # in the process of the command, where the write that fails can be chosen: each of the networks and their
    # answers, the faces, and two files for each of two tables
    writes = 1 + 4 * 2 + 4
    chosen = random.Random(0).sample(range(1, writes + 1), min(COUNT, writes))
    for number in chosen:
        place = Place(tmp_path / str(number))
        process = place.start(str(number), LOKY_MAX_CPU_COUNT="1")
        said, _ = process.communicate(timeout=600)
        assert process.returncode and "No space left on device" in said, said
        assert not place.leftovers()
        place.run()
        assert place.tables() == reference.tables
    tried.add(
        "no space left at the moment at which a file would get its name",
        f"{len(chosen)} of {writes} files",
        len(chosen),
        "the command fails and leaves nothing half-written; run again: the same tables",
    )


def test_surroundings_do_not_matter(reference: Reference, tmp_path: Path, tried: Tried) -> None:
    """A path with blanks and letters of other alphabets, no home, few open files, another language."""
    place = Place(tmp_path / "mit Leerzeichen, δ und 顔")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (96, before[1]))
    try:
        process = place.start(HOME="/nonexistent", LC_ALL="C", PYTHONHASHSEED="7")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert place.tables() == reference.tables
    tried.add(
        "a path with blanks and other alphabets, no home folder, 96 open files, locale C",
        "the same study",
        1,
        "the same tables",
    )


@pytest.mark.skipif(platform.machine() != "x86_64", reason="instructions of such processors are left out")
def test_other_processors_compute_the_same_up_to_rounding(tmp_path: Path, tried: Tried) -> None:
    """The libraries are kept from using the vector instructions of newer processors, as on an older one."""

    def computed(name: str, **variables: str) -> dict[str, np.ndarray]:
        file = tmp_path / f"{name}.npz"
        environment = os.environ | {
            "FACEINV_CACHE": str(tmp_path / name),
            "PYTHONPATH": str(REPOSITORY),
            "OMP_NUM_THREADS": "1",
        }
        run = [sys.executable, str(ARITHMETIC), str(file)]
        subprocess.run(run, env=environment | variables, check=True, capture_output=True)
        return dict(np.load(file))

    here, older = computed("here"), computed("older", **OLDER_PROCESSOR)
    difference = {
        name: float(np.abs(array - older[name].astype(float)).sum() / np.abs(array.astype(float)).sum())
        for name, array in here.items()
        if name != "answers"
    }
    maps = max(value for name, value in difference.items() if name.startswith("map "))
    assert difference["images"] < 1e-4 and difference["start"] < 1e-6 and difference["logits"] < 1e-5
    assert 0 < maps < 1e-2
    changed = int((here["answers"] != older["answers"]).sum())
    tried.add(
        "no AVX, AVX2, AVX-512 or FMA instructions, as on an older processor",
        "faces, logits of a base, maps of all composites, and a network trained there",
        1,
        f"relative to their sum, images differ by {difference['images'] or 0:.2g}, logits by "
        f"{difference['logits']:.0e} and maps by at most {maps:.0e}; the trained network classifies "
        f"{changed} of {len(here['answers'])} faces differently",
    )


@pytest.mark.skipif(COUNT < MANY, reason="takes most of an hour: run it with `make faults`")
def test_the_book_is_killed_at_random_moments(smoke_book: Path, tmp_path: Path, tried: Tried) -> None:
    """The book in its smallest profile: after each kill it goes on, and ends with the same tables."""
    root, moments = tmp_path / "book", random.Random(0)
    left_out = ("cache", "_build", "chapters")
    shutil.copytree(smoke_book, root, ignore=shutil.ignore_patterns(*left_out))
    command = [sys.executable, "-m", "faceinv.cli", "book", "--profile", "smoke"]
    environment = os.environ | {"FACEINV_CACHE": str(root / "cache"), "PYTHONPATH": str(REPOSITORY)}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=root, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def tables(book: Path) -> dict[str, bytes]:
        folder = book / "book" / "chapters"
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}

    killed = 0
    for _ in range(MANY):
        process = start()
        try:
            process.wait(moments.uniform(5, 60))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert start().wait() == 0
    assert tables(root) == tables(smoke_book)
    assert not list((root / "book").rglob(f"{PARTIAL}*"))
    tried.add(
        "SIGKILL of the book and all that it started at a random moment",
        "the whole book in its smallest profile",
        killed,
        f"run again: the same {len(tables(root))} tables, nothing left over",
    )
