"""Write an executed notebook as one HTML page that needs no other file and no internet connection."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs

from faceinv.book.content_policy import SINGLE_PAGE, policy_tag
from faceinv.book.found_cells import add_findings
from faceinv.book.myst_markdown import MystRenderer
from faceinv.reporting.findings.sources import FoundTables
from faceinv.runtime.atomic import write_atomically
from faceinv.runtime.jsonschema_import import without_grammar

with without_grammar():
    import nbformat
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

FIGURES = Path(__file__).parent / "pages" / "figures.js"
"""Script of the figures: download their numbers, and show the faces behind their points."""

TABLES = FIGURES.with_name("tables.js")
"""Script of the tables: they sort, and long ones are completed from their file."""

TURNING_HEAD = FIGURES.with_name("turning_head.js")
"""Script of the head that turns (see `faceinv.figures.turning_head`)."""

PAGE_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}
{{ resources.policy }}
{%- for script in resources.scripts -%}<script>{{ script }}</script>{%- endfor -%}
{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block input_group -%}
{%- if 'hide-input' in cell.metadata.get('tags', []) -%}
<details class="faceinv-code"><summary>Code</summary>{{ super() }}</details>
{%- else -%}{{ super() }}{%- endif -%}
{%- endblock input_group -%}
{%- block html_head_css -%}
<style>
  body.jp-Notebook main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  .jp-RenderedHTMLCommon table { display: block; overflow-x: auto; }
  .jp-RenderedHTMLCommon table.faceinv-table :is(th, td) { text-align: left; vertical-align: top; }
  .jp-OutputArea-output img { max-width: 100%; }
  :is(.faceinv-code, .faceinv-numbers) > summary { margin: 0.25rem 0; }
  :is(.faceinv-code, .faceinv-numbers) > summary { cursor: pointer; color: #555; font: 0.85rem sans-serif; }
  .faceinv-caption { color: #444; font-size: 0.9rem; margin: 0.25rem 0 1.5rem; }
  .admonition { border-left: 0.25rem solid #0072b2; background: #f3f7fa; margin: 1rem 0; }
  .admonition { padding: 0.5rem 1rem; }
  .admonition.warning, .admonition.caution, .admonition.danger { border-color: #d55e00; background: #fdf4ee; }
  .admonition-title { font-weight: 600; margin: 0 0 0.5rem; }
  .admonition.faceinv-found { border-color: #c43b1a; background: #f6f4f2; }
  .faceinv-caption strong { color: #111; font-weight: 500; }
  figure img { max-width: 100%; }
  math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math; }
</style>
{%- endblock -%}
"""

HIDDEN = "application/papermill.record/"
"""Prefix of the MIME types of outputs that `myst_nb.glue` stores without showing them."""


def write_page(executed: Path, references: Path | None = None, tables: FoundTables | None = None) -> Path:
    """Write an executed notebook as a stand-alone page next to it.

    Citations, numbered figures with captions, admonitions and glued values are shown as in the book, and code
    that is hidden in the book is folded. Scripts of figures and tables are included in the page, each once
    and only if needed.

    Parameters
    ----------
    executed : Path
        Notebook with its outputs.
    references : Path, optional
        BibTeX file of the cited references; without it citations show their keys.
    tables : FoundTables, optional
        Tables from which the chapter's findings are computed; without them, the page has none.

    Returns
    -------
    Path
        The page: the same name, ending in ``.html``.
    """
    notebook = nbformat.read(executed, as_version=4)
    if tables is not None:
        add_findings(notebook, tables)
    captions = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in notebook.cells]
    named = [caption["name"] for caption in captions if caption.get("name")]
    renderer = MystRenderer(
        figures={name: number for number, name in enumerate(named, 1)},
        values=take_glued(notebook),
        references=references,
    )
    for cell, caption in zip(notebook.cells, captions, strict=True):
        if caption:
            add_caption(cell, caption, renderer)
    exporter = HTMLExporter(raw_template=PAGE_TEMPLATE)
    exporter.register_filter("markdown2html", renderer.render)
    html, _ = exporter.from_notebook_node(
        notebook,
        resources={
            "policy": policy_tag(SINGLE_PAGE),
            "scripts": scripts_of(notebook),
            "metadata": {"name": executed.stem},
        },
    )
    html = html.replace(
        "</main>", f'<div class="jp-RenderedHTMLCommon">{renderer.bibliography()}</div></main>'
    )
    page = executed.with_suffix(".html")
    write_atomically(page, html)
    return page


def scripts_of(notebook: NotebookNode) -> list[str]:
    """The scripts that a page of the notebook needs."""
    scripts, outputs = [], str([cell.get("outputs") for cell in notebook.cells])
    if "plotly-graph-div" in outputs:
        scripts += [get_plotlyjs(), FIGURES.read_text(encoding="utf-8")]
    if "faceinv-sortable" in outputs:
        scripts.append(TABLES.read_text(encoding="utf-8"))
    if "faceinv-head" in outputs:
        scripts.append(TURNING_HEAD.read_text(encoding="utf-8"))
    return scripts


def take_glued(notebook: NotebookNode) -> dict[str, str]:
    """Remove glued values that are not shown from a notebook; return the text of each value, by name."""
    values = {}
    for cell in notebook.cells:
        shown = []
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            texts = [text for kind, text in output.get("data", {}).items() if kind.endswith("text/plain")]
            if name and texts:
                values[name] = str(texts[0]).strip("'")
            if not any(kind.startswith(HIDDEN) for kind in output.get("data", {})):
                shown.append(output)
        if "outputs" in cell:
            cell.outputs = shown
    return values


def add_caption(cell: NotebookNode, caption: Mapping[str, str], renderer: MystRenderer) -> None:
    """Add the caption of a cell's figure, with its number, below the cell's outputs."""
    name = caption.get("name", "")
    number = f"<strong>Fig. {renderer.figures[name]}</strong> " if name in renderer.figures else ""
    text = number + renderer.render_inline(caption.get("caption", ""))
    html = f'<p class="faceinv-caption" id="{escape(name)}">{text}</p>'
    cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": html}))
