"""Sphinx extension that changes the theme's pages: they load less, and screen readers can use all of them."""

import os
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

SEARCH_PAGE = "search.html"

SEARCHING = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
"""Scripts of the search, which the theme loads on each page for a search while typing, which is off."""

SIGNATURE = re.compile(r'<dl>\n((?:<dd><em class="sig-param">.*</dd>\n)+)</dl>')
"""Parameters of a long signature: a list of definitions without terms."""

ACCESSIBLE = (
    # The sidebar contains the logo, which must be in some landmark.
    (
        '"bd-sidebar-primary bd-sidebar">',
        '"bd-sidebar-primary bd-sidebar" role="navigation" aria-label="Book">',
    ),
    # A table that is wider than a phone is scrolled by keys as well.
    ('<div class="faceinv-table-box">', '<div class="faceinv-table-box" tabindex="0">'),
    (
        '<div class="faceinv-table-box faceinv-wide">',
        '<div class="faceinv-table-box faceinv-wide" tabindex="0">',
    ),
    ('role="doc-biblioentry"', 'role="listitem"'),  # deprecated, and not an item of the list that it is in
    # The button's text is its name; by another name, people who speak to their computer could not press it.
    ('title="Search" aria-label="Search" data-bs-placement', 'title="Search" data-bs-placement'),
)
"""Parts of the theme's pages, and what replaces them."""


def changed(page: str, searches: bool = False) -> str:
    """The HTML of a page as it is published; the page that `searches` keeps the scripts of the search."""
    if not searches:
        page = SEARCHING.sub("", page)
    for old, new in ACCESSIBLE:
        page = page.replace(old, new)
    return SIGNATURE.sub(_as_lines, page)


def _as_lines(found: re.Match[str]) -> str:
    lines = found[1].replace("<dd>", "<div>").replace("</dd>", "</div>")
    return f'<div class="faceinv-signature">\n{lines}</div>'


def change_pages(app: Sphinx, exception: Exception | None) -> None:
    """Change all pages that have been written."""
    out = Path(app.outdir)
    if exception:
        return
    for path in out.rglob("*.html"):
        if path.relative_to(out).parts[0] == "_static":
            continue
        before = path.read_text(encoding="utf-8")
        after = changed(before, path == out / SEARCH_PAGE)
        if after != before:
            path.write_text(after, encoding="utf-8")


def add_preview(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say what is shown where a link to a page is posted: its title, and the picture of the book.

    The picture needs the address of the book, which GitHub's builds know.
    """
    owner, _, name = os.environ.get("GITHUB_REPOSITORY", "").partition("/")
    title = unescape(re.sub("<[^>]+>", "", context.get("title", "")))
    tags = {"title": title, "type": "article", "site_name": app.config.project}
    if name:
        tags["image"] = f"https://{owner}.github.io/{name}/_static/overview.png"
    lines = [f'<meta property="og:{key}" content="{escape(str(value))}">' for key, value in tags.items()]
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_preview)
    app.connect("build-finished", change_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
