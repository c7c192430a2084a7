"""The explorer in a page without a kernel, operated in a browser to which every other machine is closed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import REPOSITORY
from explored_site import CHOICE, SIZE, network, settle, slide
from page_checks import Serve, check, open_page
from PIL import Image

from faceinv.book import build as book_build
from faceinv.book import explorer_assets
from faceinv.book.paths import CHAPTERS, EXPLORED
from faceinv.lrp.onnx.export import halved
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network, load
from faceinv.perturbations import masks
from faceinv.perturbations.transformations import TRANSFORMATIONS


def shown_network(explored_site: Path, state: dict[str, Any]) -> Network:
    task = state["network"].split(",")[0]
    return halved(load(explored_site / EXPLORED / f"{task}-vgg11_bn-0.safetensors"))


def assert_is_relevance(
    explored_site: Path, state: dict[str, Any], composite: str = explorer_assets.COMPOSITE
) -> None:
    """The heatmap and the answer in the page are those of Python for the image in the page."""
    made = shown_network(explored_site, state)
    image = np.array(state["image"], dtype=np.float32).reshape(1, 3, SIZE, SIZE)
    inputs = (torch.from_numpy(image) / 255 - 0.5) / 0.25
    expected = relevance(made, inputs, np.array([state["target"]]), composite)[0].ravel()
    found = np.array(state["heatmap"])
    assert np.median(np.abs(found - expected)) <= 1e-5 * np.abs(expected).max()
    probabilities = torch.softmax(made.logits(inputs), 1)[0].numpy()
    np.testing.assert_allclose(state["probabilities"], probabilities, atol=1e-4)


def test_choose_face_network_and_class(explored_page: Any, explored_site: Path) -> None:
    first = settle(explored_page.page)
    assert_is_relevance(explored_site, first)
    explored_page.page.locator(".fx-faces button").nth(2).click()
    second = settle(explored_page.page)
    assert second["image"] != first["image"]
    assert_is_relevance(explored_site, second)
    explored_page.page.get_by_role("combobox", name="Network", exact=True).select_option(index=1)
    explored_page.page.get_by_label("Explained class").select_option("2")
    third = settle(explored_page.page)
    assert third["network"].startswith("identity")
    assert third["target"] == 2
    assert_is_relevance(explored_site, third)
    assert explored_page.page.locator(".fx-views p").nth(1).inner_text().endswith("“person 3”")


def test_slide_how_much_is_kept(explored_page: Any, explored_site: Path) -> None:
    slide(explored_page.page, ".fx-fraction", 1)
    everything = settle(explored_page.page)
    np.testing.assert_allclose(everything["kept"], everything["probabilities"], atol=1e-6)
    slide(explored_page.page, ".fx-fraction", 0.1)
    most = settle(explored_page.page)
    explored_page.page.get_by_label("the least relevant").check()
    least = settle(explored_page.page)
    assert most["heatmap"] == least["heatmap"]
    target = most["target"]
    # What is kept of the face, by Python's own mask.
    inputs = torch.tensor(most["input"], dtype=torch.float32).view(1, 3, SIZE, SIZE)
    scores = np.array(most["heatmap"], np.float32).reshape(1, SIZE, SIZE)
    shown: list[tuple[masks.Order, dict]] = [("most", most), ("least", least)]
    for order, state in shown:
        rest = masks.apply(inputs, masks.keep(scores, 0.1, order))
        expected = torch.softmax(shown_network(explored_site, state).logits(rest), 1)[0, target]
        assert state["kept"][target] == pytest.approx(float(expected), abs=0.02)  # ties are broken otherwise


def test_compare_two_networks(explored_page: Any, explored_site: Path) -> None:
    explored_page.page.get_by_role("combobox", name="Network", exact=True).select_option(index=0)
    explored_page.page.get_by_role("combobox", name="Compare with").select_option(index=1)
    same = settle(explored_page.page)  # with itself
    assert same["otherHeatmap"] == same["heatmap"]
    assert same["shared"] == 1
    explored_page.page.get_by_role("combobox", name="Compare with").select_option(index=2)
    state = settle(explored_page.page)
    other = {**state, "heatmap": state["otherHeatmap"], "target": state["otherTarget"]}
    made = halved(load(explored_site / EXPLORED / "identity-vgg11_bn-0.safetensors"))
    inputs = torch.tensor(state["input"], dtype=torch.float32).view(1, 3, SIZE, SIZE)
    expected = relevance(made, inputs, np.array([other["target"]]))[0].ravel()
    assert np.median(np.abs(np.array(other["heatmap"]) - expected)) <= 1e-5 * np.abs(expected).max()
    kept = [
        masks.keep(np.array(scores, np.float32).reshape(1, SIZE, SIZE), 0.3)
        for scores in (state["heatmap"], state["otherHeatmap"])
    ]
    assert state["shared"] == pytest.approx((kept[0] & kept[1]).sum() / (kept[0] | kept[1]).sum(), abs=0.05)


@pytest.mark.parametrize(
    ("change", "value", "name", "level", "place"),
    [
        ("rotation", 20, "rotation", 20, 1),
        ("size", 0.75, "size", 0.75, 0),
        ("right", 0.125, "position", 0.125, 0),
        ("down", 0.125, "position", 0.125, 1),
        ("blur", 0.03125, "blur", 0.03125, 0),
    ],
)
def test_transform_as_the_study_does(
    explored_page: Any, explored_site: Path, change: str, value: float, name: str, level: float, place: int
) -> None:
    before = torch.tensor(settle(explored_page.page)["image"], dtype=torch.float32).view(1, 3, SIZE, SIZE)
    slide(explored_page.page, f"[data-change={change}]", value)
    state = settle(explored_page.page)
    expected = TRANSFORMATIONS[name](before, level, torch.tensor([place]))
    found = torch.tensor(state["image"], dtype=torch.float32).view(1, 3, SIZE, SIZE)
    torch.testing.assert_close(found, expected, atol=0.01, rtol=0)
    assert_is_relevance(explored_site, state)


def test_drop_a_photograph_and_align_it(explored_page: Any, explored_site: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(6, 9, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((360, 240), Image.Resampling.BICUBIC).save(tmp_path / "me.png")
    before = settle(explored_page.page)
    bundle = explored_page.page.evaluate_handle(
        """bytes => { const bundle = new DataTransfer();
        bundle.items.add(new File([new Uint8Array(bytes)], "me.png", {type: "image/png"}));
        return bundle; }""",
        list((tmp_path / "me.png").read_bytes()),
    )
    explored_page.page.dispatch_event(".fx", "drop", {"dataTransfer": bundle})
    explored_page.page.wait_for_function("() => !document.querySelector('.fx-align').hidden")
    dropped = settle(explored_page.page)
    assert dropped["image"] != before["image"]
    assert_is_relevance(explored_site, dropped)
    canvas = explored_page.page.get_by_role("application")
    canvas.press("ArrowRight")
    canvas.press("+")
    moved = settle(explored_page.page)
    assert moved["image"] != dropped["image"]
    assert_is_relevance(explored_site, moved)


def test_a_file_that_is_no_picture_is_told(explored_page: Any, tmp_path: Path) -> None:
    (tmp_path / "me.txt").write_text("no picture")
    explored_page.page.get_by_label("A photograph of your own").set_input_files(tmp_path / "me.txt")
    explored_page.page.get_by_text("me.txt is not an image").wait_for()


def test_look_into_the_camera(explored_page: Any, explored_site: Path) -> None:
    explored_page.page.get_by_role("button", name="Use the camera").click()
    explored_page.page.wait_for_function("() => !document.querySelector('.fx-align').hidden")
    explored_page.page.get_by_role("button", name="Take the picture").click()
    state = settle(explored_page.page)
    assert np.ptp(state["image"]) > 50  # the fake camera shows a pattern, too flat for a map to be compared
    inputs = torch.tensor(state["input"], dtype=torch.float32).view(1, 3, SIZE, SIZE)
    expected = torch.softmax(shown_network(explored_site, state).logits(inputs), 1)[0]
    np.testing.assert_allclose(state["probabilities"], expected, atol=1e-4)
    explored_page.page.locator(".fx-faces button").first.click()
    assert explored_page.page.locator(".fx-align").is_hidden()


def test_other_pages_load_nothing_of_it(explored_site: Path, browser: Any, serve: Serve) -> None:
    home = serve(explored_site / "_build" / "html")
    context = browser.new_context()
    seen = open_page(context, f"{home}/book/other.html", home)
    names = seen.page.evaluate("() => performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in names if "explorer" in name or "/ort/" in name]
    context.close()


def test_without_webassembly_there_is_a_still_picture_and_a_sentence(
    explored_site: Path, browser: Any, serve: Serve
) -> None:
    home = serve(explored_site / "_build" / "html")
    context = browser.new_context()
    context.add_init_script("delete globalThis.WebAssembly")
    seen = open_page(context, f"{home}/book/index.html", home)
    seen.page.get_by_text("This is a static picture: WebAssembly is off").wait_for()
    assert seen.page.locator("figure img").is_visible()
    assert seen.page.locator(".fx").count() == 0
    check(seen, "the page without WebAssembly")
    context.close()


def test_without_a_graph_there_is_a_still_picture_and_a_sentence(
    explored_site: Path, browser: Any, serve: Serve
) -> None:
    home = serve(explored_site / "_build" / "html")
    context = browser.new_context()
    context.route("**/*.onnx", lambda route: route.fulfill(status=404))
    tab = context.new_page()
    tab.goto(f"{home}/book/index.html")
    tab.get_by_text("This is a static picture: the file").wait_for()
    assert tab.locator("figure img").is_visible()
    context.close()


@pytest.mark.parametrize("kind", ["onnx", "bin"])
def test_a_damaged_file_is_not_used(explored_site: Path, browser: Any, serve: Serve, kind: str) -> None:
    """One byte of a graph, or of the faces, is changed on the way to the page."""

    def damage(route: Any) -> None:
        body = bytearray(route.fetch().body())
        body[len(body) // 2] ^= 1
        route.fulfill(status=200, body=bytes(body))

    home = serve(explored_site / "_build" / "html")
    context = browser.new_context()
    context.route(f"**/*.{kind}", damage)
    tab = context.new_page()
    tab.goto(f"{home}/book/index.html")
    tab.get_by_text("is damaged: its SHA-256 differs from the index").wait_for()
    context.close()


def test_without_packages_the_book_is_built_with_a_still_picture(
    explored_site: Path, tmp_path: Path, browser: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "book"
    shutil.copytree(explored_site, root, ignore=shutil.ignore_patterns("html", "web", ".doctrees"))
    shutil.copytree(REPOSITORY / "book" / "web", root / "book" / "web")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    book_build.build_pages(root)
    home = serve(root / "_build" / "html")
    context = browser.new_context()
    seen = open_page(context, f"{home}/book/index.html", home)
    check(seen, "the page without packages")
    assert seen.page.locator("figure img").is_visible()
    context.close()


@pytest.mark.slow
def test_a_network_that_changed_is_exported_anew(
    explored_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer_assets, "OTHERS", ())  # a graph of each network; those of other rules go
    shutil.copytree(explored_site / CHAPTERS, tmp_path / CHAPTERS)
    shutil.copytree(explored_site / "_build" / "explorer", tmp_path / "out")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.onnx")}
    network("gender", 1).save(tmp_path / EXPLORED / "gender-vgg11_bn-0.safetensors")
    explorer_assets.write_explorer(tmp_path, tmp_path / "out")
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.onnx")}
    gone, new, same = set(before) - set(after), set(after) - set(before), set(before) & set(after)
    assert (len(gone), len(new), len(same)) == (3 + 2, 1, 1)
    assert {name.partition("-")[0] for name in new} == {"gender"}
    assert all(before[name] == after[name] for name in same)
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert {name for each in index["networks"] for name in each["graphs"].values()} == set(after)

    # A graph of which the end is missing is written again.
    (graph,) = (tmp_path / "out" / name for name in new)
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-100])
    explorer_assets.write_explorer(tmp_path, tmp_path / "out")
    assert len(graph.read_bytes()) == len(whole)
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert index["sha256"][graph.name] == explorer_assets.checksum(graph)


def test_rules_are_chosen_and_fetched_only_then(explored_page: Any, explored_site: Path) -> None:
    settle(explored_page.page)
    explored_page.page.get_by_text("Rules of the relevance map").click()
    fetched = (
        "() => performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.onnx'))"
    )
    assert len(explored_page.page.evaluate(fetched)) == 1
    rules = explored_page.page.get_by_role("combobox", name="Rules")
    first = explored_page.page.evaluate(f"{CHOICE}.network")
    assert rules.locator("option").all_inner_texts() == [explorer_assets.COMPOSITE, *explorer_assets.OTHERS]
    for composite in explorer_assets.OTHERS:
        rules.select_option(composite)
        assert_is_relevance(explored_site, settle(explored_page.page), composite)
    assert len(explored_page.page.evaluate(fetched)) == 3
    # Two networks are compared by the same rules.
    explored_page.page.get_by_role("combobox", name="Compare with").select_option(index=2 - first)
    assert len(settle(explored_page.page)["otherHeatmap"]) == SIZE**2


def test_graphs_of_one_structure_are_written_together(tmp_path: Path) -> None:
    files = []
    for task, seed in (("gender", 0), ("gender", 1), ("identity", 0)):
        files.append(tmp_path / f"{task}-{seed}.safetensors")
        network(task, seed).save(files[-1])
    jobs = [(file, rules, tmp_path / f"{file.stem}-{rules}.onnx") for file in files for rules in ("a", "b")]
    groups = explorer_assets.by_structure(jobs)
    assert [[(file.stem, rules) for file, rules, _ in group] for group in groups] == [
        [("gender-0", "a"), ("gender-1", "a")],
        [("gender-0", "b"), ("gender-1", "b")],
        [("identity-0", "a")],
        [("identity-0", "b")],
    ]


def test_one_network_of_each_task_has_more_than_one_composite(tmp_path: Path) -> None:
    files = []
    for task in ("gender", "identity"):
        for seed in (0, 1):
            files.append(tmp_path / f"{task}-{seed}.safetensors")
            network(task, seed).save(files[-1])
    rules = explorer_assets.composites_offered(files)
    assert [len(rules[file]) for file in files] == [3, 1, 3, 1]
