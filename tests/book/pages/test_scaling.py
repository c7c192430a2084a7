"""How cost grows: slopes of durations whose exponent is known, and the part of the page."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from conftest import REPOSITORY

from faceinv.book.pages.scaling import MEASURED, SCALING, scaling_part, slopes
from faceinv.errors import InputError

TABLE = pd.DataFrame(
    [("square", "pixels", n, 0.5 * n**2) for n in (1, 2, 4)]
    + [("shared", "workers", n, 8 / n) for n in (1, 2)],
    columns=list(MEASURED),
)


def test_the_slope_is_the_exponent() -> None:
    found = slopes(TABLE).set_index("cost")["slope"]
    assert found.to_dict() == pytest.approx({"square": 2.0, "shared": -1.0})


def test_the_part_has_a_figure_and_the_slopes(tmp_path: Path) -> None:
    path = tmp_path / "scaling.csv"
    assert "not measured" in scaling_part(path)
    TABLE.to_csv(path, index=False)
    text = scaling_part(path)
    assert 'id="scaling"' in text and "<td>square</td><td>pixels</td><td>2.00</td>" in text
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is no table with the columns cost, doubled, value, seconds"):
        scaling_part(path)


def test_what_ships_is_measured_for_each_number_that_is_doubled() -> None:
    shipped = pd.read_csv(REPOSITORY / SCALING)
    assert {"networks", "workers", "exposures", "identities", "pixels"} == set(shipped["doubled"])
    assert (shipped["seconds"] > 0).all()


def test_the_benchmark_keeps_the_median_of_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("scaling", REPOSITORY / "benchmarks" / "scaling.py")
    assert spec is not None and spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    called: list[int] = []
    clock = iter([0.0, 1.0, 1.0, 3.0, 3.0, 8.0, 8.0, 10.0, 10.0, 12.0, 12.0, 14.0])
    monkeypatch.setattr(benchmark, "COSTS", {("a", "b"): ((1, 2), called.append)})
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: next(clock))
    table = benchmark.measure(3)
    assert called == [1] + [1, 2] * 3
    assert table["seconds"].tolist() == [2.0, 2.0]  # of 1, 5, 2 and 2, 2, 2
