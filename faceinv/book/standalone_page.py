"""An executed notebook as one HTML page that needs no other file and no network."""

from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs

from faceinv.runtime.atomic import write_atomically

FIGURES = Path(__file__).parent / "pages" / "figures.js"
"""Script of the figures: their numbers as a file, and the faces behind their points."""

PAGE_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}
{%- for script in resources.scripts -%}<script>{{ script }}</script>{%- endfor -%}
{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
  body.jp-Notebook main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  .jp-RenderedHTMLCommon table { display: block; overflow-x: auto; }
  .jp-RenderedHTMLCommon table.faceinv-table :is(th, td) { text-align: left; vertical-align: top; }
  .jp-OutputArea-output img { max-width: 100%; }
</style>
{%- endblock -%}
"""

MATHJAX_SETTINGS = "MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], processEscapes: true}};"


def mathjax_file() -> Path:
    """Path of the MathJax script: all of TeX in one file, drawing SVG, so that it asks for no fonts.

    The PyPI package that ships it has a name with hyphens, which an import statement cannot spell.
    """
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("sphinx-mathjax-offline is not installed")
    return Path(spec.origin).parent / "static" / "mathjax" / "tex-svg-full.js"


def write_page(executed: Path) -> Path:
    """Write an executed notebook as a stand-alone page beside it.

    The scripts for its figures and formulas are written into the page, each once and only where it is needed.

    Parameters
    ----------
    executed : Path
        Notebook with its outputs.

    Returns
    -------
    Path
        The page: the same name, ending in ``.html``.
    """
    notebook = nbformat.read(executed, as_version=4)
    scripts = []
    if "plotly-graph-div" in str([cell.get("outputs") for cell in notebook.cells]):
        scripts += [get_plotlyjs(), FIGURES.read_text(encoding="utf-8")]
    if any("$" in cell.source for cell in notebook.cells if cell.cell_type == "markdown"):
        scripts += [MATHJAX_SETTINGS, mathjax_file().read_text(encoding="utf-8")]
    exporter = HTMLExporter(raw_template=PAGE_TEMPLATE)
    html, _ = exporter.from_notebook_node(
        notebook, resources={"scripts": scripts, "metadata": {"name": executed.stem}}
    )
    page = executed.with_suffix(".html")
    write_atomically(page, html)
    return page
