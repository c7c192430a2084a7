"""The extension of the book, without Sphinx."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import REPOSITORY


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPOSITORY / "book" / "_ext"))
    yield pytest.importorskip("faceinv_book")
    del sys.modules["faceinv_book"]


def test_sources_of_one_depth_share_their_contents_and_no_other_pages_do(extension: Any) -> None:
    drawn: dict[tuple[object, ...], str] = {}

    def shown(page: str, **options: Any) -> str:
        context = {"toctree": lambda **given: f"contents beside {page} {given}"}
        extension.share_contents(drawn, None, page, "page.html", context, None)
        return context["toctree"](**options)

    first = shown("_modules/faceinv/cli", maxdepth=1)
    assert first == "contents beside _modules/faceinv/cli {'maxdepth': 1}"
    assert shown("_modules/faceinv/errors", maxdepth=1) == first
    for page, options in (
        ("_modules/faceinv/cli", {"maxdepth": 2}),
        ("_modules/faceinv/lrp/rules", {"maxdepth": 1}),
        ("book/index", {"maxdepth": 1}),
        ("book/cite", {"maxdepth": 1}),
    ):
        assert shown(page, **options) == f"contents beside {page} {options}"


def test_the_script_of_the_head_is_loaded_where_a_head_stands(extension: Any) -> None:
    loaded: list[str] = []
    app = SimpleNamespace(
        add_js_file=lambda name, **_: loaded.append(name),
        config=SimpleNamespace(faceinv_explorer="", faceinv_live=None),
    )
    for body, expected in (('<div class="faceinv-head" style="">', ["assets/turning_head.js"]), ("<p>", [])):
        loaded.clear()
        extension.choose_scripts(app, "book/index", "page.html", {"body": body, "script_files": []}, None)
        assert loaded == expected
