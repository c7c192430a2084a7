"""Sphinx extension of the book: numpydoc's template is compiled once, rather than for each docstring.

Numpydoc makes an environment of Jinja for each of a thousand docstrings, which takes a tenth of the time in
which pages are built. There is no option, so this extension replaces the class of those environments.
"""

from functools import partial

from jinja2.bccache import Bucket, BytecodeCache
from jinja2.sandbox import SandboxedEnvironment
from numpydoc import docscrape_sphinx
from sphinx.application import Sphinx


class Compiled(BytecodeCache):
    """Templates that were compiled, in memory."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the template from this cache, if it is there."""
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Add a template."""
        self.compiled[bucket.key] = bucket.bytecode_to_string()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    docscrape_sphinx.SandboxedEnvironment = partial(SandboxedEnvironment, bytecode_cache=Compiled())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
