"""Pages are changed after the theme has written them."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import REPOSITORY

SCRIPTS = '<script src="../_static/searchtools.js"></script>\n    <script src="../searchindex.js"></script>'


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPOSITORY / "book" / "_ext"))
    yield pytest.importorskip("written_pages")
    del sys.modules["written_pages"]


def test_only_the_page_of_the_search_loads_its_index(written: Any) -> None:
    page = f'<script src="a.js"></script>\n    {SCRIPTS}\n<p>Text</p>'
    assert written.changed(page) == '<script src="a.js"></script>\n<p>Text</p>'
    assert written.changed(page, searches=True) == page


def test_parameters_of_a_signature_are_lines_and_lists_stay_lists(written: Any) -> None:
    parameters = '<dl>\n<dd><em class="sig-param">a</em>,</dd>\n<dd><em class="sig-param">b</em>,</dd>\n</dl>'
    lines = '<div><em class="sig-param">a</em>,</div>\n<div><em class="sig-param">b</em>,</div>\n'
    assert written.changed(parameters) == f'<div class="faceinv-signature">\n{lines}</div>'
    listed = "<dl>\n<dt>a</dt>\n<dd>what it is</dd>\n</dl>"
    assert written.changed(listed) == listed


def test_a_link_to_a_page_is_shown_with_title_and_picture(
    written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = SimpleNamespace(config=SimpleNamespace(project="A book"))
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    context = {"title": "Masks &amp; <em>maps</em>", "metatags": "<meta>"}
    written.add_preview(app, "page", "page.html", context, None)
    assert context["metatags"].splitlines()[:2] == [
        "<meta>",
        '<meta property="og:title" content="Masks &amp; maps">',
    ]
    assert "og:image" not in context["metatags"]
    monkeypatch.setenv("GITHUB_REPOSITORY", "ann/faces")
    written.add_preview(app, "page", "page.html", context, None)
    assert '"https://ann.github.io/faces/_static/overview.png"' in context["metatags"]
