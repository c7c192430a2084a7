"""Sphinx extension of the book: each page says itself what it may load, whatever its server sends."""

from typing import Any

from sphinx.application import Sphinx

from faceinv.book.content_policy import BINDER, BOOK, policy_tag


def add_policy(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Add the policy to the head of a page; pages with live code may also reach the hosts of its kernels."""
    tag = policy_tag(BOOK, BINDER if app.config.faceinv_live else ())
    context["metatags"] = f"{tag}\n{context.get('metatags', '')}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_policy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
