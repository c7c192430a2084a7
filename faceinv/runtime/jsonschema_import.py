"""Import jsonschema without the grammar of internationalised addresses: ``with without_grammar(): ...``.

Where JupyterLab is installed, jsonschema, which nbformat imports, compiles that grammar when it is imported.
This takes a second, in each process that executes a chapter; no notebook has such an address to check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

GRAMMAR = "rfc3987_syntax"
"""The module that compiles the grammar; jsonschema does without a format whose module is missing."""


@contextmanager
def without_grammar() -> Iterator[None]:
    """While active, the grammar cannot be imported; afterwards it can."""
    if GRAMMAR in sys.modules:
        yield
        return
    sys.modules[GRAMMAR] = None  # type: ignore[assignment]  # which is how Python marks a missing module
    try:
        yield
    finally:
        del sys.modules[GRAMMAR]
