"""Pages of single runs: the book's Markdown without the book."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from conftest import REPOSITORY
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from faceinv.book.formulas import formula
from faceinv.book.myst_markdown import MystRenderer
from faceinv.book.standalone_page import TURNING_HEAD, scripts_of, write_page

BIBTEX = r"""
@article{bach2015, author = {Bach, S. and Binder, A. and M{\"u}ller, K.-R.}, title = {On explanations},
  journal = {PLOS ONE}, year = {2015}}
@book{adebayo2018, author = {Adebayo, J. and Gilmer, J.}, title = {Sanity checks}, publisher = {X},
  year = 2018}
"""


@pytest.fixture
def renderer(tmp_path: Path) -> MystRenderer:
    (tmp_path / "references.bib").write_text(BIBTEX)
    figures, values = {"fig-a": 1, "fig-b": 2}, {"gain": "0.1234", "said": "**more** than"}
    return MystRenderer(figures, values, tmp_path / "references.bib")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("See {numref}`fig-b`.", '<p>See <a href="#fig-b">Fig. 2</a>.</p>'),
        ("{glue:text}`gain:.2f` and {glue:text}`gain`", "<p>0.12 and 0.1234</p>"),
        ("{glue:md}`said`, {glue:text}`absent`", "<p><strong>more</strong> than, absent</p>"),
        ("{doc}`Later <05_generalization>`, {doc}`other`", "<p>Later, other</p>"),
        (
            r"$a < b$ and {math}`c_1`",
            f'<p><span class="math inline">{formula("a < b")}</span> and {formula("c_1")}</p>',
        ),
        ("(there)=\n\ntext", '<a id="there"></a>\n<p>text</p>'),
        ("text\n\n% a comment\n\nmore", "<p>text</p>\n<p>more</p>"),
        ("`{cite}` is a role", "<p><code>{cite}</code> is a role</p>"),
        ("```python\n{x}\n```", '<pre><code class="language-python">{x}\n</code></pre>'),
        ("<b>raw</b>", "<p><b>raw</b></p>"),
        (
            "```{note}\nA *b*.\n```",
            '<div class="admonition note"><p class="admonition-title">Note</p>\n<p>A <em>b</em>.</p>\n</div>',
        ),
        (
            ":::{admonition} On *b*\n:class: tip\n- {numref}`fig-a`\n:::",
            '<div class="admonition tip"><p class="admonition-title">On <em>b</em></p>\n'
            '<ul>\n<li><a href="#fig-a">Fig. 1</a></li>\n</ul>\n</div>',
        ),
        (
            "```{figure} a.png\n:alt: a face\n:name: face\nA face.\n```",
            '<figure id="face"><img src="a.png" alt="a face">'
            "<figcaption><p>A face.</p>\n</figcaption></figure>",
        ),
        ("```{margin}\nAside.\n```", "<p>Aside.</p>"),
        ("```{math}\n:label: e\nx^2\n```", f"<p>{formula('x^2', display=True)}</p>"),
        ("```{code-block} python\na < b\n```", "<pre><code>a &lt; b</code></pre>"),
        ("|a|\n|-|\n|b|", "<table>"),
    ],
)
def test_what_the_book_writes_is_shown(renderer: MystRenderer, source: str, html: str) -> None:
    shown = renderer.render(source).strip()
    assert shown.startswith(html) if html == "<table>" else shown == html


def test_citations_lead_to_references(renderer: MystRenderer) -> None:
    assert renderer.bibliography() == ""
    shown = renderer.render("It is so {cite}`bach2015,adebayo2018`, and not {cite}`nobody`.")
    assert '[<a href="#cite-bach2015">Bach et al., 2015</a>; ' in shown
    assert '<a href="#cite-adebayo2018">Adebayo and Gilmer, 2018</a>]' in shown
    assert "[nobody]" in shown
    references = renderer.bibliography()
    assert references.count("<li id=") == 2 and "ü</span>ller" in references
    assert references.index("cite-adebayo2018") < references.index("cite-bach2015")
    assert "[bach2015]" in MystRenderer().render("{cite}`bach2015`")


def test_a_page_has_captions_values_and_references(tmp_path: Path) -> None:
    (tmp_path / "references.bib").write_text(BIBTEX)
    figure = {"figure": {"name": "fig-a", "caption": "The *first* {cite}`bach2015`."}}
    glued = new_output(
        "display_data",
        {"application/papermill.record/text/plain": "'0.25'"},
        metadata={"scrapbook": {"name": "share", "mime_prefix": "application/papermill.record/"}},
    )
    shown = new_output("display_data", {"text/markdown": "About {glue:text}`share` of it."})
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A title\n\nIn {numref}`fig-a`, a share of {glue:text}`share`."),
            new_code_cell("x = 1", metadata={"mystnb": figure, "tags": ["hide-input"]}, outputs=[glued]),
            new_code_cell("y = 2", outputs=[shown]),
        ]
    )
    nbformat.write(notebook, tmp_path / "run.ipynb")
    page = write_page(tmp_path / "run.ipynb", tmp_path / "references.bib").read_text()
    body = page.partition("<body")[2]
    assert 'In <a href="#fig-a">Fig. 1</a>, a share of 0.25.' in body
    assert '<p class="faceinv-caption" id="fig-a"><strong>Fig. 1</strong> The <em>first</em> [<a' in body
    assert "About 0.25 of it." in body
    assert '<li id="cite-bach2015">' in body
    assert body.count("<details") == 1  # the code that the book hides
    assert "papermill.record" not in body and "{glue" not in body and "{cite}" not in body
    assert "<title>run</title>" in page


def test_no_markup_of_the_book_is_left_in_its_chapters() -> None:
    """What each chapter writes is understood: no role and no directive is shown as it is typed."""
    references = REPOSITORY / "book" / "references.bib"
    for chapter in sorted((REPOSITORY / "notebooks").glob("*.ipynb")):
        renderer = MystRenderer(references=references)
        for cell in nbformat.read(chapter, as_version=4).cells:
            if cell.cell_type == "markdown":
                shown = renderer.render(cell.source)
                assert "}`" not in shown and "```" not in shown, (chapter.name, shown)
        assert len(renderer.cited) == renderer.bibliography().count("<li id="), chapter.name


def test_a_page_with_a_head_has_the_script_that_turns_it() -> None:
    shown = new_output("display_data", {"text/html": '<div class="faceinv-head"></div>'})
    script = TURNING_HEAD.read_text(encoding="utf-8")
    assert scripts_of(new_notebook(cells=[new_code_cell("x", outputs=[shown])])) == [script]
    assert scripts_of(new_notebook(cells=[new_code_cell("x")])) == []
