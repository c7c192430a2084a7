from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from conftest import KERNELSPEC, REPOSITORY
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from notebook_rules import broken_order, broken_rules, unknown_parameters

from faceinv.book.chapters import list_chapters
from faceinv.book.parameters import read_parameters

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
PARAMETERS = 'profile: str = "quick"  # how much to run\nseeds: int | None = None  # networks\n'


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapters_keep_to_the_rules(path: Path) -> None:
    assert broken_rules(path) == []


def test_chapters_are_numbered_and_in_the_contents() -> None:
    names = [path.stem for path in NOTEBOOKS]
    assert broken_order(names) == []
    assert [chapter.name for chapter in list_chapters(REPOSITORY)] == names


def test_parameters_mean_the_same_in_each_chapter() -> None:
    seen: dict[str, tuple[str, str, str]] = {}
    for path in NOTEBOOKS:
        for parameter in read_parameters(path):
            meaning = (parameter.type, parameter.default, parameter.help)
            assert seen.setdefault(parameter.name, meaning) == meaning, f"{parameter.name} in {path.name}"


def test_examples_use_parameters_that_exist() -> None:
    chapters = {path.stem: path for path in NOTEBOOKS}
    texts = [*NOTEBOOKS, *(REPOSITORY / "book").glob("*.md"), *REPOSITORY.glob("*.md")]
    assert [line for text in texts for line in unknown_parameters(text, chapters)] == []


def good() -> nbformat.NotebookNode:
    """Make a notebook that breaks no rule."""
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell("print(seeds)", metadata={"tags": ["hide-input"]}),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})


def write(notebook: nbformat.NotebookNode, path: Path) -> Path:
    nbformat.write(notebook, path)
    return path


def test_a_good_notebook_breaks_no_rule(tmp_path: Path) -> None:
    assert broken_rules(write(good(), tmp_path / "01_good.ipynb")) == []


def add_output(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].outputs = [new_output("stream", text="3")]


def add_count(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].execution_count = 1


def no_tag(notebook: nbformat.NotebookNode) -> None:
    del notebook.cells[1].metadata["tags"]


def late_parameters(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.insert(1, new_code_cell("import os"))


def two_parameter_cells(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].metadata["tags"] = ["parameters"]


def no_help(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = PARAMETERS.replace("  # networks", "")


def no_profile(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = "seeds: int = 3  # networks"


def other_default(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = PARAMETERS.replace("quick", "full")


def wrong_type(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = PARAMETERS.replace("None  #", "2.5  #")


def no_type(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = PARAMETERS.replace(": int | None", "")


def not_python(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[1].source = PARAMETERS + "= 3"


def own_metadata(notebook: nbformat.NotebookNode) -> None:
    notebook.metadata["papermill"] = {"duration": 3}


def cell_metadata(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].metadata["collapsed"] = True


def other_kernel(notebook: nbformat.NotebookNode) -> None:
    notebook.metadata["kernelspec"] = {**KERNELSPEC, "name": "my-env"}


def empty_cell(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.append(new_code_cell("  \n"))


def raw_cell(notebook: nbformat.NotebookNode) -> None:
    notebook.cells.append(new_raw_cell("text"))


def figure_and_table(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].metadata["mystnb"] = {"figure": {"name": "fig-a", "caption": "A."}}
    notebook.cells[2].source = "style.show_figure(figure)\ndisplay(record.table(table, 'a'))"


def figure_and_text(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[2].metadata["mystnb"] = {"figure": {"name": "fig-a", "caption": "A."}}
    notebook.cells[2].source = "style.show_figure(figure)\ndisplay(Markdown(''))"


def no_heading(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[0].source = "Title"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (add_output, "cell 3 has outputs"),
        (add_count, "cell 3 has an execution count"),
        (no_tag, "not its first code cell, and that alone, is tagged parameters"),
        (late_parameters, "not its first code cell, and that alone, is tagged parameters"),
        (two_parameter_cells, "not its first code cell, and that alone, is tagged parameters"),
        (no_help, "parameter seeds has no comment that tells what it is"),
        (no_profile, "it has no parameter profile with the default quick"),
        (other_default, "it has no parameter profile with the default quick"),
        (wrong_type, "the default of parameter seeds is not of type int | None"),
        (no_type, "parameter seeds has no type"),
        (own_metadata, "its metadata holds papermill"),
        (cell_metadata, "cell 3 has metadata: collapsed"),
        (other_kernel, "its kernel is not python3"),
        (empty_cell, "cell 4 is empty"),
        (raw_cell, "cell 4 is a raw cell"),
        (figure_and_table, "cell 3 is of a figure and shows more than one thing"),
        (figure_and_text, "cell 3 is of a figure and shows more than one thing"),
        (no_heading, "it does not begin with a heading"),
    ],
)
def test_each_broken_rule_is_named(
    tmp_path: Path, spoil: Callable[[nbformat.NotebookNode], None], sentence: str
) -> None:
    notebook = good()
    spoil(notebook)
    assert broken_rules(write(notebook, tmp_path / "01_bad.ipynb")) == [sentence]


def test_parameters_that_are_not_python_are_named(tmp_path: Path) -> None:
    notebook = good()
    not_python(notebook)
    (sentence,) = broken_rules(write(notebook, tmp_path / "01_bad.ipynb"))
    assert sentence.startswith("line 3 of the parameters cell")


@pytest.mark.parametrize("name", ["intro.ipynb", "1_intro.ipynb", "01-intro.ipynb", "01_Intro.ipynb"])
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    assert broken_rules(write(good(), tmp_path / name)) == ["its name is not NN_name.ipynb"]


def test_a_missing_newline_and_a_broken_file_are_named(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "01_bad.ipynb")
    path.write_text(path.read_text().rstrip("\n"))
    assert broken_rules(path) == ["it does not end with a newline"]
    path.write_text("{}")
    (sentence,) = broken_rules(path)
    assert sentence.startswith("it is not a valid notebook")


def test_a_gap_or_a_double_in_the_numbers_is_named() -> None:
    assert broken_order(["01_a", "02_b", "03_c"]) == []
    assert broken_order(["01_a", "03_c"]) == ["the chapters are numbered [1, 3]"]
    assert broken_order(["01_a", "01_b"]) == ["the chapters are numbered [1, 1]"]


def test_an_unknown_parameter_in_a_text_is_named(tmp_path: Path) -> None:
    chapters = {"01_good": write(good(), tmp_path / "01_good.ipynb")}
    text = tmp_path / "page.md"
    text.write_text("`faceinv run 01_good -p seeds 5 -p seed 3`\n\n    faceinv run 02_none -p a 1\n")
    assert unknown_parameters(text, chapters) == [
        "page.md runs 01_good with parameter seed, which it does not have",
        "page.md runs 02_none, which is no chapter",
    ]
