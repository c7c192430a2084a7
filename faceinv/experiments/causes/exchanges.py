"""Exchanges: test images of a network, and the same images with one region of the face exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faceinv.data.faces.causes import EXCHANGED, Donor
from faceinv.data.faces.counterfactuals import change_images
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import Source, load_stimuli
from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import split
from faceinv.errors import InputError
from faceinv.models.training_runs import TrainingRun
from faceinv.runtime.cache import disk_cached


@dataclass(frozen=True)
class Exchange:
    """A trained network, and what is exchanged in its test images.

    Attributes
    ----------
    run : the network; it learned from rendered faces
    images : maximum number of test images, evenly spaced in the test set
    causes : keys of `faceinv.data.faces.causes.CAUSES`
    donor : who regions are taken from
    trained : ask the trained network, or the same network before training

    Raises
    ------
    InputError
        If the causes of the images are unknown.
    """

    run: TrainingRun
    images: int = 32
    causes: tuple[str, ...] = EXCHANGED
    donor: Donor = "other gender"
    trained: bool = True

    def __post_init__(self) -> None:
        if not has_known_causes(self.run.source):
            raise InputError(f"causes of {self.run.source} cannot be changed; expected rendered faces")


def has_known_causes(source: Source) -> bool:
    """Whether everything that an image of a source shows is known, so that one cause can be changed alone."""
    return isinstance(source, FaceSet)


def exchanged_images(exchange: Exchange) -> tuple[Stimuli, Mapping[str, Stimuli]]:
    """The test images of an exchange, and the changed ones by cause, in the same order."""
    source = exchange.run.source
    assert isinstance(source, FaceSet)
    return _exchanged_images(source, exchange.run.task, exchange.images, exchange.causes, exchange.donor)


@disk_cached
def _exchanged_images(
    source: FaceSet, task: str, images: int, causes: tuple[str, ...], donor: Donor
) -> tuple[Stimuli, dict[str, Stimuli]]:
    """The same for all networks of a task."""
    table = split(load_stimuli(source), task).test.evenly(images).table
    person, view = table["identity"].str.rpartition("-")[2].astype(int), table["view"].str[:3].astype(int)
    return change_images(source, list(zip(person.tolist(), view.tolist(), strict=True)), causes, donor)
