"""The base class of the explorers for notebooks: networks, images, the user's choices, and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any

import anywidget
import numpy as np
import torch
import traitlets

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.contrasts import CONTRASTS
from faceinv.lrp.relevance import relevance
from faceinv.lrp.starts import STARTS
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier, Model, as_classifier, copied
from faceinv.models.pixels import Images, ValueRange, to_unit_range
from faceinv.perturbations import masks
from faceinv.widgets.network_index import entry, network_label

FOLDER = Path(__file__).parent
"""Folder of scripts and styles; ``bundles`` contains the scripts as bundled by ``make bundles``."""

Networks = Model | Sequence[Model] | Mapping[str, Model]


class Explorer(anywidget.AnyWidget):
    """An explorer whose relevance is computed by the kernel, on request.

    Choices are traits, which can be observed, linked and set. Results are properties, computed from the
    traits, so that they are correct whether or not the explorer is displayed. `networks` and `images` can be
    assigned. Networks are copied then: assign a network again after training it further.

    Attributes
    ----------
    image, network : indices of the image and the network that are shown, in `images` and `networks`
    target : index of the explained class; None explains the predicted class
    composite, against, start : see `faceinv.lrp.relevance.relevance`
    """

    _esm = (FOLDER / "bundles" / "kernel.js").read_text(encoding="utf-8")
    _css = (FOLDER / "explorer.css").read_text(encoding="utf-8")
    _parts = traitlets.List(traitlets.Unicode(), ["contrast"]).tag(sync=True)
    """Parts of ``explorer.js`` that are shown, from contrast, keep, change and compare."""
    _index = traitlets.Dict().tag(sync=True)
    _faces = traitlets.Bytes().tag(sync=True)
    _choices = traitlets.List(traitlets.Unicode()).tag(sync=True)

    image = traitlets.Int(0).tag(sync=True, choice=True)
    network = traitlets.Int(0).tag(sync=True, choice=True)
    target = traitlets.Int(None, allow_none=True).tag(sync=True, choice=True)
    composite = traitlets.Enum(tuple(COMPOSITES), "epsilon-plus-flat").tag(sync=True, choice=True)
    against = traitlets.Enum(tuple(CONTRASTS), "none").tag(sync=True, choice=True)
    start = traitlets.Enum(tuple(STARTS), "absolute").tag(sync=True, choice=True)

    def __init__(
        self,
        networks: Networks,
        images: Images,
        labels: Sequence[str] | None = None,
        composite: str = "epsilon-plus-flat",
        target: int | str | None = None,
        against: str = "none",
        classes: Sequence[str] | None = None,
        value_range: ValueRange | None = None,
        **chosen: Any,
    ) -> None:
        if unknown := sorted(set(chosen) - set(self.trait_names(choice=True))):
            raise InputError(
                f"an explorer has no trait {unknown[0]!r}; its traits are "
                f"{', '.join(self.trait_names(choice=True))}"
            )
        super().__init__()
        # A request of the page may be handled in one thread while a cell runs in another, and the rules that
        # are registered on a network serve one explanation at a time.
        self._lock = RLock()
        self._revision = 0
        self._class_names, self._value_range = classes, value_range
        self._show(networks, images, labels)
        self.composite, self.against = composite, against
        self.target = self._class(target)
        for name, value in chosen.items():
            setattr(self, name, value)
        self.on_msg(self._answer)

    @property
    def networks(self) -> tuple[Model, ...]:
        """The networks to choose from; assign one, several, or a mapping of labels to networks."""
        return self._networks

    @networks.setter
    def networks(self, networks: Networks) -> None:
        self._show(networks, self._images, self._image_labels)

    @property
    def images(self) -> np.ndarray:
        """A copy of the images to choose from, uint8, N x H x W x channels; see `shown`."""
        return self._images.copy()

    @images.setter
    def images(self, images: Images) -> None:
        self._show(dict(zip(self._labels, self._networks, strict=True)), images, None)

    @property
    def shown(self) -> np.ndarray:
        """The image that the network sees, at the network's size: float32, H x W x 3, from 0 to 255."""
        return self._pixels[self.image].astype(np.float32)

    @property
    def logits(self) -> np.ndarray:
        """Logits of the network for the shown image (float32, one per class)."""
        return self._logits(self.network, self.shown)

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities of the network for the shown image (float32, one per class)."""
        return torch.softmax(torch.from_numpy(self.logits), 0).numpy()

    @property
    def explained(self) -> int:
        """Index of the class that the heatmap explains: the target, or else the predicted class."""
        return int(self.logits.argmax()) if self.target is None else self.target

    @property
    def heatmap(self) -> np.ndarray:
        """Relevance map of the shown image for the class `explained` (float32, H x W)."""
        rules = self.composite, self.against, self.start
        return self._heatmap(self.network, self.shown, self.explained, *rules)

    def _logits(self, place: int, image: np.ndarray) -> np.ndarray:
        """Logits of the network with an index for an image (float32, H x W x 3)."""
        with self._lock:
            return self._copies[place].logits(self._input(place, image))[0].numpy()

    def _heatmap(self, place: int, image: np.ndarray, target: int, *rules: Any) -> np.ndarray:
        """Relevance map of a network for an image; `rules` are composite, against and start."""
        with self._lock:
            return relevance(self._subjects[place], self._input(place, image), target, *rules)[0]

    def _input(self, place: int, image: np.ndarray) -> torch.Tensor:
        """A network's input for an image (float32, H x W x 3, 0-255, slightly beyond after interpolation)."""
        planes = torch.from_numpy(image[..., : self._channels].copy()).permute(2, 0, 1)
        return self._copies[place].normalized(planes[None] / 255, self._value_range)

    def _show(self, networks: Networks, images: Images, labels: Sequence[str] | None) -> None:
        """Check networks and images, show them, and reset choices that no longer exist."""
        found, texts = _labelled(networks)
        pixels = to_unit_range(images, self._value_range)
        if not len(pixels):
            raise InputError("there are no images; expected at least one")
        image_labels = _texts(labels, len(pixels))
        subjects = [copied(network) for network in found]
        copies = [_named(as_classifier(each), self._class_names) for each in subjects]
        size = _common_size(copies, pixels)
        grey_levels = _grey_levels(pixels)
        first = to_unit_range(_resized(grey_levels[:1], size))
        for i, each in enumerate(copies):
            sized = replace(each, size=size)
            copies[i] = sized.with_classes(sized.normalized(first, self._value_range))
        self._networks, self._labels, self._subjects, self._copies = found, texts, subjects, copies
        self._images, self._image_labels, self._channels = grey_levels, image_labels, pixels.shape[1]
        self._pixels = np.repeat(_resized(grey_levels, size), 3 // self._channels, axis=3)
        self._revision += 1
        entries = [
            entry(network.specification if isinstance(network, Network) else copy) | {"label": text}
            for network, copy, text in zip(found, copies, texts, strict=True)
        ]
        faces = {"size": size, "labels": image_labels}
        with self.hold_trait_notifications():
            for name, count in (("image", len(grey_levels)), *((n, len(entries)) for n in self._places)):
                if getattr(self, name) >= count:
                    setattr(self, name, 0)
            self._let_go_of_target()
        with self.hold_sync():
            self._faces = self._pixels.tobytes()
            # The revision makes the index differ even if new networks have the same labels.
            self._index = {"networks": entries, "faces": faces, "revision": self._revision}

    _places: tuple[str, ...] = ("network",)
    """Traits that are indices in `networks`."""

    def _class(self, target: int | str | None) -> int | None:
        if not isinstance(target, str):
            return target
        classes = self._copies[self.network].classes
        if target not in classes:
            raise InputError(
                f"there is no class {target!r} in the network; its classes are {', '.join(classes)}"
            )
        return classes.index(target)

    @traitlets.default("_choices")
    def _named_choices(self) -> list[str]:
        return list(self.traits(choice=True))

    @traitlets.observe("network")
    def _let_go_of_target(self, change: object = None) -> None:
        if self.target is not None and self.target >= self._classes:
            self.target = None

    @property
    def _classes(self) -> int:
        return len(self._copies[self.network].classes)

    @traitlets.validate("image", "network", "target")
    def _place(self, proposal: Any) -> int | None:
        name, value = proposal["trait"].name, proposal["value"]
        counts = {"image": len(self._images), "target": self._classes}
        return _in_range(name, value, counts.get(name, len(self._networks)))

    def _answer(self, widget: object, question: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Explain an image of three planes that the page sent; always reply, with the error if one occurs."""
        try:
            place = question["network"]
            rules = question["composite"], question["against"], self.start
            size = self._pixels.shape[1]
            image = np.frombuffer(buffers[0], dtype="<f4").reshape(3, size, size).transpose(1, 2, 0)
            logits = self._logits(place, image)
            heatmap = self._heatmap(place, image, question["target"], *rules)
        except Exception as error:
            self.send({"id": question["id"], "error": " ".join(str(error).split())})
            if not isinstance(error, InputError):
                raise
        else:
            arrays = (
                logits.astype("<f4"),
                heatmap.astype("<f4"),
                masks.ranks(heatmap[None])[0].astype("<i4"),
            )
            self.send({"id": question["id"]}, [array.tobytes() for array in arrays])


def _labelled(networks: Networks) -> tuple[tuple[Model, ...], list[str]]:
    """Networks and their labels, which are unique."""
    if isinstance(networks, Mapping):
        found, labels = tuple(networks.values()), list(networks)
    else:
        found = (networks,) if isinstance(networks, Model) else tuple(networks)
        labels = []
        for each in found:
            text = network_label(each.specification if isinstance(each, Network) else as_classifier(each))
            count = sum(other == text or other.startswith(f"{text} (") for other in labels)
            labels.append(f"{text} ({count + 1})" if count else text)
    if not found:
        raise InputError("there are no networks to explore; expected at least one")
    return found, labels


def _named(classifier: Classifier, classes: Sequence[str] | None) -> Classifier:
    """The classifier, with the given names of classes if it has none."""
    return classifier if classifier.classes else as_classifier(classifier, classes)


def _common_size(classifiers: Sequence[Classifier], pixels: torch.Tensor) -> int:
    """Height and width of the images that all classifiers see."""
    height, width = pixels.shape[-2:]
    if height != width and any(each.size is None for each in classifiers):
        raise InputError(
            f"the images are {height} x {width} and the size of the model's input is not known; "
            "expected square images, or a Classifier(model, size=...)"
        )
    sizes = {each.size or height for each in classifiers}
    if len(sizes) > 1:
        numbers = " and ".join(map(str, sorted(sizes)))
        raise InputError(f"the networks see images of {numbers} pixels; expected networks of one size")
    return sizes.pop()


def _grey_levels(pixels: torch.Tensor) -> np.ndarray:
    """Pixels (0-1, N x channels x H x W) as uint8, N x H x W x channels."""
    return (pixels * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def check_images(images: np.ndarray) -> np.ndarray:
    """A copy of images; raises `InputError` if they are not uint8, N x H x W x 3."""
    images = np.array(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or not len(images):
        raise InputError(
            f"images are {images.dtype} of shape {images.shape}; expected uint8, N x H x W x 3, at least one"
        )
    return images


def _texts(labels: Sequence[str] | None, count: int) -> list[str]:
    texts = [f"image {i + 1}" for i in range(count)] if labels is None else [str(text) for text in labels]
    if len(texts) != count:
        raise InputError(f"there are {len(texts)} labels for {count} images; expected one for each")
    return texts


def _resized(images: np.ndarray, size: int) -> np.ndarray:
    """Images (uint8) resized to the networks' size, by the same interpolation as `Network.prepare`."""
    if images.shape[1:3] == (size, size):
        return images
    planes = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    options = {"mode": "bilinear", "antialias": True, "align_corners": False}
    resized = torch.nn.functional.interpolate(planes, (size, size), **options)  # type: ignore[arg-type]
    return resized.permute(0, 2, 3, 1).round().clamp(0, 255).byte().contiguous().numpy()


def _in_range(name: str, value: int | None, count: int) -> int | None:
    if value is not None and not 0 <= value < count:
        raise InputError(f"{name} is {value}; expected an index from 0 to {count - 1}")
    return value
