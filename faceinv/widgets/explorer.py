"""The base of the explorers in a notebook: networks and faces, what is chosen of them, and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any

import anywidget
import numpy as np
import torch
import traitlets

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, duplicate
from faceinv.models.classifiers import as_classifier
from faceinv.perturbations import masks
from faceinv.widgets.esm_bundle import FOLDER, bundle
from faceinv.widgets.network_index import entry, network_label

Networks = Network | Sequence[Network] | Mapping[str, Network]


class Explorer(anywidget.AnyWidget):
    """An explorer whose relevance is computed here, by the kernel, each time that it is asked for.

    What is chosen stands in traits, which can be observed, linked and set; what follows from it are
    properties, which compute it from the traits, so that they are right whether or not the explorer is on
    display. Assigning `networks` or `images` shows the new ones. Networks are copied when they are assigned:
    one that has learned since is assigned again.

    Attributes
    ----------
    image, network : places of what is shown in `images` and `networks`
    target : the class that is explained, as an index; None explains what the network answers
    composite, contrastive : see `faceinv.lrp.relevance.relevance`
    """

    _esm = bundle("kernel")
    _css = (FOLDER / "explorer.css").read_text(encoding="utf-8")
    _parts = traitlets.List(traitlets.Unicode(), ["contrast"]).tag(sync=True)
    """Parts of ``explorer.js`` that are shown: those of contrast, keep, change and compare."""
    _index = traitlets.Dict().tag(sync=True)
    _faces = traitlets.Bytes().tag(sync=True)
    _choices = traitlets.List(traitlets.Unicode()).tag(sync=True)

    image = traitlets.Int(0).tag(sync=True, choice=True)
    network = traitlets.Int(0).tag(sync=True, choice=True)
    target = traitlets.Int(None, allow_none=True).tag(sync=True, choice=True)
    composite = traitlets.Enum(tuple(COMPOSITES), "epsilon-plus-flat").tag(sync=True, choice=True)
    contrastive = traitlets.Bool(False).tag(sync=True, choice=True)

    def __init__(
        self,
        networks: Networks,
        images: np.ndarray,
        labels: Sequence[str] | None = None,
        composite: str = "epsilon-plus-flat",
        target: int | str | None = None,
        contrastive: bool = False,
        **chosen: Any,
    ) -> None:
        if unknown := sorted(set(chosen) - set(self.trait_names(choice=True))):
            raise InputError(
                f"an explorer has no {unknown[0]!r}; it has {', '.join(self.trait_names(choice=True))}"
            )
        super().__init__()
        # A notebook may answer the page in one thread while a cell runs in another, and a network that is
        # explained has rules registered on it, which belong to one explanation at a time.
        self._lock = RLock()
        self._revision = 0
        self._networks, self._labels = _named(networks)
        self._images = check_images(images)
        self._image_labels = _texts(labels, len(self._images))
        self._renew()
        self.composite, self.contrastive = composite, contrastive
        self.target = self._class(target)
        for name, value in chosen.items():
            setattr(self, name, value)
        self.on_msg(self._answer)

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks to choose from; one, several, or several by label can be assigned."""
        return self._networks

    @networks.setter
    def networks(self, networks: Networks) -> None:
        self._networks, self._labels = _named(networks)
        self._renew()

    @property
    def images(self) -> np.ndarray:
        """A copy of the images to choose from, uint8, N x H x W x 3; networks see them at their own size."""
        return self._images.copy()

    @images.setter
    def images(self, images: np.ndarray) -> None:
        self._images = check_images(images)
        self._image_labels = _texts(None, len(self._images))
        self._renew()

    @property
    def shown(self) -> np.ndarray:
        """The image that the network sees, float32, H x W x 3, from 0 to 255."""
        return self._pixels[self.image].astype(np.float32)

    @property
    def logits(self) -> np.ndarray:
        """Logits (float32, one a class) of the network for what it sees."""
        return self._logits(self.network, self.shown)

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities (float32, one a class) of the network for what it sees."""
        return torch.softmax(torch.from_numpy(self.logits), 0).numpy()

    @property
    def explained(self) -> int:
        """The class that the heatmap is of, as an index: the target, or the answer."""
        return int(self.logits.argmax()) if self.target is None else self.target

    @property
    def heatmap(self) -> np.ndarray:
        """Relevance (float32, H x W) of what the network sees, for the class `explained`."""
        return self._heatmap(self.network, self.shown, self.explained, self.composite, self.contrastive)

    def _logits(self, place: int, image: np.ndarray) -> np.ndarray:
        """Logits of the network at a place for an image (float32, H x W x 3)."""
        with self._lock:
            network = self._copies[place]
            return network.logits(_input(network, image))[0].numpy()

    def _heatmap(self, place: int, image: np.ndarray, target: int, *rules: Any) -> np.ndarray:
        """Relevance by a composite, contrastive or not, of the network at a place for an image."""
        with self._lock:
            network = self._copies[place]
            return relevance(network, _input(network, image), np.array([target]), *rules)[0]

    def _renew(self) -> None:
        """Show the networks and images that there are now, and let go of what was chosen and is gone."""
        size = self._networks[0].specification.size
        self._copies = [duplicate(network) for network in self._networks]
        self._pixels = _resized(self._images, size)
        self._revision += 1
        networks = [
            entry(network.specification) | {"label": text}
            for network, text in zip(self._networks, self._labels, strict=True)
        ]
        faces = {"size": size, "labels": self._image_labels}
        with self.hold_trait_notifications():
            for name, count in (("image", len(self._images)), *((n, len(networks)) for n in self._places)):
                if getattr(self, name) >= count:
                    setattr(self, name, 0)
            self._let_go_of_target()
        with self.hold_sync():
            self._faces = self._pixels.tobytes()
            # The number makes an index of other networks with the same labels another one.
            self._index = {"networks": networks, "faces": faces, "revision": self._revision}

    _places: tuple[str, ...] = ("network",)
    """Traits that are places in `networks`."""

    def _class(self, target: int | str | None) -> int | None:
        if not isinstance(target, str):
            return target
        classes = self._networks[self.network].specification.classes
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
        return len(self._networks[self.network].specification.classes)

    @traitlets.validate("image", "network", "target")
    def _place(self, proposal: Any) -> int | None:
        name, value = proposal["trait"].name, proposal["value"]
        counts = {"image": len(self._images), "target": self._classes}
        return _in_range(name, value, counts.get(name, len(self._networks)))

    def _answer(self, widget: object, question: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Explain an image of three planes that the page sends; it must get an answer, whatever happens."""
        try:
            place, rules = question["network"], (question["composite"], question["contrastive"])
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


def _input(network: Network, image: np.ndarray) -> torch.Tensor:
    """What a network takes for an image (float32, H x W x 3, 0-255, a little beyond by interpolation)."""
    return as_classifier(network).normalized(torch.from_numpy(image).permute(2, 0, 1)[None] / 255)


def _named(networks: Networks) -> tuple[tuple[Network, ...], list[str]]:
    """Networks that can be explored together, and their labels, of which no two are the same."""
    if isinstance(networks, Mapping):
        found, labels = tuple(networks.values()), list(networks)
    else:
        found = (networks,) if isinstance(networks, Network) else tuple(networks)
        labels = []
        for each in found:
            text = network_label(each.specification)
            count = sum(other == text or other.startswith(f"{text} (") for other in labels)
            labels.append(f"{text} ({count + 1})" if count else text)
    if not found:
        raise InputError("there are no networks to explore; expected at least one")
    sizes = {network.specification.size for network in found}
    if len(sizes) > 1:
        numbers = " and ".join(map(str, sorted(sizes)))
        raise InputError(f"the networks see images of {numbers} pixels; expected networks of one size")
    return found, labels


def check_images(images: np.ndarray) -> np.ndarray:
    """A copy of images, if they are such as can be shown."""
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
    """Images (uint8) at the size of the networks, by the same interpolation as `Network.prepare`."""
    if images.shape[1:3] == (size, size):
        return images
    planes = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    options = {"mode": "bilinear", "antialias": True, "align_corners": False}
    resized = torch.nn.functional.interpolate(planes, (size, size), **options)  # type: ignore[arg-type]
    return resized.permute(0, 2, 3, 1).round().clamp(0, 255).byte().contiguous().numpy()


def _in_range(name: str, value: int | None, count: int) -> int | None:
    if value is not None and not 0 <= value < count:
        raise InputError(f"{name} is {value}; expected a place from 0 to {count - 1}")
    return value
