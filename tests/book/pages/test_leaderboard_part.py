"""The first page shows the leaderboard that ships, or else that of this run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceinv.book.pages.leaderboard_part import BOARD, MISSING_BOARD, leaderboard_part
from faceinv.book.paths import CHAPTERS
from faceinv.reporting.evidence import SHIPPED

ROW = {
    "criterion": "masking",
    "method": "saliency",
    "estimate": 0.4,
    "low": 0.1,
    "high": 0.7,
    "seeds": 3,
    "family": "gradient",
    "cost": 2.0,
}


def test_the_board_that_ships_comes_first(tmp_path: Path) -> None:
    assert MISSING_BOARD in leaderboard_part(tmp_path)
    for folder, estimate, whose in ((CHAPTERS, 0.4, "this run"), (SHIPPED, 0.5, "the full run")):
        file = tmp_path / folder / BOARD
        file.parent.mkdir(parents=True)
        pd.DataFrame([ROW | {"estimate": estimate}]).to_csv(file, index=False)
        page = leaderboard_part(tmp_path)
        assert f"<strong>{estimate:.2f} [0.10,\u00a00.70]</strong>" in page and f"From {whose}" in page
