"""Files of the book's explorer: faces, and networks with their relevance as ONNX graphs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
from tqdm import tqdm

from faceinv.book.explorer_faces import offered_faces, opening_of, photograph_standard
from faceinv.book.paths import EXPLORED
from faceinv.data.sources import load_stimuli
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.profiles import profile
from faceinv.models.architectures import load
from faceinv.models.training import single_thread
from faceinv.models.training_runs import splits
from faceinv.runtime import parallel
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.devices import computing_on
from faceinv.runtime.fingerprints import fingerprint
from faceinv.runtime.json_files import read_object
from faceinv.runtime.processes import workers
from faceinv.widgets.network_index import entry

COMPOSITE = "epsilon-plus-flat"
OTHERS = ("epsilon-gamma-box", "epsilon")
"""Further composites for one network of each task; a graph takes 4 s to write and 1-2 MB."""


def write_explorer(root: Path, out: Path) -> Path | None:
    """Write the files of the explorer for the networks of the chapter on networks.

    The name of a graph contains a hash of its inputs, and the index the SHA-256 of each file, by which files
    are checked here and by the page. Only graphs that are missing or damaged are written; outdated ones are
    removed.

    Parameters
    ----------
    root : folder of the book
    out : folder to write ``index.json``, ``faces-<hash>.bin`` (uint8, N x size x size x 3),
        ``regions-<hash>.bin`` (uint8, N x size x size) and the graphs to

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
        jobs = by_structure(missing)
        cores = max(1, parallel.worker_count() - 1)  # the pages are built on the other one
        with single_thread():
            written = workers(cores)(delayed(_write_graphs)(each) for each in jobs)
            list(tqdm(written, total=len(jobs), desc="graphs of the explorer", unit="structure"))
    graphs = {made_from: graph for made_from, graph in graphs.items() if graph.is_file()}
    rules = {file: tuple(name for name in rules[file] if (file, name) in graphs) for file in files}
    tests = _tests(folder)
    faces, described = offered_faces(tests)
    assert faces.regions is not None
    names = described.pop("names")
    pixels = _write_array(out, "faces", faces.images)
    regions = _write_array(out, "regions", faces.regions.astype(np.uint8))
    from faceinv.lrp.onnx.export import halved  # ONNX takes a second to import

    found = {file: load(file) for file in files}
    networks, opens = [], []
    for file, network in found.items():
        task = network.specification.task
        truths = described["truths"].get(task, [None] * len(faces.images))
        face, is_right = opening_of(halved(network), faces, truths, COMPOSITE)  # as the page computes it
        known = {"opens": face, "names": names} if task == "identity" else {"opens": face}
        graphs_of = {composite: graphs[file, composite].name for composite in rules[file]}
        networks.append(entry(network.specification, rules[file]) | known | {"graphs": graphs_of})
        if len({each.specification.architecture for each in found.values()}) == 1:  # then it tells nothing
            networks[-1]["label"] = networks[-1]["label"].replace(
                f", {network.specification.architecture}", ""
            )
        opens.append(is_right)
    about = {
        "file": pixels.name,
        "size": faces.size,
        **described,
        "regions": {"file": regions.name, "names": REGIONS},
        "standard": photograph_standard(
            [network.specification.stimuli for network in found.values()], faces.regions
        ),
    }
    checksums = {file.name: checksum(file) for file in (pixels, regions, *graphs.values())}
    listed = {"networks": networks, "faces": about, "opens": opens.index(True) if any(opens) else 0}
    write_atomically(index, json.dumps(listed | {"sha256": checksums}))
    for other in set(out.iterdir()) - {index, pixels, regions, *graphs.values()}:
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


def by_structure(missing: Sequence[tuple[Path, str, Path]]) -> list[list[tuple[Path, str, Path]]]:
    """Jobs (network, composite, file of the graph) in groups whose graphs differ in weights alone."""
    groups: dict[Any, list[tuple[Path, str, Path]]] = {}
    for file, composite, graph in missing:
        made = load(file).specification
        key = composite, made.architecture, made.width, made.size, made.hidden, len(made.classes)
        groups.setdefault(key, []).append((file, composite, graph))
    return sorted(groups.values(), key=len, reverse=True)


def _write_graphs(jobs: Sequence[tuple[Path, str, Path]]) -> None:
    """Write graphs; one of a further composite (`OTHERS`) that fails the check is not offered.

    The epsilon rule's relevance is a difference of large numbers, which in some networks is sensitive to
    rounding.
    """
    from faceinv.lrp.onnx.export import export  # ONNX takes a second to import

    translations: dict[str, Any] = {}
    for file, composite, graph in jobs:
        try:
            with computing_on("cpu"):  # a graph holds weights, which have no device
                export(load(file), graph, composite, translations=translations)
        except InputError as error:
            if composite == COMPOSITE:
                raise
            print(f"not offered in the explorer: {error}")


def _write_array(out: Path, name: str, array: np.ndarray) -> Path:
    """Write the bytes of an array to a file whose name has their hash."""
    content = array.tobytes()
    file = out / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.bin"
    write_atomically(file, content)
    return file


def _tests(folder: Path) -> dict[str, Stimuli]:
    """Images that the networks were not trained on, by task: always rendered ones."""
    provenance = sorted(folder.glob("*.json"))
    if not provenance:
        raise InputError(f"{folder} contains networks, but no provenance of their training images")
    given = json.loads(provenance[0].read_text(encoding="utf-8"))["parameters"]
    sizes = profile(given["profile"])
    if given["data"] != image_sets.FACES:
        return {"gender": load_stimuli(image_sets.compared(sizes)[0])}
    runs = design.training_runs(sizes, tasks=given["tasks"], seeds=1)
    return {run.task: splits(run).test for run in runs}
