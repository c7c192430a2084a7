"""The code of the gallery is short and draws something, and its pictures were drawn by that code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY
from PIL import Image

from faceinv.models.architectures import Specification, build

_SPEC = importlib.util.spec_from_file_location("draw_gallery", REPOSITORY / "scripts" / "draw_gallery.py")
assert _SPEC is not None and _SPEC.loader is not None
draw_gallery = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(draw_gallery)

TEXT = (REPOSITORY / draw_gallery.PAGE).read_text(encoding="utf-8")
BLOCKS = draw_gallery.FIRST.findall(TEXT)
PICTURES = draw_gallery.PICTURE.findall(TEXT)


def test_no_code_has_more_than_ten_lines() -> None:
    assert len(PICTURES) >= 8 and len(BLOCKS) == len(PICTURES) + 2
    assert all(len(code.splitlines()) <= 10 for code in BLOCKS)


def test_pictures_are_drawn_by_the_code_beside_them() -> None:
    for place, code in PICTURES:
        picture = Image.open(REPOSITORY / "book" / place)
        assert picture.info[draw_gallery.CODE] == draw_gallery.digest(BLOCKS[0], code), place


@pytest.mark.slow
def test_all_code_runs_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    network = build(Specification("vgg16_bn", ("female", "male"), 0.0625, 64))
    network.save("book/chapters/02_networks/gender-vgg16_bn-0.safetensors")
    names: dict[str, Any] = {}
    exec(BLOCKS[0].replace("identities=12", "identities=2"), names)
    for _, code in PICTURES:
        figure = draw_gallery.draw(code, names)
        assert figure.axes and all(axes.has_data() for axes in figure.axes)
    exec(BLOCKS[-1], names)
    assert Path("gender.onnx").is_file() and names["explorer"].image == 0
