"""What the pages of a book include of its runs."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from conftest import KERNELSPEC, REPOSITORY
from nbformat.v4 import new_markdown_cell, new_notebook

from faceinv.book.chapters import Chapter, list_chapters
from faceinv.book.pages.build_times import bars, times
from faceinv.book.pages.citation import bibtex
from faceinv.book.pages.includes import write_if_changed
from faceinv.book.pages.provenance import provenance_table
from faceinv.book.pages.runs import Run, read_runs
from faceinv.book.pages.summaries import SHOWN, Finding, Summary, margin, read_summaries
from faceinv.book.paths import CHAPTERS
from faceinv.errors import InputError
from faceinv.reporting.claims import PAPERS, Claim
from faceinv.reporting.criteria import First
from faceinv.reporting.tables import Record

INSTALLATION = {
    "versions": {"numpy": "2.4"},
    "source": "abc",
    "commit": None,
    "python": "3.11",
    "machine": "x86_64",
}


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    notebook = tmp_path / "01_a.ipynb"
    cells = [new_markdown_cell("# First | chapter")]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}), notebook)
    return Chapter("01_a", notebook)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.setenv("FACEINV_OUT", str(tmp_path / CHAPTERS))
    return Record("01_a", {"profile": "smoke", "seeds": None, "data": "a|b"})


def run(chapter: Chapter, seconds: float | None = 2.0, **changes: object) -> Run:
    origin = {
        **INSTALLATION,
        "chapter": chapter.name,
        "parameters": {"profile": "smoke", "seeds": 3},
        "command": "faceinv run 01_a",
        "started": "2026-01-01",
        "written": "2026-01-02",
        **changes,
    }
    return Run(chapter, origin, seconds, {"t.csv": "0" * 64})


def test_a_run_is_read_from_what_it_wrote(tmp_path: Path, chapter: Chapter, record: Record) -> None:
    assert read_runs(tmp_path, [chapter]) == []
    record.table(pd.DataFrame({"x": [1]}), "t")
    stamp = tmp_path / CHAPTERS / "01_a.stamp.json"
    stamp.write_text(json.dumps({"seconds": 1.5}))
    (found,) = read_runs(tmp_path, [chapter])
    assert found.seconds == 1.5
    assert found.provenance["parameters"]["data"] == "a|b"
    assert found.files == {"t.csv": hashlib.sha256(b"x\n1\n").hexdigest()}
    stamp.unlink()
    assert read_runs(tmp_path, [chapter])[0].seconds is None
    (record.folder / "t.json").write_text("{")
    with pytest.raises(InputError, match="contains no provenance"):
        read_runs(tmp_path, [chapter])


def test_provenance_names_command_seeds_and_hashes(tmp_path: Path, chapter: Chapter, record: Record) -> None:
    record.table(pd.DataFrame({"x": [1]}), "t")
    text = provenance_table(read_runs(tmp_path, [chapter]))
    assert "## First | chapter" in text and "{doc}`chapters/01_a`" in text
    assert "faceinv run 01_a -p profile smoke -p data 'a|b'" in text
    assert "| seeds | 0, 1 |" in text  # as many as the profile has
    assert "| data | `a\\|b` |" in text  # a bar ends a cell
    digest = hashlib.sha256(b"x\n1\n").hexdigest()
    assert f"| t.csv | `{digest}` |" in text
    assert text.count("| python |") == 1


def test_a_chapter_of_another_installation_says_so(chapter: Chapter) -> None:
    runs = [run(chapter), run(chapter), run(chapter, python="3.12")]
    text = provenance_table(runs)
    assert re.findall(r"\| python \| `([\d.]+)` \|", text) == ["3.11", "3.12"]
    assert text.count("| seeds | 0, 1, 2 |") == 3
    assert "no network is trained" in provenance_table([run(chapter, parameters={"profile": "smoke"})])
    assert "No chapter" in provenance_table([])


def test_times_are_a_figure_and_a_table(chapter: Chapter) -> None:
    text = times([run(chapter, 61.4), run(chapter, 2.0), run(chapter, None)])
    assert re.findall(r"<td>(\d+)</td>", text) == ["61", "2", "63"]
    assert "First | chapter" in text and "plotly-graph-div" in text
    assert text == times(
        [run(chapter, 61.4), run(chapter, 2.0), run(chapter, None)]
    )  # or pages are built anew
    figure = bars([("a", 3.0), ("b", 1.0)])
    assert list(figure.data[0].x) == [3.0, 1.0] and figure.layout.yaxis.autorange == "reversed"
    assert "executed no chapter" in times([run(chapter, None)])


def test_the_citation_holds_the_book_and_the_studies() -> None:
    text = bibtex(REPOSITORY / "CITATION.cff", REPOSITORY / "book/references.bib", list(PAPERS))
    assert re.findall(r"^@(\w+)\{([^,]+),", text, flags=re.M) == [
        ("software", "faceinv"),
        ("article", "crawford2020"),
        ("article", "srivastava2018"),
    ]
    book = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert book["title"] in text and f"version = {{{book['version']}}}" in text
    assert "arXiv:2006.16795" in text and "arXiv:1810.13128" in text
    assert text.count("{") == text.count("}")


def test_a_person_is_cited_by_family_name_first(tmp_path: Path) -> None:
    cff = tmp_path / "CITATION.cff"
    person = "{family-names: Doe, given-names: Jo}, {name: The Group}"
    cff.write_text(f"title: T\nversion: 1\nlicense: MIT\nauthors: [{person}]\n")
    assert "author = {Doe, Jo and {The Group}}" in bibtex(cff, REPOSITORY / "book/references.bib", [])


def test_what_cannot_be_cited_is_named(tmp_path: Path) -> None:
    bibliography = REPOSITORY / "book/references.bib"
    with pytest.raises(InputError, match="no entry nobody1900"):
        bibtex(REPOSITORY / "CITATION.cff", bibliography, ["nobody1900"])
    with pytest.raises(InputError, match="is not a citation file"):
        bibtex(tmp_path / "CITATION.cff", bibliography, [])


FINDING = Finding("gain", "t", ("task",), {"against": "random"})
TABLE = pd.DataFrame(
    {
        "task": ["gender", "identity", "gender"],
        "against": ["random", "random", "centre"],
        "estimate": [0.25, 0.015, 0.5],
        "low": [-0.125, 0.005, 0.25],
        "high": [0.5, 0.025, 0.75],
    }
)


def said(summary: Summary, run: Path, claims: dict[str, Claim] | None = None) -> str:
    return margin(summary, "01_a", claims or {}, run)


def test_a_margin_takes_its_numbers_from_the_table(tmp_path: Path) -> None:
    summary = Summary("Is a < b?", "This and that.", (FINDING,))
    assert "gain: not run" in said(summary, tmp_path)
    (tmp_path / "01_a").mkdir()
    TABLE.to_csv(tmp_path / "01_a/t.csv", index=False)
    html = said(summary, tmp_path)
    assert "Is a &lt; b?" in html and "This and that." in html
    assert re.findall("<li>(.*?)</li>", html) == [
        "gender: 0.25 [-0.12, 0.50]",
        "identity: 0.015 [0.005, 0.025]",
    ]
    reliable = Summary("", "", (Finding("gain", "t", ("task",), {}, reliable=True),))
    assert re.findall("<li>(.*?)</li>", said(reliable, tmp_path)) == [
        "identity: 0.015 [0.005, 0.025]",
        "gender: 0.50 [0.25, 0.75]",
    ]
    TABLE.assign(estimate=1.0, low=float("nan")).to_csv(tmp_path / "01_a/t.csv", index=False)
    assert "gender: 1.00 (no interval)" in said(summary, tmp_path)
    TABLE.assign(low_all=-0.5, high_all=0.75).to_csv(tmp_path / "01_a/t.csv", index=False)
    assert re.findall("<li>(.*?)</li>", said(reliable, tmp_path)) == ["none"]  # none for all rows at once
    TABLE.assign(estimate=float("nan")).to_csv(tmp_path / "01_a/t.csv", index=False)
    assert "gender: not known" in said(summary, tmp_path)
    TABLE.iloc[:0].to_csv(tmp_path / "01_a/t.csv", index=False)
    assert re.findall("<li>(.*?)</li>", said(summary, tmp_path)) == ["none"]


def test_a_margin_has_room_for_a_few_rows(tmp_path: Path) -> None:
    (tmp_path / "01_a").mkdir()
    many = pd.DataFrame({"task": range(SHOWN + 3), "estimate": 1.0, "low": 0.5, "high": 1.5})
    many.to_csv(tmp_path / "01_a/t.csv", index=False)
    html = said(Summary("", "", (Finding("gain", "t", ("task",), {}),)), tmp_path)
    assert html.count("<li>") == SHOWN + 1 and "and 3 more" in html


def test_a_margin_shows_the_verdicts_of_its_chapter(tmp_path: Path) -> None:
    def claim(name: str, chapter: str) -> Claim:
        return Claim(
            name,
            "crawford2020",
            "abstract",
            chapter,
            First(f"{name} is so.", "s", "superiority", 0.3, "above"),
        )

    claims = {name: claim(name, "01_a") for name in ("good-one", "bad", "open")}
    claims["other"] = claim("other", "02_b")
    (tmp_path / "01_a").mkdir()
    judgements = [
        {"claim": name, "estimate": 0.5, "low": low, "high": 0.6, "verdict": "", "sentence": ""}
        for name, low in (("good-one", 0.4), ("bad", 0.2))
    ]
    (tmp_path / "01_a/judgements.json").write_text(json.dumps({"judgements": judgements}))
    html = said(Summary("", ""), tmp_path, claims)
    plain = re.sub("<span[^>]*>|</span>", "", html)
    assert "<strong>supported</strong>: good one" in plain
    assert "<strong>undecided</strong>: bad" in plain
    assert "<strong>not run</strong>: open" in plain
    assert "other" not in plain
    assert 'title="bad is so."' in html


def test_a_table_without_the_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "01_a").mkdir()
    TABLE.drop(columns="against").to_csv(tmp_path / "01_a/t.csv", index=False)
    with pytest.raises(InputError, match="no column against"):
        said(Summary("", "", (FINDING,)), tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "summaries.yml contains no summaries; expected chapters"),
        ("a: [", "summaries.yml is not YAML"),
        ("01_a: {question: q}", "the summary of 01_a in .*summaries.yml has no field compared$"),
        ("01_a: {question: q, compared: c, more: m}", "has an unknown field more$"),
        ("01_a: {question: 3, compared: c}", "^question of the summary of 01_a in .* is 3; expected text$"),
        (
            "01_a: {question: q, compared: c, found: [{text: t, table: t, each: [a]}, {text: t, each: a}]}",
            "^found 2 of the summary of 01_a in .* has no field table$",
        ),
        (
            "01_a: {question: q, compared: c, found: [{text: t, table: t, each: a}]}",
            "^each of found 1 of the summary of 01_a in .* is 'a'; expected a list$",
        ),
        (
            "01_a: {question: q, compared: c, found: [{text: t, table: t, each: [a], reliable: 1}]}",
            "^reliable of found 1 of the summary of 01_a in .* is 1; expected true or false$",
        ),
    ],
)
def test_a_broken_file_of_summaries_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "summaries.yml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_summaries(path)


def test_every_chapter_has_a_summary_without_numbers() -> None:
    path = REPOSITORY / "book" / "summaries.yml"
    summaries = read_summaries(path)
    assert list(summaries) == [chapter.name for chapter in list_chapters(REPOSITORY)]
    for name, summary in summaries.items():
        words = [summary.question, summary.compared, *(finding.text for finding in summary.found)]
        assert not [text for text in words if re.search(r"\d", text)], name


def test_summaries_ask_for_what_chapters_write(smoke_book: Path) -> None:
    for name, summary in read_summaries(smoke_book / "book/summaries.yml").items():
        html = margin(summary, name, {}, smoke_book / CHAPTERS)  # raises where a column is missing
        assert "not run" not in html, name
        for finding in summary.found:
            table = pd.read_csv(smoke_book / CHAPTERS / name / f"{finding.table}.csv")
            for column, value in finding.where.items():
                assert value in set(table[column].astype(str)), f"{name} has no {column} {value}"


def test_a_part_that_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "part.html"
    write_if_changed(path, "one")
    time = path.stat().st_mtime_ns
    write_if_changed(path, "one")
    assert path.stat().st_mtime_ns == time
    write_if_changed(path, "two")
    assert path.read_text() == "two"


def test_every_public_module_is_in_the_reference_once() -> None:
    pages = (REPOSITORY / "book" / "api").glob("*.md")
    named = [name for page in pages for name in re.findall(r"automodule:: (\S+)", page.read_text())]
    package = REPOSITORY / "faceinv"
    modules = {
        "faceinv." + ".".join(path.relative_to(package).with_suffix("").parts)
        for path in package.rglob("*.py")
        if path.name != "__init__.py" and path.parent.name != "cli"
    }
    assert sorted(named) == sorted(modules)
