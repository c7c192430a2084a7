"""Sphinx extension of the book: terms show their definition, and references say where they are cited."""

import re
from functools import partial
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY, REFERENCES = "book/glossary", "book/references"
"""Pages of the terms and of the cited works."""

TERM_LINK = re.compile(r'<a class="reference internal" href="[^"]*#(?P<anchor>term-[^"]+)"')


def definitions_of(app: Sphinx) -> dict[str, str]:
    """Definitions of the glossary as text, by the anchor of the term."""
    if GLOSSARY not in app.env.found_docs:
        return {}
    found = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        text = " ".join(item.next_node(nodes.definition).astext().split())
        found.update({name: text for term in item.findall(nodes.term) for name in term["ids"]})
    return found


def define_terms(
    defined: dict[str, str], app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Let terms of the glossary show their definition when they are pointed at or focused."""
    body = context.get("body", "")
    if "#term-" not in body or page == GLOSSARY:
        return
    if not defined:
        defined.update(definitions_of(app))

    def with_definition(match: re.Match[str]) -> str:
        text = defined.get(match["anchor"], "")
        return f'{match[0]} data-definition="{escape(text)}"' if text else match[0]

    context["body"] = TERM_LINK.sub(with_definition, body)


def cite_back(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Add to each reference the pages that cite it, with links to where they do."""
    if page != REFERENCES:
        return
    domain: Any = app.env.get_domain("cite")
    keys = {each.citation_id: each.key for each in domain.citations}
    places: dict[str, dict[str, str]] = {}
    for each in sorted(domain.citation_refs, key=lambda each: (each.docname, -(each.line or 0))):
        for target in each.targets:  # the first place of a page is the last one written here
            places.setdefault(target.key, {})[each.docname] = each.citation_ref_id
    for entry in doctree.findall(nodes.citation):
        key = next((keys[name] for name in entry["ids"] if name in keys), "")
        if key in places:
            entry[-1] += cited_in(app, places[key])


def cited_in(app: Sphinx, places: dict[str, str]) -> nodes.inline:
    """A line of links to citations, by the page that they are on."""
    line = nodes.inline("", "Cited in ", classes=["faceinv-cited"])
    for number, (name, anchor) in enumerate(places.items()):
        address = f"{app.builder.get_relative_uri(REFERENCES, name)}#{anchor}"
        link = nodes.reference("", app.env.titles[name].astext(), internal=True, refuri=address)
        line += [nodes.Text(", "), link] if number else [link]
    return line


def renew_references(app: Sphinx, env: Any) -> list[str]:
    """Write the page of references again in every build, as other pages cite them."""
    return [REFERENCES] if REFERENCES in env.found_docs else []


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("doctree-resolved", cite_back)
    app.connect("env-updated", renew_references)
    app.connect("html-page-context", partial(define_terms, {}), priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
