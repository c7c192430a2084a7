"""The head turns where the browser can draw it, and is a still picture elsewhere."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import BROWSER_OPTIONS, BROWSERS
from PIL import Image

from faceinv.book.standalone_page import TURNING_HEAD
from faceinv.data.faces.surface_points import head_mesh
from faceinv.figures.turning_head import head_html, turning_head

SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""Options that draw WebGL without a graphics card."""


def redness(picture: bytes) -> float:
    """Mean ratio of red to green in a PNG picture."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), float)
    return float(pixels[..., 0].mean() / pixels[..., 1].mean())


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a head that is read on the nose for one task and nowhere for the other."""
    x, y, z = head_mesh().vertices.T
    nose = np.where((np.abs(x) < 0.02) & (z < 0) & (z > -0.06) & (y < 0), 8.0, 0.25)
    kinds = {("gender", "none", "relevance"): nose, ("identity", "none", "relevance"): np.full(len(x), 0.25)}
    words = dict(zip(kinds, ("Densest on nose.", "Read nowhere."), strict=True))
    html = head_html(turning_head(kinds, words))
    script = TURNING_HEAD.read_text(encoding="utf-8")
    page = tmp_path_factory.mktemp("head") / "head.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{html}<script>{script}</script>', encoding="utf-8")
    return page


def test_without_webgl_the_picture_stays(page_file: Path, browser: Any) -> None:
    context = browser.new_context()
    context.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_timeout(300)
    assert page.locator(".faceinv-head > img").is_visible() and page.locator("canvas").count() == 0
    assert "Densest on nose." in page.locator("img").get_attribute("alt") and not errors
    context.close()


def test_the_head_turns_by_keys_and_by_hand_and_shows_what_is_chosen(page_file: Path, browser: Any) -> None:
    named = os.environ.get("FACEINV_CHROMIUM")
    found = named or next(path for name in BROWSERS if (path := shutil.which(name)))
    options = [each for each in BROWSER_OPTIONS if each != "--disable-gpu"] + SOFTWARE
    drawing = browser.browser_type.launch(executable_path=found, args=options)
    context = drawing.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    canvas = page.locator("canvas")
    canvas.wait_for()
    assert not page.locator(".faceinv-head > img").is_visible()

    assert page.get_by_role("slider", name="Head to turn").count() == 1
    described = page.locator(f"#{canvas.get_attribute('aria-describedby')}")
    assert "Densest on nose." in described.inner_text()
    turned = "text => document.querySelector('canvas').ariaValueText === text"
    page.wait_for_function(turned, arg="turned 25 degrees to the right")
    for _ in range(3):
        canvas.press("ArrowLeft")
    page.wait_for_function(turned, arg="turned 5 degrees to the left")
    canvas.press("ArrowRight")
    page.wait_for_function(turned, arg="turned 5 degrees to the right")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 100)  # by 5 degrees, to the front
    page.mouse.up()
    page.wait_for_function(turned, arg="seen from the front")
    nose = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 0.57 * box["height"], "width": 2, "height": 2}
    before = page.screenshot(clip=nose)
    page.get_by_text("identity", exact=True).first.click()
    page.wait_for_timeout(200)
    after = page.screenshot(clip=nose)
    assert redness(before) > 1.8 > 1.2 > redness(after)
    assert "Read nowhere." in page.locator(".faceinv-head-words").inner_text()
    page.emulate_media(media="print")
    assert page.locator(".faceinv-head > img").is_visible() and not canvas.is_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= 390")
    page.emulate_media(media="screen")
    canvas.evaluate("each => each.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()")
    canvas.wait_for(state="detached")
    assert page.locator(".faceinv-head > img").is_visible()
    drawing.close()
