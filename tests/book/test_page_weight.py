"""The icons of pages: those of the theme's script that are used, and no others."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import REPOSITORY

SCRIPT = (
    'a={bars:[4,5,["navicon"],"f0c9","M0 0H4"],"arrow-up":[3,6,[8593],"f062","M1 1"]};'
    'b={"arrow-up":[3,5,[],"f062","M2 2"]};'
)


@pytest.fixture
def weight(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPOSITORY / "book" / "_ext"))
    yield pytest.importorskip("page_weight")
    del sys.modules["page_weight"]


def test_icons_are_read_by_each_of_their_names_and_the_last_family_counts(weight: Any) -> None:
    bars, arrow = (4, 5, "M0 0H4"), (3, 5, "M2 2")
    assert weight.icons_of(SCRIPT) == {"bars": bars, "navicon": bars, "arrow-up": arrow}


def test_icons_of_admonitions_are_drawn_by_their_shapes_as_far_as_they_are_known(weight: Any) -> None:
    rules = weight.shape_rules({"lightbulb": (4, 5, "M0 0H4")})
    assert [rule.split(">")[0] for rule in rules.split("}")[:-1]] == [
        "div.admonition.hint",
        "div.admonition.tip",
    ]
    assert "viewBox%3D%270%200%204%205%27" in rules and "M0%200H4" in rules
    assert weight.shape_rules({}) == ""


def test_pages_keep_the_icons_that_they_and_scripts_name(weight: Any, tmp_path: Path) -> None:
    script = tmp_path / weight.ICON_SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT)
    style = tmp_path / weight.STYLE
    style.parent.mkdir(parents=True)
    style.write_text(
        "@font-face{font-family:Font Awesome\\ 6 Free;src:url(a.woff2)}.fa-lg{width:1em}"
        '.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}.a:before{content:"b"}'
    )
    (tmp_path / "page.html").write_text('<i class="fas fa-navicon fa-lg"></i>')
    weight.keep_used_icons(SimpleNamespace(outdir=tmp_path), None)
    drawn = script.read_text()
    assert json.loads(drawn.partition("ICONS = ")[2].partition(";\n")[0]) == {"navicon": [4, 5, "M0 0H4"]}
    assert style.read_text() == '.fa-lg{width:1em}.a:before{content:"b"}'
    weight.keep_used_icons(SimpleNamespace(outdir=tmp_path), None)  # a build that copied nothing again
    assert script.read_text() == drawn
