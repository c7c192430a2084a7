"""The first page shows the head of the run that ships, or else that of this run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceinv.book.pages.head_part import HEAD, head_part
from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError
from faceinv.reporting.evidence import SHIPPED

CONTENT = {
    "switches": [{"name": name, "choices": [name]} for name in ("task", "pretraining", "shown")],
    "kinds": [{"choice": [0, 0, 0], "words": "Densest on nose."}],
    "colours": ["#ffffff", "#ff0000"],
    "still": "data:,",
}


def test_the_head_that_ships_comes_first(tmp_path: Path) -> None:
    assert head_part(tmp_path).startswith("<!--")
    for folder, still, whose in ((CHAPTERS, "data:,a", "this run"), (SHIPPED, "data:,b", "the full run")):
        file = tmp_path / folder / HEAD
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(CONTENT | {"still": still}))
        page = head_part(tmp_path)
        assert f'src="{still}"' in page and f"From {whose}" in page and "Densest on nose." in page


def test_a_damaged_head_is_named(tmp_path: Path) -> None:
    file = tmp_path / CHAPTERS / HEAD
    file.parent.mkdir(parents=True)
    for text in ("{", "{}"):
        file.write_text(text)
        with pytest.raises(InputError, match=r"turning_head\.json holds no head"):
            head_part(tmp_path)
