"""Files of the book's explorer: faces, and networks with their relevance as ONNX graphs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from faceinv.book.paths import EXPLORED
from faceinv.data.sources import load_stimuli
from faceinv.data.stimuli import REGIONS, Stimuli, join
from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.profiles import profile
from faceinv.models.architectures import load
from faceinv.models.training_runs import splits
from faceinv.runtime import parallel
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.fingerprints import fingerprint
from faceinv.runtime.json_files import read_object
from faceinv.widgets.network_index import entry

COMPOSITE = "epsilon-plus-flat"
OTHERS = ("epsilon-gamma-box", "epsilon")
"""Further composites for one network of each task; a graph takes 4 s to write and 1-2 MB."""

FACES_OF_A_TASK = 12
"""Number of faces to choose from for each task."""


def write_explorer(root: Path, out: Path) -> Path | None:
    """Write the files of the explorer for the networks of the chapter on networks.

    The name of a graph contains a hash of its inputs, and the index the SHA-256 of each file, by which files
    are checked here and by the page. Only graphs that are missing or damaged are written; outdated ones are
    removed.

    Parameters
    ----------
    root : folder of the book
    out : folder to write ``index.json``, ``faces-<hash>.bin`` (uint8, N x size x size x 3) and the graphs to

    Returns
    -------
    Path
        The index, or None if the chapter wrote no network.
    """
    folder = root / EXPLORED
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        return None
    out.mkdir(parents=True, exist_ok=True)
    rules = composites_offered(files)
    graphs = {
        (file, composite): out / f"{file.stem}-{composite}-{_key(file, composite)}.onnx"
        for file in files
        for composite in rules[file]
    }
    index = out / "index.json"
    expected = read_checksums(index)
    missing = [
        (*made_from, graph)
        for made_from, graph in graphs.items()
        if not graph.is_file() or checksum(graph) != expected.get(graph.name)
    ]
    if missing:
        parallel.parallel_map(_write_graph, missing, "graphs of the explorer")
    graphs = {made_from: graph for made_from, graph in graphs.items() if graph.is_file()}
    rules = {file: tuple(name for name in rules[file] if (file, name) in graphs) for file in files}
    faces, labels = _faces(folder)
    content = faces.images.tobytes()
    pixels = out / f"faces-{hashlib.sha256(content).hexdigest()[:12]}.bin"
    write_atomically(pixels, content)
    networks = [
        entry(load(file).specification, rules[file])
        | {"graphs": {composite: graphs[file, composite].name for composite in rules[file]}}
        for file in files
    ]
    about = {"file": pixels.name, "size": faces.size, "labels": labels, "eyes": _eyes(faces)}
    checksums = {file.name: checksum(file) for file in (pixels, *graphs.values())}
    write_atomically(index, json.dumps({"networks": networks, "faces": about, "sha256": checksums}))
    for other in set(out.iterdir()) - {index, pixels, *graphs.values()}:
        if other.is_dir():  # left by a process that was killed while writing
            shutil.rmtree(other)
        else:
            other.unlink()
    return index


def checksum(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_checksums(index: Path) -> dict[str, str]:
    """The SHA-256 of each file that an index lists, by name; empty if the index is missing or damaged."""
    try:
        return dict(read_object(index)["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def composites_offered(files: Sequence[Path]) -> dict[Path, tuple[str, ...]]:
    """The composites of each network: several for the first network of each task, one for the others."""
    first: dict[str, Path] = {}
    for file in files:
        first.setdefault(load(file).specification.task, file)
    return {file: (COMPOSITE, *OTHERS) if file in first.values() else (COMPOSITE,) for file in files}


def _key(file: Path, composite: str) -> str:
    """Hash of everything that a graph depends on."""
    made_from = [file.read_bytes(), composite.encode(), fingerprint("faceinv.lrp").encode()]
    return hashlib.sha256(b"".join(made_from)).hexdigest()[:12]


def _write_graph(job: tuple[Path, str, Path]) -> None:
    """Write a graph; a further composite (`OTHERS`) whose graph fails the check is not offered.

    The epsilon rule's relevance is a difference of large numbers, which in some networks is sensitive to
    rounding.
    """
    from faceinv.lrp.onnx.export import export  # ONNX takes a second to import

    file, composite, graph = job
    try:
        export(load(file), graph, composite)
    except InputError as error:
        if composite == COMPOSITE:
            raise
        print(f"not offered in the explorer: {error}")


def _faces(folder: Path) -> tuple[Stimuli, list[str]]:
    """Faces that the networks were not trained on, with their labels: always rendered ones."""
    provenance = sorted(folder.glob("*.json"))
    if not provenance:
        raise InputError(f"{folder} contains networks, but no provenance of their training images")
    given = json.loads(provenance[0].read_text(encoding="utf-8"))["parameters"]
    sizes = profile(given["profile"])
    if given["data"] != image_sets.FACES:
        shown = [load_stimuli(image_sets.compared(sizes)[0])]
    else:
        runs = design.training_runs(sizes, tasks=given["tasks"], seeds=1)
        shown = [splits(run).test for run in runs]
    chosen = [stimuli.select(_spread(stimuli)) for stimuli in shown]
    labels = [f"{row.gender}, {row.identity}" for stimuli in chosen for row in stimuli.table.itertuples()]
    return join(chosen), labels


def _spread(stimuli: Stimuli) -> np.ndarray:
    """Indices of one image each of people evenly spaced through the set."""
    _, first = np.unique(stimuli.table["identity"], return_index=True)
    return np.sort(first)[np.linspace(0, len(first) - 1, min(FACES_OF_A_TASK, len(first))).astype(int)]


def _eyes(faces: Stimuli) -> list[list[float]]:
    """Mean position (x, y) of the left and the right eye in the picture, as fractions of the frame."""
    assert faces.regions is not None
    _, rows, columns = np.nonzero(faces.regions == REGIONS.index("eye"))
    x, y = (columns + 0.5) / faces.size, (rows + 0.5) / faces.size
    sides = [x < 0.5, x >= 0.5]
    return [[round(float(x[side].mean()), 3), round(float(y[side].mean()), 3)] for side in sides]
