"""Formulas are MathML, and none of the book's has a part that MathML lacks."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from conftest import REPOSITORY

from faceinv.book.formulas import formula
from faceinv.errors import InputError

SPACE = "{http://www.w3.org/1998/Math/MathML}"
FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+)\$", re.DOTALL)


def texts(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def test_a_fraction_has_its_numerator_above_its_denominator() -> None:
    root = ElementTree.fromstring(formula(r"\tilde a = \frac{a - c}{1 - c}", display=True))
    (fraction,) = root.iter(f"{SPACE}mfrac")
    assert [texts(part) for part in fraction] == ["a−c", "1−c"]
    assert root.get("display") == "block"
    assert ElementTree.fromstring(formula("a < b")).get("display") == "inline"


def test_rows_that_are_aligned_are_rows_of_a_table() -> None:
    root = ElementTree.fromstring(
        formula("\\begin{aligned}\na & = b \\\\ c & = d\n\\end{aligned}", display=True)
    )
    assert [[texts(cell) for cell in row] for row in root.iter(f"{SPACE}mtr")] == [["a", "=b"], ["c", "=d"]]


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"a & b"])
def test_what_has_no_element_is_refused(tex: str) -> None:
    with pytest.raises(InputError, match="MathML"):
        formula(tex)


def test_all_formulas_of_the_book_are_known() -> None:
    sources = [path.read_text(encoding="utf-8") for path in REPOSITORY.glob("book/*.md")]
    for path in REPOSITORY.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    found = [match for source in sources for match in FORMULA.finditer(source)]
    assert len(found) > 20
    for match in found:
        ElementTree.fromstring(formula(match["display"] or match["inline"], bool(match["display"])))
