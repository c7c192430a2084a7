"""Content security policies: what a page may load and run, which browsers enforce."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

BINDER = ("https://mybinder.org", "https://*.mybinder.org", "wss://*.mybinder.org")
"""Where kernels of Binder are, which a reader of a book with live code starts by a click."""

BOOK = {
    "default-src": ("'none'",),
    # pages contain inline scripts of the theme, of plotly and of the widgets' state
    "script-src": ("'self'", "'unsafe-inline'", "'wasm-unsafe-eval'", "blob:"),
    "style-src": ("'self'", "'unsafe-inline'"),
    "img-src": ("'self'", "data:", "blob:"),
    "font-src": ("'self'", "data:"),
    "connect-src": ("'self'", "data:", "blob:"),
    "worker-src": ("'self'", "blob:"),
    "media-src": ("'self'",),
    "frame-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'none'",),
    "form-action": ("'self'",),
}
"""Sources that pages of the book may use, by kind: their own files alone."""

SINGLE_PAGE = {
    "default-src": ("'none'",),
    "script-src": ("'unsafe-inline'",),
    "style-src": ("'unsafe-inline'",),
    "img-src": ("data:", "blob:"),
    "font-src": ("data:",),
    "base-uri": ("'none'",),
    "form-action": ("'none'",),
}
"""Sources of a page that needs no other file."""


def policy(sources: dict[str, tuple[str, ...]], kernels: Sequence[str] = ()) -> str:
    """A policy in the words of the standard.

    Parameters
    ----------
    sources : dict
        Sources by kind, such as `BOOK`.
    kernels : sequence of str
        Hosts of kernels that pages may connect to as well, such as `BINDER`.
    """
    allowed = sources | ({"connect-src": (*kernels, *sources.get("connect-src", ()))} if kernels else {})
    return "; ".join(" ".join((kind, *hosts)) for kind, hosts in allowed.items())


def policy_tag(sources: dict[str, tuple[str, ...]], kernels: Sequence[str] = ()) -> str:
    """Element of a page's head that sets its `policy`, whoever serves the page."""
    return f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(sources, kernels))}">'
