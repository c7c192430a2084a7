"""The page on replication shows what was compared, those that differ first."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from shipped_runs import CHAPTER, curves

from faceinv.book.pages.replication import BEYOND, distances, replication_file, replication_page, spread
from faceinv.reporting.comparison import compare_tables
from faceinv.reporting.replication import LEFT_OUT, Replication


@pytest.fixture
def found(tmp_path: Path) -> Replication:
    run = curves(seeds=3)
    run.loc[1, ["estimate", "low", "high"]] += 2
    run.loc[3, ["estimate", "low", "high"]] += 90
    rows = compare_tables(run, curves()).rows.assign(chapter=CHAPTER, table="a < b")
    left = pd.DataFrame([(CHAPTER, "c", 7, "x < y")], columns=list(LEFT_OUT))
    return Replication(rows.iloc[[3, 1, 0, 2]].reset_index(drop=True), left)


def test_the_page_counts_by_chapter_and_escapes_what_it_shows(found: Replication) -> None:
    html = replication_page(found, {CHAPTER: "Masks & more"})
    assert "<strong>3 of 4 numbers of this run lie inside" in html
    assert f'<a href="chapters/{CHAPTER}.html">Masks &amp; more</a></td><td>4</td><td>3</td><td>75%' in html
    assert "a &lt; b" in html and "x &lt; y" in html and "<td>7</td>" in html
    rows = re.findall(r"<tr><td>04</td><td>a &lt; b</td><td>(.*?)</td>", html)
    assert rows == ["random, 0.3", "most, 0.3", "most, 0.1", "random, 0.1"]
    assert html.count("<strong>no</strong>") == 1


def test_the_figure_has_each_number_at_its_distance(found: Replication) -> None:
    figure = distances(found.numbers)
    inside, outside = (trace for trace in figure.data if trace.mode == "markers")
    # half of the prediction interval is 2.262 * sqrt(13 / 3) = 4.71 standard errors
    assert list(inside.y) == pytest.approx([0, 0, 2 / 4.709], abs=1e-3)
    assert list(outside.y) == [BEYOND] and list(outside.x) == [0.875]


def test_the_spread_is_that_of_the_middle_half() -> None:
    z = pd.Series(norm.ppf((np.arange(1000) + 0.5) / 1000) * 0.5)
    z[999] = np.inf
    assert spread(z) == pytest.approx(0.5, abs=0.01)


def test_the_file_has_every_number(found: Replication) -> None:
    assert replication_file(found).count("\n") == 5


def test_without_evidence_there_is_a_sentence_and_no_figure() -> None:
    left = pd.DataFrame([(CHAPTER, "c", 7, "no full run ships with this book")], columns=list(LEFT_OUT))
    empty = Replication(pd.DataFrame(columns=["chapter", "table", "inside", "z"]), left)
    html = replication_page(empty, {})
    assert "could be compared with the evidence: no full run ships" in html and "plotly" not in html
    assert "What could not be compared" in html
