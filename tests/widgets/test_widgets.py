"""The explorers of a notebook, shown in a browser with the real widget behind them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Show
from explored_site import SIZE, network, slide
from notebook_page import OUTPUT, Notebook
from page_checks import contrast

from faceinv.errors import InputError
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.perturbations import masks
from faceinv.perturbations.transformations import TRANSFORMATIONS
from faceinv.widgets import HeatmapExplorer, NetworkComparison, TransformationExplorer

IMAGES = np.random.default_rng(0).integers(40, 220, size=(4, SIZE, SIZE, 3), dtype=np.uint8)
GENDER, IDENTITY = network("gender", 0), network("identity", 0)
NETWORKS = [GENDER, IDENTITY]


def expected_map(which: Any, image: np.ndarray, target: int, *rules: Any) -> np.ndarray:
    """The package's own relevance of one image (H x W x 3, 0-255)."""
    inputs = which.prepare(np.clip(image[None], 0, 255), (0, 255))
    return relevance(which, inputs, np.array([target]), *rules)[0]


def assert_shows(notebook: Notebook, which: Any, image: np.ndarray, *rules: Any) -> dict[str, Any]:
    """The page shows the relevance of this network on this image, and the properties hold the same."""
    state, widget = notebook.settle(), notebook.widget
    expected = expected_map(which, image, state["target"], *rules)
    np.testing.assert_allclose(np.array(state["heatmap"]).reshape(SIZE, SIZE), expected, atol=1e-6)
    np.testing.assert_array_equal(widget.heatmap, expected)
    assert widget.explained == state["target"]
    np.testing.assert_allclose(state["probabilities"], widget.probabilities, atol=1e-6)
    np.testing.assert_allclose(state["logits"], widget.logits, atol=1e-6)
    return state


def test_what_is_chosen_in_the_page_is_chosen_in_python(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES, ["a", "b", "c", "d"])
    notebook = show(widget)
    assert_shows(notebook, GENDER, IMAGES[0])
    page = notebook.page
    page.get_by_role("radio", name="c", exact=True).click()
    assert_shows(notebook, GENDER, IMAGES[2])
    assert widget.image == 2
    page.get_by_role("combobox", name="Network", exact=True).select_option(index=1)
    page.get_by_label("Explained class").select_option("2")
    assert_shows(notebook, IDENTITY, IMAGES[2])
    assert (widget.network, widget.target) == (1, 2)
    page.get_by_role("combobox", name="Rules").select_option("epsilon-gamma-box")
    page.get_by_role("combobox", name="Against").select_option("runner-up")
    assert_shows(notebook, IDENTITY, IMAGES[2], "epsilon-gamma-box", "runner-up")
    assert (widget.composite, widget.against) == ("epsilon-gamma-box", "runner-up")
    page.get_by_role("combobox", name="Network", exact=True).select_option(index=0)
    notebook.settle()
    assert (widget.network, widget.target) == (0, None)


def test_caption_says_which_side_of_a_map_is_for_the_class(show: Show) -> None:
    """Relevance has the sign of the logit, unless it starts from the logit."""
    widget = HeatmapExplorer(NETWORKS, IMAGES)
    notebook = show(widget)
    lowest = int(widget.logits.argmin())
    widget.target = lowest
    notebook.settle()
    assert widget.logits[lowest] < 0
    assert notebook.page.get_by_text("Relevance against (warm) and for (cold)").count() == 1
    widget.start = "logit"
    assert_shows(notebook, GENDER, IMAGES[0], "epsilon-plus-flat", "none", "logit")
    assert notebook.page.get_by_text("Relevance for (warm) and against (cold)").count() == 1


def test_what_is_chosen_in_python_is_shown(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES, composite="epsilon", target="male")
    notebook = show(widget)
    assert assert_shows(notebook, GENDER, IMAGES[0], "epsilon")["target"] == 1
    widget.image, widget.network, widget.target, widget.composite = 3, 1, 3, "deep-taylor"
    widget.fraction, widget.order = 0.6, "least"
    assert_shows(notebook, IDENTITY, IMAGES[3], "deep-taylor")
    page = notebook.page
    assert page.locator(".fx-faces [aria-checked=true]").get_attribute("aria-label") == "image 4"
    assert page.get_by_label("Explained class").input_value() == "3"
    assert page.get_by_role("combobox", name="Rules").input_value() == "deep-taylor"
    assert page.get_by_label("the least relevant").is_checked()
    assert page.locator(".fx-fraction").input_value() == "0.6"
    widget.network = 0  # which has no class of that number
    assert widget.target is None
    assert_shows(notebook, GENDER, IMAGES[3], "deep-taylor")


def test_all_composites_can_be_chosen(show: Show) -> None:
    notebook = show(HeatmapExplorer(GENDER, IMAGES))
    for name, recipe in COMPOSITES.items():
        notebook.page.get_by_role("combobox", name="Rules").select_option(name)
        assert_shows(notebook, GENDER, IMAGES[0], name)
        assert recipe.description in notebook.page.locator(".fx").inner_text()


def test_the_mask_in_the_page_is_that_of_the_study(show: Show) -> None:
    widget = HeatmapExplorer(GENDER, IMAGES)
    notebook = show(widget)
    for order in ("most", "least"):
        notebook.page.get_by_label(f"the {order} relevant").check()
        for share in (0, 0.15, 0.5, 1):
            slide(notebook.page, ".fx-fraction", share)
            state = notebook.settle()
            assert (widget.fraction, widget.order) == (share, order)
            np.testing.assert_array_equal(np.array(state["mask"], bool).reshape(SIZE, SIZE), widget.mask)
            np.testing.assert_array_equal(widget.mask, masks.keep(widget.heatmap[None], share, order)[0])
            inputs = GENDER.prepare(IMAGES[:1])
            rest = GENDER.logits(masks.apply(inputs, widget.mask[None]))
            np.testing.assert_allclose(state["kept"], torch.softmax(rest, 1)[0], atol=1e-4)


def test_other_networks_and_images_are_shown_when_they_are_assigned(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES)
    notebook = show(widget)
    widget.network, widget.image, widget.target = 1, 3, 3
    notebook.settle()
    other = network("gender", 5)
    widget.networks = {"mine": other}
    assert (widget.network, widget.target) == (0, None)
    assert_shows(notebook, other, IMAGES[3])
    assert notebook.page.get_by_role("combobox", name="Network", exact=True).inner_text() == "mine"
    widget.images = 255 - IMAGES[:2]
    assert widget.image == 0
    assert_shows(notebook, other, 255 - IMAGES[0])
    assert notebook.page.locator(".fx-faces button").count() == 2
    # The same networks whose weights have changed since are no others to Python, but they are shown anew.
    with torch.no_grad():
        other.module.get_parameter("classifier.2.weight").mul_(-1)
    widget.networks = other
    assert_shows(notebook, other, 255 - IMAGES[0])


def test_images_of_another_size_are_seen_at_that_of_the_network(show: Show) -> None:
    large = np.random.default_rng(1).integers(256, size=(2, 90, 70, 3), dtype=np.uint8)
    widget = HeatmapExplorer(GENDER, large)
    notebook = show(widget)
    state = notebook.settle()
    image = np.array(state["image"]).reshape(3, SIZE, SIZE)
    np.testing.assert_array_equal(widget.shown, image.transpose(1, 2, 0))
    inputs = torch.from_numpy(widget.shown / 255)
    expected = GENDER.prepare(large[:1])[0].permute(1, 2, 0) * 0.25 + 0.5
    assert (inputs - expected).abs().max() <= 0.51 / 255  # which are rounded to whole grey levels
    assert_shows(notebook, GENDER, widget.shown)


@pytest.mark.parametrize(
    ("change", "value", "name", "place"),
    [
        ("rotation", 20, "rotation", 1),
        ("rotation", -35, "rotation", 1),
        ("size", 0.75, "size", 0),
        ("right", 0.09375, "position", 0),  # 4.5 pixels, which Python rounds to 4
        ("down", -0.125, "position", 1),
        ("blur", 0.03125, "blur", 0),
    ],
)
def test_transformations_are_those_of_the_study(
    show: Show, change: str, value: float, name: str, place: int
) -> None:
    widget = TransformationExplorer(GENDER, IMAGES)
    notebook = show(widget)
    before = torch.from_numpy(IMAGES[:1].astype(np.float32)).permute(0, 3, 1, 2)
    slide(notebook.page, f"[data-change={change}]", value)
    state = notebook.settle()
    assert getattr(widget, change) == value
    expected = TRANSFORMATIONS[name](before, value, torch.tensor([place]))[0].numpy()
    np.testing.assert_allclose(np.array(state["image"]).reshape(expected.shape), expected, atol=0.01)
    np.testing.assert_allclose(widget.shown.transpose(2, 0, 1), expected, atol=1e-4)
    seen = np.array(state["image"], np.float32).reshape(3, SIZE, SIZE).transpose(1, 2, 0)
    np.testing.assert_allclose(
        np.array(state["heatmap"]).reshape(SIZE, SIZE), expected_map(GENDER, seen, state["target"]), atol=1e-6
    )
    whole = torch.softmax(GENDER.logits(GENDER.prepare(IMAGES[:1])), 1)[0]
    np.testing.assert_allclose(state["unchanged"], whole, atol=1e-5)


def test_transformations_are_set_and_undone(show: Show) -> None:
    widget = TransformationExplorer(NETWORKS, IMAGES)
    notebook = show(widget)
    widget.rotation, widget.size, widget.right, widget.down, widget.blur = 10, 0.8, 0.1, -0.1, 0.01
    moved = notebook.settle()
    np.testing.assert_allclose(
        np.array(moved["image"]).reshape(3, SIZE, SIZE).transpose(1, 2, 0), widget.shown, atol=0.01
    )
    notebook.page.get_by_role("button", name="Undo all").click()
    assert_shows(notebook, GENDER, IMAGES[0])
    assert (widget.rotation, widget.size, widget.right, widget.down, widget.blur) == (0, 1, 0, 0, 0)


def test_two_networks_are_compared(show: Show) -> None:
    widget = NetworkComparison([GENDER, network("gender", 1), IDENTITY], IMAGES, target="female")
    notebook = show(widget)
    seen = []
    widget.observe(lambda change: seen.append(change.new), "overlap")

    def assert_compared(other: Any) -> None:
        state = assert_shows(
            notebook, widget.networks[widget.network], IMAGES[widget.image], widget.composite
        )
        expected = expected_map(other, IMAGES[widget.image], state["otherTarget"], widget.composite)
        np.testing.assert_allclose(np.array(state["otherHeatmap"]).reshape(SIZE, SIZE), expected, atol=1e-6)
        np.testing.assert_array_equal(widget.other_heatmap, expected)
        np.testing.assert_array_equal(
            np.array(state["otherMask"], bool).reshape(SIZE, SIZE), widget.other_mask
        )
        both, either = widget.mask & widget.other_mask, widget.mask | widget.other_mask
        assert state["shared"] == widget.overlap == pytest.approx(both.sum() / either.sum())

    assert_compared(widget.networks[1])
    assert widget.other_explained == int(network("gender", 1).logits(GENDER.prepare(IMAGES[:1])).argmax())
    widget.explains = "same"
    assert_compared(widget.networks[1])
    assert widget.other_explained == widget.explained == 0
    page = notebook.page
    page.get_by_role("combobox", name="Compare with").select_option(index=2)
    assert_compared(IDENTITY)
    assert widget.other == 2
    slide(page, ".fx-fraction", 0.5)
    assert_compared(IDENTITY)
    widget.other, widget.image, widget.composite = 0, 1, "epsilon"
    assert_compared(GENDER)
    assert widget.overlap == 1
    assert len(set(seen)) >= 3
    widget.networks = [IDENTITY, GENDER]
    assert_compared(widget.networks[widget.other])


def test_keys_and_names_reach_every_control(show: Show) -> None:
    widget = NetworkComparison(NETWORKS, IMAGES, ["ann", "bob", "cat", "dan"])
    page = (notebook := show(widget)).page
    notebook.settle()
    nameless = """() => [...document.querySelectorAll("button, input, select, canvas[role]")]
      .filter(e => !(e.getAttribute("aria-label") || (e.labels?.[0] ?? e).textContent.trim()))
      .map(e => e.outerHTML)"""
    assert page.evaluate(nameless) == []
    page.locator(".fx-faces [tabindex='0']").press("ArrowRight")  # the only stop of the tab key
    notebook.settle()
    assert widget.image == 1
    page.locator(".fx-fraction").press("ArrowRight")
    notebook.settle()
    assert widget.fraction == pytest.approx(0.31)
    page.get_by_role("combobox", name="Network", exact=True).press("ArrowDown")
    notebook.settle()
    assert widget.network == 1
    assert page.locator(".fx").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_a_finger_chooses(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES)
    notebook = show(widget, has_touch=True, viewport={"width": 390, "height": 800})
    notebook.settle()
    notebook.page.locator(".fx-faces button").nth(1).tap()
    assert_shows(notebook, GENDER, IMAGES[1])
    wide = notebook.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible(show: Show, theme: str) -> None:
    notebook = show(NetworkComparison(NETWORKS, IMAGES), theme=theme)
    notebook.settle()
    paper = notebook.page.evaluate("getComputedStyle(document.body).backgroundColor")
    inks = notebook.page.evaluate(
        "[...document.querySelectorAll('.fx :is(p, span, select, button, legend)')]"
        ".map(e => getComputedStyle(e).color)"
    )
    for ink in set(inks):
        assert contrast(ink, paper) >= 4.5


def test_a_network_that_cannot_be_explained_is_told_in_the_widget(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES)
    notebook = show(widget)
    notebook.settle()
    notebook.page.evaluate(f"{OUTPUT}.explorer.source.index.networks[0].composites.none = 'no rules'")
    notebook.page.evaluate(f"{OUTPUT}.explorer.choice.composite = 'none'; {OUTPUT}.explorer.update()")
    notebook.page.get_by_text("This network cannot be shown: there is no composite 'none'").wait_for()


def test_a_kernel_that_does_not_answer_is_told(show: Show) -> None:
    notebook = show(HeatmapExplorer(NETWORKS, IMAGES))
    notebook.settle()
    notebook.page.evaluate(f"{OUTPUT}.explorer.source.model.send = () => {{}}")
    notebook.page.evaluate(f"{OUTPUT}.explorer.update()")
    notebook.page.get_by_text("Waiting for the kernel").wait_for()


@pytest.mark.slow
def test_answers_in_one_thread_leave_those_of_another_alone() -> None:
    # A notebook answers the page in a thread of its own, while cells may explain the same network.
    widget = HeatmapExplorer(GENDER, IMAGES, target=0)
    expected = [expected_map(GENDER, image, 0) for image in IMAGES]
    answers: list[np.ndarray] = []
    widget.send = lambda content, buffers=(): answers.append(np.frombuffer(buffers[1], "<f4"))
    question = {"id": "0", "network": 0, "target": 0, "composite": "epsilon-plus-flat", "against": "none"}
    planes = IMAGES[1].transpose(2, 0, 1).astype("<f4").tobytes()

    def ask() -> None:
        for _ in range(20):
            widget._answer(None, question, [planes])

    page = threading.Thread(target=ask)
    page.start()
    while page.is_alive():
        np.testing.assert_array_equal(widget.heatmap, expected[0])
        np.testing.assert_array_equal(expected_map(GENDER, IMAGES[2], 0), expected[2])
    page.join()
    assert len(answers) == 20
    for answer in answers:
        np.testing.assert_array_equal(answer.reshape(SIZE, SIZE), expected[1])


def test_a_view_that_is_closed_lets_go(show: Show) -> None:
    widget = HeatmapExplorer(NETWORKS, IMAGES)
    notebook = show(widget)
    before = notebook.settle()
    notebook.page.evaluate("close()")
    widget.image = 2
    assert notebook.settle()["heatmap"] == before["heatmap"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"networks": []}, "there are no networks to explore"),
        ({"images": IMAGES / 255}, "the images are float64; expected uint8"),
        ({"images": IMAGES[:0]}, "at least one"),
        ({"labels": ["a"]}, "there are 1 labels for 4 images"),
        ({"target": "child"}, "there is no class 'child' in the network; its classes are female, male"),
        ({"target": 2}, "target is 2; expected an index from 0 to 1"),
        ({"fractions": 0.2}, "an explorer has no trait 'fractions'; its traits are"),
    ],
)
def test_what_cannot_be_explored_is_refused(given: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"networks": GENDER, "images": IMAGES}
    with pytest.raises(InputError, match=message):
        HeatmapExplorer(**(usual | given))


def test_what_is_chosen_may_be_given_at_once() -> None:
    widget = NetworkComparison(NETWORKS, IMAGES, fraction=0.1, order="least", image=2, other=0)
    assert (widget.fraction, widget.order, widget.image, widget.other) == (0.1, "least", 2, 0)
    assert widget.mask.sum() == round(0.1 * widget.mask.size)
    assert widget.overlap == 1  # with itself


def test_networks_of_two_sizes_are_refused() -> None:
    from faceinv.models.architectures import Specification, build

    larger = build(Specification("vgg11_bn", ("female", "male"), 0.125, 64))
    with pytest.raises(InputError, match="images of 48 and 64 pixels; expected networks of one size"):
        NetworkComparison([GENDER, larger], IMAGES)
    widget = HeatmapExplorer(GENDER, IMAGES)
    with pytest.raises(InputError):
        widget.networks = [GENDER, larger]
    assert widget.networks == (GENDER,)  # what is refused changes nothing


def test_places_that_are_not_there_are_refused() -> None:
    widget = NetworkComparison(NETWORKS, IMAGES)
    for name in ("image", "network", "other"):
        with pytest.raises(InputError, match=f"{name} is 4; expected an index from 0"):
            setattr(widget, name, 4)
    assert (widget.image, widget.network, widget.other) == (0, 0, 1)


def test_networks_of_one_description_have_different_labels() -> None:
    widget = HeatmapExplorer([GENDER, GENDER, GENDER], IMAGES)
    labels = [each["label"] for each in widget._index["networks"]]
    assert len(set(labels)) == 3
