"""Sphinx extension of the book: formulas are written as MathML, so that no page loads a script for them."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from faceinv.book.formulas import formula
from faceinv.errors import InputError


def write_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    writer.body.append(f'<span class="math notranslate nohighlight">{_written(node, False)}</span>')
    raise nodes.SkipNode


def write_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, with its number if it has one."""
    # Focus lets readers scroll a formula that is wider than a phone by the keyboard.
    opening = writer.starttag(node, "div", CLASS="math notranslate nohighlight", tabindex="0")
    number = f'<span class="eqno">({get_node_equation_number(writer, node)})</span>' if node["number"] else ""
    writer.body.append(f"{opening}{number}{_written(node, True)}</div>\n")
    raise nodes.SkipNode


def _written(node: nodes.math | nodes.math_block, display: bool) -> str:
    try:
        return formula(node.astext(), display)
    except InputError as error:
        raise ExtensionError(str(error)) from error


def choose(app: Sphinx, config: Config) -> None:
    """Choose this way of writing formulas; Sphinx would take MathJax."""
    config.html_math_renderer = "mathml"  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    app.connect("config-inited", choose)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
