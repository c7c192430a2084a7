"""Explorers of networks that are not the package's: any module, one channel or three, any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from conftest import Show
from torch import Tensor, nn

from faceinv.errors import InputError
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Specification, build
from faceinv.models.classifiers import Classifier
from faceinv.perturbations import masks
from faceinv.widgets import HeatmapExplorer, NetworkComparison, TransformationExplorer

SIDE = 28
GREY = torch.rand(4, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
GREY = (GREY * 255).round() / 255  # as a picture has it
COLOUR = np.random.default_rng(0).integers(256, size=(3, 20, 20, 3), dtype=np.uint8)


class Small(nn.Module):
    """Two convolutions, the second added to the first, in functions where there might be modules."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.output = nn.Linear(4, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = torch.relu(self.first(images))
        x = x + torch.relu(self.second(x))
        return self.output(x.mean((2, 3)))


def small(channels: int, classes: int, seed: int = 0) -> Small:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Small(channels, classes)


def test_a_module_of_one_channel_is_explained_as_the_package_explains_it(show: Show) -> None:
    model = small(1, 10)
    widget = HeatmapExplorer(model, GREY, classes=[f"digit {i}" for i in range(10)], value_range=(0, 1))
    notebook = show(widget)
    notebook.page.get_by_role("radio", name="image 3", exact=True).click()
    notebook.page.get_by_label("Explained class").select_option("digit 7")
    state = notebook.settle()
    assert (widget.image, widget.target) == (2, 7)
    expected = relevance(model, GREY[2:3], 7)[0]
    np.testing.assert_allclose(widget.heatmap, expected, atol=1e-5 * np.abs(expected).max())
    np.testing.assert_allclose(np.array(state["heatmap"]).reshape(SIDE, SIDE), widget.heatmap, atol=1e-6)
    with torch.no_grad():
        logits = model(GREY[2:3])[0].numpy()
    np.testing.assert_allclose(widget.logits, logits, atol=1e-5)
    np.testing.assert_allclose(state["logits"], logits, atol=1e-5)
    np.testing.assert_array_equal(widget.mask, masks.keep(widget.heatmap[None], 0.3)[0])
    assert notebook.page.get_by_role("combobox", name="Network", exact=True).inner_text() == "Small"
    assert widget.images.shape == (4, SIDE, SIDE, 1)


def test_a_classifier_takes_pixels_as_it_says() -> None:
    classifier = Classifier(small(3, 2), ("cat", "dog"), (0.4, 0.5, 0.6), (0.2, 0.25, 0.3), size=32)
    widget = HeatmapExplorer(classifier, COLOUR, target="dog")
    assert widget.shown.shape == (32, 32, 3)
    inputs = classifier.inputs(widget.shown.round().astype(np.uint8)[None])
    np.testing.assert_allclose(widget.logits, classifier.logits(inputs)[0], atol=1e-5)
    assert (widget.explained, widget.heatmap.shape) == (1, (32, 32))


def test_classes_without_names_are_numbered() -> None:
    widget = HeatmapExplorer(small(1, 3), GREY, value_range=(0, 1))
    assert widget._index["networks"][0]["classes"] == ("0", "1", "2")
    with pytest.raises(InputError, match="there is no class 'cat' in the network; its classes are 0, 1, 2"):
        HeatmapExplorer(small(1, 3), GREY, value_range=(0, 1), target="cat")


def test_floats_of_any_range_are_seen_as_they_are() -> None:
    model = small(1, 3)
    moved = GREY * 2 - 1
    widget = HeatmapExplorer(model, moved, value_range=(-1, 1))
    np.testing.assert_array_equal(widget.shown[..., 0], (GREY[0, 0] * 255).round().numpy())
    with torch.no_grad():
        np.testing.assert_allclose(widget.logits, model(moved[:1])[0], atol=1e-5)


def test_networks_of_the_package_and_others_are_compared() -> None:
    network = build(Specification("resnet18", ("female", "male"), 0.0625, 32))
    other = Classifier(small(3, 2), ("male", "female"), (0.5,) * 3, (0.25,) * 3, 32)
    widget = NetworkComparison({"ours": network, "mine": other}, COLOUR, target="male", explains="same")
    assert (widget.explained, widget.other_explained) == (1, 0)
    widget.networks = other  # alone, it is compared with itself
    assert widget.overlap == 1


def test_a_module_sees_transformed_images() -> None:
    model = small(1, 3)
    widget = TransformationExplorer(model, GREY, value_range=(0, 1))
    widget.right = 4 / SIDE
    np.testing.assert_allclose(
        widget.shown[:, 4:], np.repeat(GREY[0, 0, :, :-4, None], 3, 2) * 255, atol=1e-3
    )
    with torch.no_grad():
        expected = model(torch.from_numpy(widget.shown[..., :1]).permute(2, 0, 1)[None] / 255)[0]
    np.testing.assert_allclose(widget.logits, expected, atol=1e-5)


def test_what_is_shown_does_not_follow_further_training() -> None:
    model = small(1, 3)
    widget = HeatmapExplorer(model, GREY, value_range=(0, 1))
    before = widget.logits
    with torch.no_grad():
        model.output.weight.zero_()
    np.testing.assert_array_equal(widget.logits, before)
    widget.networks = model
    np.testing.assert_allclose(widget.logits, model.output.bias.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "the images are torch.float32; expected uint8, or floats with their range"),
        ({"value_range": (0, 0.5)}, "expected values from 0 to 0.5, as value_range says"),
        ({"value_range": (0, 1), "classes": ["a"]}, "there are 1 names of classes and the model returns 3"),
        ({"images": COLOUR, "value_range": (0, 1)}, "the model cannot take images of 3 x 20 x 20"),
        ({"images": COLOUR}, "the model's mean and std are not known"),
        ({"images": GREY[..., :20], "value_range": (0, 1)}, "the images are 28 x 20"),
        ({"images": GREY[:0], "value_range": (0, 1)}, "there are no images; expected at least one"),
        (
            {"networks": ["resnet18"], "value_range": (0, 1)},
            "the model is of type str; expected a torch.nn.Module",
        ),
    ],
)
def test_what_cannot_be_explored_is_one_sentence(given: dict[str, Any], message: str) -> None:
    all_given: dict[str, Any] = {"networks": small(1, 3), "images": GREY} | given
    with pytest.raises(InputError, match=message) as error:
        HeatmapExplorer(**all_given)
    assert "\n" not in str(error.value)
