"""The extensions of the book, without Sphinx."""

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


@pytest.fixture
def terms(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPOSITORY / "book" / "_ext"))
    yield pytest.importorskip("terms_and_references")
    del sys.modules["terms_and_references"]


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


def test_a_term_shows_its_definition_where_it_is_used(terms: Any) -> None:
    link = '<a class="reference internal" href="../glossary.html#term-mask"><span>mask</span></a>'
    context = {"body": f"{link} {link.replace('term-mask', 'term-other')}"}
    terms.define_terms({"term-mask": 'A "choice".'}, None, "book/chapters/01_a", "", context, None)
    assert context["body"].count("data-definition") == 1
    assert '#term-mask" data-definition="A &quot;choice&quot;.">' in context["body"]


def test_a_reference_leads_to_the_first_citation_of_each_page(terms: Any) -> None:
    nodes = terms.nodes
    refs = [
        SimpleNamespace(citation_ref_id=name, docname=page, line=line, targets=[SimpleNamespace(key=key)])
        for name, page, line, key in (
            ("id1", "book/chapters/03_a", 5, "bach"),
            ("id2", "book/chapters/03_a", 9, "bach"),
            ("id3", "book/chapters/04_b", 1, "other"),
        )
    ]
    domain = SimpleNamespace(citations=[SimpleNamespace(citation_id="c1", key="bach")], citation_refs=refs)
    titles = {"book/chapters/03_a": nodes.title("", "Maps")}
    env = SimpleNamespace(get_domain=lambda name: domain, titles=titles)
    builder = SimpleNamespace(get_relative_uri=lambda here, there: f"{there}.html")
    entry = nodes.citation("", nodes.label("", "1"), nodes.paragraph("", "Bach."), ids=["c1"])
    tree = nodes.section("", entry)
    terms.cite_back(SimpleNamespace(env=env, builder=builder), tree, terms.REFERENCES)
    assert entry.astext().endswith("Bach.Cited in Maps")
    assert [link["refuri"] for link in entry.findall(nodes.reference)] == ["book/chapters/03_a.html#id1"]


def test_references_can_be_found() -> None:
    from pybtex.database import parse_file

    entries = parse_file(str(REPOSITORY / "book/references.bib")).entries.items()
    without = {name for name, entry in entries if not {"doi", "eprint", "url"} & set(entry.fields)}
    assert without == {"huang2007", "yue2012", "burley2012", "banerjee1960", "holm1979"}
