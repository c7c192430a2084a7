"""Functions of the widgets' scripts that pages and notebooks share, called in an empty page."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from faceinv.commands.book_server import BookServer
from faceinv.data.rendering.colour import standardise
from faceinv.widgets.explorer import FOLDER

UNCHANGED = {"size": 1, "rotation": 0, "right": 0, "down": 0}
INDEX = {"networks": [{}, {}], "faces": {"labels": ["a", "b", "c"]}}
FIRST = {"image": 0, "network": 0, "other": None, "composite": None, "order": "most", "fraction": 0.3}


@pytest.fixture(scope="module")
def call(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """``call("pixels.js", "origin", 1, 2)`` calls a function of a script, with plain values."""
    folder = tmp_path_factory.mktemp("scripts")
    for script in FOLDER.glob("*.js"):
        (folder / script.name).write_bytes(script.read_bytes())
    (folder / "index.html").write_text("<!doctype html><title>Empty</title>")
    with BookServer(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/index.html")

        def do(script: str, name: str, *values: Any) -> Any:
            code = """async ([script, name, values]) => {
              const found = (await import(`/${script}`))[name](...values);
              return ArrayBuffer.isView(found) ? Array.from(found) : found; }"""
            return page.evaluate(code, [script, name, list(values)])

        yield do
        page.close()


@pytest.mark.parametrize("oval", [None, [0.5, 0.5, 0.4, 0.45]])
def test_a_photograph_gets_the_mean_and_contrast_of_the_faces(call: Any, oval: list[float] | None) -> None:
    side = 24
    level = np.random.default_rng(0).gamma(2, 20, (side, side)).clip(0, 255)
    standard = {"level": 128, "contrast": 40, "oval": oval}
    image = np.stack([level] * 3).ravel().tolist()
    found = np.array(call("pixels.js", "standardised", image, side, standard)).reshape(3, side, side)
    assert (found == found[0]).all()
    if oval is None:
        expected = standardise(level[..., None], np.ones((side, side, 1)))[..., 0]
        assert np.abs(found[0] - expected).max() <= 0.5
        assert found[0].mean() == pytest.approx(128, abs=0.5)
        assert found[0].std() == pytest.approx(40, abs=0.5)
    else:
        assert (found[0, [0, 0, -1, -1], [0, -1, 0, -1]] == 128).all()  # corners are outside the oval
        inner = found[0, 7:17, 7:17]
        assert np.corrcoef(inner.ravel(), level[7:17, 7:17].ravel())[0, 1] > 0.9


@pytest.mark.parametrize(
    ("x", "y", "change", "expected"),
    [
        (3, 5, {}, (3, 5)),
        (3, 5, {"right": 0.25}, (1, 5)),  # of 8 pixels
        (1, 5, {"right": 0.25}, None),
        (3, 5, {"down": -0.25}, (3, 7)),
        (7, 0, {"rotation": 90}, (0, 0)),  # clockwise: the right corner was the left one
        (0, 4, {"size": 0.5}, None),
        (2, 2, {"size": 0.5}, (0, 0)),
    ],
)
def test_a_pixel_of_a_transformed_face_is_traced_to_its_origin(
    call: Any, x: int, y: int, change: dict[str, float], expected: tuple[int, int] | None
) -> None:
    found = call("pixels.js", "origin", x, y, 8, UNCHANGED | change)
    place = None if expected is None else expected[1] * 8 + expected[0]
    if change.get("size") and place is not None:  # between two pixels of the original
        assert found in (place, place + 1, place + 8, place + 9)
    else:
        assert found == place


def test_relevance_is_shared_out_among_regions_by_its_amount(call: Any) -> None:
    assert call("regions.js", "shares", [1, -2, 0, 1], [0, 1, 1, 2], 4) == [0.25, 0.5, 0.25, 0]
    assert call("regions.js", "shares", [0, 0], [0, 1], 2) == [0, 0]


def test_a_link_carries_the_choices_that_were_made(call: Any) -> None:
    chosen = FIRST | {"image": 2, "other": 1, "composite": "epsilon", "fraction": 0.05}
    link = call("sharing.js", "linkOf", chosen, FIRST)
    assert link == "#explorer?image=2&other=1&composite=epsilon&fraction=0.05"
    assert FIRST | call("sharing.js", "choicesOf", link, FIRST, INDEX) == chosen


@pytest.mark.parametrize(
    "link",
    ["", "#a-heading", "#explorer?image=3", "#explorer?network=-1", "#explorer?other=x&target2=1&image=0.5"],
)
def test_a_link_to_what_is_not_there_changes_nothing(call: Any, link: str) -> None:
    assert call("sharing.js", "choicesOf", link, FIRST, INDEX) == {}
