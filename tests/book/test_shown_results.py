"""What pages show of runs: verdicts of claims, tables that ship, summaries."""

from __future__ import annotations

import hashlib
import json

import pytest
from conftest import MakeBook, write_toc

from faceinv.book import build
from faceinv.book.chapters import list_chapters
from faceinv.book.pages import includes
from faceinv.book.pages.includes import write_parts
from faceinv.book.shipping import ship
from faceinv.errors import InputError
from faceinv.reporting.evidence import ANALYSIS

pytestmark = pytest.mark.usefixtures("fixed_package")

CLAIMS = """
- {id: one, paper: crawford2020, kind: abstract, chapter: 01_a,
   first: {text: One is so., statistic: a, criterion: CRITERION, direction: above}}
"""
JUDGE = """
from faceinv.book.paths import find_root
from faceinv.reporting.claims import judge_chapter, read_claims, write_judgements
from faceinv.reporting.tables import Record
claims = read_claims(find_root() / "book" / "claims.yml")
judgements = judge_chapter(claims, "01_a", {"one": (0.5, 0.4, 0.6)})
write_judgements(judgements, Record("01_a", {"profile": profile}))
"""


@pytest.mark.slow
def test_the_first_page_shows_the_verdicts_of_the_run(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_book({"01_a": JUDGE, "02_b": "1"})
    monkeypatch.chdir(root)
    include = "\n```{raw} html\n:file: chapters/scoreboard.html\n```\n"
    (root / "book/index.md").write_text("# First page\n" + include)
    (root / "book/claims.yml").write_text(CLAIMS.replace("CRITERION", "0.3"))
    index = build.build_book(root).parent / "book/index.html"
    assert "0.50 [0.40, 0.60]" in index.read_text()
    assert "<strong>supported</strong>" in index.read_text()
    # another criterion has only the chapter that judges by it executed again, and the page built again
    (root / "book/claims.yml").write_text(CLAIMS.replace("CRITERION", "0.7"))
    assert build.execute_chapters(root) == ["01_a"]
    includes.write_scoreboard(root)
    build.build_pages(root)
    assert "<strong>not supported</strong>" in index.read_text()


@pytest.mark.slow
def test_a_scoreboard_tells_that_nothing_was_judged_and_shows_what_ships(make_book: MakeBook) -> None:
    root = make_book({"01_a": "1"})
    scoreboard = root / "book/chapters/scoreboard.html"
    build.execute_chapters(root)
    includes.write_scoreboard(root)
    assert not scoreboard.exists()  # there are no claims
    (root / "book/claims.yml").write_text(CLAIMS.replace("CRITERION", "0.3"))
    includes.write_scoreboard(root)
    assert "No chapter of this book has judged a claim yet" in scoreboard.read_text()
    shipped = root / "book/results/full/01_a"
    shipped.mkdir(parents=True)
    judgement = {"claim": "one", "estimate": 1, "low": 0, "high": 2, "verdict": "", "sentence": ""}
    (shipped / "judgements.json").write_text(json.dumps({"judgements": [judgement]}))
    includes.write_scoreboard(root)
    assert "of an older edition of the analysis" in scoreboard.read_text()
    assert "undecided" not in scoreboard.read_text()
    judged = {"analysis": ANALYSIS, "judgements": [judgement]}
    (shipped / "judgements.json").write_text(json.dumps(judged))
    includes.write_scoreboard(root)
    assert "full run" in scoreboard.read_text() and "undecided" in scoreboard.read_text()
    assert "this run" not in scoreboard.read_text()
    build.execute_chapters(root)
    assert scoreboard.exists()


TABLE = """
import pandas as pd
from faceinv.reporting.tables import Record
Record("01_a", {"profile": profile}).table(pd.DataFrame({"x": [1, 2]}), "numbers")
"""


@pytest.mark.slow
def test_the_tables_of_a_full_run_ship(make_book: MakeBook) -> None:
    root = make_book({"01_a": TABLE, "02_b": "1"})
    (root / "book/full.md").write_text("# Full\n\n```{include} ../_build/pages/full.md\n```\n")
    write_toc(root, ["01_a", "02_b"])
    with (root / "_toc.yml").open("a") as toc:
        toc.write("- file: book/full\n")
    page = build.build_book(root, "smoke").parent / "book/full.html"
    assert "No full run ships" in page.read_text()
    with pytest.raises(InputError, match="no chapter was executed with the profile full"):
        ship(root)
    build.execute_chapters(root, "full")
    stamp = root / "book/chapters/01_a.stamp.json"
    finished = stamp.read_text()
    stamp.unlink()
    with pytest.raises(InputError, match="no chapter was executed"):
        ship(root)
    stamp.write_text(finished)
    assert ship(root) == ["01_a"]
    shipped = root / build.SHIPPED
    assert (shipped / "01_a/numbers.csv").read_text() == "x\n1\n2\n"
    build.build_book(root, "full")
    assert "numbers.csv" in page.read_text()
    digest = hashlib.sha256((shipped / "01_a/numbers.csv").read_bytes()).hexdigest()
    assert digest in page.read_text()
    assert [path.read_text() for path in page.parents[1].rglob("_downloads/*/numbers.csv")] == ["x\n1\n2\n"]


SUMMARY = """
01_a:
  question: Is it so?
  compared: This with that.
  found: [{text: gain, table: gains, each: [task]}]
"""
GAIN = """
import pandas as pd
from faceinv.reporting.tables import Record
table = pd.DataFrame({"task": ["gender"], "estimate": [GAIN], "low": [0.25], "high": [0.75]})
Record("01_a", {"profile": profile}).table(table, "gains")
"""


@pytest.mark.slow
def test_a_chapter_has_its_summary_behind_the_heading(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_book({"01_a": GAIN.replace("GAIN", "0.5"), "02_b": "1"})
    monkeypatch.chdir(root)
    (root / "book/claims.yml").write_text(CLAIMS.replace("CRITERION", "0.3"))
    (root / "book/summaries.yml").write_text(SUMMARY)
    pages = build.build_book(root).parent / "book" / "chapters"
    html = (pages / "01_a.html").read_text()
    assert html.index("<h1>") < html.index("faceinv-summary") < html.index("parameters")
    assert "gender: 0.50 [0.25, 0.75]" in html and "not run</strong>: <span" in html
    assert "faceinv-summary" not in (pages / "02_b.html").read_text()
    # another question has the page built again, though no chapter is executed
    (root / "book/summaries.yml").write_text(SUMMARY.replace("Is it so?", "Is it not?"))
    assert build.execute_chapters(root) == []
    write_parts(root, list_chapters(root))
    build.build_pages(root)
    assert "Is it not?" in (pages / "01_a.html").read_text()
