"""Plans: what an execution of the book would compute, what is there already, and how long it takes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from time import process_time

import numpy as np
from joblib import delayed

from faceinv.book.build import is_unchanged, usual_seconds
from faceinv.book.chapters import list_chapters
from faceinv.book.parameters import read_parameters
from faceinv.book.planned_networks import CachedCall, PlannedNetwork, planned_networks
from faceinv.book.planned_passes import CHAPTER_PASSES, Passes
from faceinv.data import sources
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import BYTES, Photographs, Rendered, class_counts
from faceinv.experiments import step_times
from faceinv.experiments.profiles import profile as sizes_of
from faceinv.experiments.sizes import Profile
from faceinv.experiments.step_times import StepTimes
from faceinv.models.footprints import FLOAT, footprint
from faceinv.models.training_config import fastest
from faceinv.runtime.cache import is_cached
from faceinv.runtime.json_files import read_checked, write_checked
from faceinv.runtime.large_arrays import MAPPED_BYTES
from faceinv.runtime.locations import cache_folder
from faceinv.runtime.parallel import worker_count
from faceinv.runtime.processes import workers

CHAPTER_SECONDS = 12.0
"""Processor time of a chapter besides its networks: intervals and figures, and its part of the imports of the
kernels. With everything cached, the 15 chapters of the smallest profile were measured at 173 and 185 s."""
PROCESS_BYTES = 700_000_000
"""Memory of a process before it has loaded anything: Python, PyTorch and what they import."""
RENDERING_SECONDS = 0.02
"""Assumed time of a rendered image, where none was timed, as measured at 64 pixels with 4 rays each."""
CALIBRATED = "step-times.json"
"""File of the cache in which measured step times are kept."""
COPIES = 2
"""Copies of a set in the memory of a worker: as it is, and its parts for training, validation and test."""

NetworkSize = tuple[str, float, int]
"""An architecture, a width, and the size of images."""
Times = Mapping[NetworkSize, StepTimes]


@dataclass(frozen=True)
class PlannedChapter:
    """What a chapter would compute.

    Attributes
    ----------
    name : of the chapter
    networks : all that it needs
    new : those to be trained, neither kept nor trained by a chapter that begins before it
    passes : images through each network after its training
    unchanged : whether it would not be executed at all
    """

    name: str
    networks: tuple[PlannedNetwork, ...]
    new: tuple[PlannedNetwork, ...]
    passes: Passes
    unchanged: bool

    @property
    def kept(self) -> int:
        """Number of networks that are there already."""
        return sum(network.is_kept() for network in self.networks)

    @property
    def images(self) -> int:
        """Images that are shown in training."""
        return sum(network.exposures for network in self.new)

    def seconds(self, times: Times) -> float:
        """Time of its networks on one device: training, and passes through those that are not kept."""
        if self.unchanged:
            return 0.0
        trained = sum(network.exposures * times[key_of(network)].training for network in self.new)
        asked = Counter(key_of(network) for network in self.networks if not network.is_kept())
        return trained + sum(
            count * (self.passes.forward * times[key].forward + self.passes.relevance * times[key].relevance)
            for key, count in asked.items()
        )


@dataclass(frozen=True)
class Plan:
    """What an execution of the book would compute.

    Attributes
    ----------
    sizes : of the profile
    chapters : in the order of the book
    missing : sets of images that have yet to be rendered
    """

    sizes: Profile
    chapters: tuple[PlannedChapter, ...]
    missing: tuple[Rendered, ...]

    @property
    def new(self) -> list[PlannedNetwork]:
        """All networks to be trained."""
        return [network for chapter in self.chapters for network in chapter.new]

    @property
    def keys(self) -> list[NetworkSize]:
        """What is to be trained or asked: architectures at their widths and sizes."""
        return list(
            dict.fromkeys(
                key_of(network)
                for chapter in self.chapters
                if not chapter.unchanged
                for network in chapter.networks
            )
        )

    def network_seconds(self, times: Times) -> float:
        """Time of all networks on one device."""
        return sum(chapter.seconds(times) for chapter in self.chapters)

    def other_seconds(self, rendering: float) -> float:
        """Time of one processor core besides networks: chapters themselves, and images.

        Parameters
        ----------
        rendering : seconds an image
        """
        executed = sum(not chapter.unchanged for chapter in self.chapters)
        return CHAPTER_SECONDS * executed + rendering * sum(map(image_count, self.missing))

    def worker_bytes(self) -> int:
        """Peak memory of a worker: its largest set, unless that lies in a file, and its largest network."""
        every = [network for chapter in self.chapters for network in chapter.networks]
        held = {set_bytes(network.run.source) for network in every}
        return (
            PROCESS_BYTES
            + COPIES * max((size for size in held if size < MAPPED_BYTES), default=0)
            + max((network_bytes(network) for network in every), default=0)
        )

    def disk_bytes(self) -> int:
        """What would be written to the cache: networks with their checkpoints, and sets with their slices.

        Of a large set, its splits for two tasks are kept as well.
        """
        weights = sum(
            FLOAT * footprint(*key_of(network)).weights * (1 + len(network.run.checkpoints))
            for network in self.new
        )
        sets = map(set_bytes, self.missing)
        return weights + sum((4 if size >= MAPPED_BYTES else 2) * size for size in sets)


def key_of(network: PlannedNetwork) -> NetworkSize:
    """The architecture of a network, its width, and the size of its images."""
    run = network.run
    return run.architecture, run.width, run.source.size


def image_count(source: Rendered) -> int:
    """Number of images of a set."""
    classes, images = class_counts(source)
    return classes * images


def set_bytes(source: sources.Source) -> int:
    """Memory of a set; 0 for photographs, whose number is not known before they are read."""
    return 0 if isinstance(source, Photographs) else image_count(source) * source.size**2 * BYTES


def network_bytes(network: PlannedNetwork) -> int:
    """Memory that training a network takes."""
    return footprint(*key_of(network)).training_bytes(network.run.recipes[0].batch)


def plan_book(root: Path, profile: str | None = None) -> Plan:
    """The plan of the book in a folder; see `faceinv.book.build.build_book`.

    Parameters
    ----------
    root : folder of the book
    profile : profile for each chapter that has this parameter; by default each chapter's own default
    """
    chapters: list[PlannedChapter] = []
    seen: set[CachedCall] = set()
    used: set[sources.Source] = set()
    listed = list_chapters(root)
    sizes = None
    # A network of several chapters is trained by the one that begins first: the longest.
    for chapter in sorted(listed, key=lambda chapter: -usual_seconds(root, chapter.name)):
        given = {each.name: ast.literal_eval(each.default) for each in read_parameters(chapter.notebook)}
        if "profile" not in given:
            continue
        sizes = sizes_of(profile or given["profile"])
        unchanged = is_unchanged(root, chapter, profile, listed)
        found = planned_networks(chapter.name, sizes, given)
        new = [
            network
            for keys, network in found.items()
            if not unchanged and seen.isdisjoint(keys) and not network.is_kept()
        ]
        # Where a rate has yet to be chosen, a later chapter takes the recorded one for the same network.
        seen.update(key for keys in found for key in keys)
        if not unchanged:
            used.update(network.run.source for network in found.values())
        count = CHAPTER_PASSES.get(chapter.name, lambda *_: Passes())
        chapters.append(
            PlannedChapter(
                chapter.name,
                tuple(found.values()),
                tuple(new),
                count(sizes, len(found)),
                unchanged,
            )
        )
    missing = tuple(
        each
        for each in sorted(used, key=repr)
        if not isinstance(each, Photographs) and not is_cached(sources._render_all, each)
    )
    order = {chapter.name: place for place, chapter in enumerate(listed)}
    chapters.sort(key=lambda each: order[each.name])
    return Plan(sizes or sizes_of(profile or "quick"), tuple(chapters), missing)


def known_times(
    keys: Sequence[NetworkSize], device: str, precision: str | None = None
) -> dict[NetworkSize, StepTimes]:
    """Times on a device of this machine that were measured before and are kept; see `measured_times`."""
    kept = read_checked(cache_folder() / CALIBRATED)
    named = {key: kept.get(_name(key, device, precision)) for key in keys}
    return {key: StepTimes(**value) for key, value in named.items() if value}


def measured_times(
    keys: Sequence[NetworkSize], device: str, seconds: float, precision: str | None = None
) -> Times:
    """Times on a device of this machine, measured in about so many seconds, and kept.

    All cores are timed at once, as many as will compute: they share the memory, and one alone is faster.
    Networks learn in `precision`, by default in the fastest of the device.
    """
    cores = worker_count() if device == "cpu" else 1
    timed = list(workers(cores)(delayed(_timed)(keys, device, seconds, precision) for _ in range(cores)))
    means = np.mean([[astuple(times) for times in core] for core in timed], axis=0)
    found = {key: StepTimes(*map(float, each)) for key, each in zip(keys, means, strict=True)}
    path = cache_folder() / CALIBRATED
    new = {_name(key, device, precision): asdict(value) for key, value in found.items()}
    write_checked(path, read_checked(path) | new)
    return found


def _name(key: NetworkSize, device: str, precision: str | None) -> str:
    """Under which the times of a network are kept."""
    return f"{device} {precision or fastest(device)} {key[0]} {key[1]:g} {key[2]}"


def _timed(
    keys: Sequence[NetworkSize], device: str, seconds: float, precision: str | None
) -> list[StepTimes]:
    return [step_times.measured_steps(*key, seconds / len(keys), device, precision) for key in keys]


def likely_times(keys: Sequence[NetworkSize], device: str, precision: str | None = None) -> Times:
    """Times on a device of this machine: those measured before, or else assumed ones."""
    known = known_times(keys, device, precision)
    return {key: known.get(key) or step_times.assumed_steps(*key, kind_of(device)) for key in keys}


def kind_of(device: str) -> str:
    """Whether a device is a ``cpu`` or a ``gpu``."""
    return "cpu" if device == "cpu" else "gpu"


def rendering_seconds(missing: Sequence[Rendered]) -> float:
    """Seconds an image, from two images of one person of the first set of faces, or else an assumption."""
    faces = next((each for each in missing if isinstance(each, FaceSet)), None)
    if faces is None:
        return RENDERING_SECONDS
    two = sources._with_images(faces, 2)
    sources._slice(two, 0, 1)  # loads the head
    begun = process_time()
    sources._slice(two, 0, 1)
    return (process_time() - begun) / 2
