"""The leaderboard as a table: one row a method, one column a number, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import pandas as pd

from faceinv.reporting.column_names import column_name
from faceinv.reporting.table_html import NO_VALUE


def wide_board(board: pd.DataFrame, digits: int = 2) -> pd.DataFrame:
    """The numbers of each method in one row: method, family, cost, and a text a criterion.

    Parameters
    ----------
    board : one row per criterion and method, with estimate, low, high, family and cost
    digits : after the point
    """
    cells = board.assign(
        text=[
            _number(row.estimate, row.low, row.high, digits)
            for row in board[["estimate", "low", "high"]].itertuples()
        ]
    )
    methods = board.drop_duplicates("method")[["method", "family", "cost"]]
    texts = cells.pivot(index="method", columns="criterion", values="text")
    order = list(dict.fromkeys(board["criterion"]))
    return methods.merge(texts[order].reset_index(), on="method")


def board_html(board: pd.DataFrame, nothing: Mapping[str, float], digits: int = 2) -> str:
    """A table that a page sorts by any column; what exceeds a map that knows nothing is bold.

    Parameters
    ----------
    board : see `wide_board`
    nothing : by criterion, the value of a map that knows nothing
    digits : after the point
    """
    wide = wide_board(board, digits)
    exceeds = {
        (row.method, row.criterion)
        for row in board.itertuples()
        if not np.isnan(row.low) and row.low > nothing[row.criterion]
    }
    about, criteria = list(wide.columns[:3]), list(wide.columns[3:])
    names = [*map(column_name, about), *(str(name).capitalize() for name in criteria)]
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = []
    for record in wide.to_dict("records"):
        method = record["method"]
        cells = [f"<td>{escape(str(method))}</td>", f"<td>{escape(str(record['family']))}</td>"]
        cells.append(f"<td>{_cost(record['cost'])}</td>")
        for name in criteria:
            text = escape(str(record[name])) if isinstance(record[name], str) else NO_VALUE
            text = text.replace(", ", ",\u00a0")  # an interval is not broken
            shown = f"<strong>{text}</strong>" if (method, name) in exceeds else text
            cells.append(f"<td>{shown}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        '<div class="faceinv-table-box faceinv-wide"><table class="faceinv-table faceinv-sortable">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _number(estimate: float, low: float, high: float, digits: int) -> str:
    if np.isnan(estimate):
        return NO_VALUE
    # Adding zero takes the sign from a number that is rounded to zero.
    shown = [f"{round(value, digits) + 0.0:.{digits}f}" for value in (estimate, low, high)]
    return shown[0] if np.isnan(low) else f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _cost(cost: float) -> str:
    return NO_VALUE if np.isnan(cost) else f"{cost:.0f}"
