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


def test_pages_keep_the_icons_that_they_and_scripts_name(weight: Any, tmp_path: Path) -> None:
    script = tmp_path / weight.ICON_SCRIPT
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT)
    style = tmp_path / weight.STYLE
    style.parent.mkdir(parents=True)
    style.write_text(
        '.fa-lg{width:1em}.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}.a:before{content:"b"}'
    )
    (tmp_path / "page.html").write_text('<i class="fas fa-navicon fa-lg"></i>')
    weight.keep_used_icons(SimpleNamespace(outdir=tmp_path), None)
    drawn = script.read_text()
    assert json.loads(drawn.partition("ICONS = ")[2].partition(";\n")[0]) == {"navicon": [4, 5, "M0 0H4"]}
    assert style.read_text() == '.fa-lg{width:1em}.a:before{content:"b"}'
    weight.keep_used_icons(SimpleNamespace(outdir=tmp_path), None)  # a build that copied nothing again
    assert script.read_text() == drawn
