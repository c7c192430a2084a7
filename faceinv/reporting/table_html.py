"""Tables as HTML: folded under their figure, sortable, with names for readers."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from numbers import Integral, Real

import numpy as np
import pandas as pd

from faceinv.reporting.column_names import column_name

ROWS_IN_PAGE = 40
"""Rows in the HTML; ``book/pages/tables.js`` adds the others from the file when the table is unfolded."""

NO_VALUE = "–"
"""What is shown for a value that does not exist."""


def table_html(table: pd.DataFrame, digits: int = 3) -> str:
    """A table that pages sort by any column (``faceinv-sortable``), with the first rows of a long one."""
    places = [_digits(table.iloc[:, k], digits) for k in range(table.shape[1])]
    heads = "".join(f'<th scope="col">{escape(column_name(str(name)))}</th>' for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(map(_cell, values, places)) + "</tr>"
        for values in table.head(ROWS_IN_PAGE).itertuples(index=False, name=None)
    )
    rest = f' data-digits="{",".join(places)}"' if len(table) > ROWS_IN_PAGE else ""
    return (
        f'<table class="faceinv-table faceinv-sortable"{rest}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def plain_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, as they are given."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return (
        f'<div class="faceinv-table-box"><table class="faceinv-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>\n"
    )


def folded_table(table: pd.DataFrame, title: str, file: str, digits: int = 3) -> str:
    """A table under *Show the numbers*, with a link that carries the whole of it as a file.

    Parameters
    ----------
    table : of any length; nan and None are shown as a dash
    title : of the link
    file : name of the file that is saved
    digits : after the point, in columns of fractions
    """
    encoded = base64.b64encode(table.to_csv(index=False).encode()).decode()
    count = f"{len(table)} row{'' if len(table) == 1 else 's'}"
    left_out = (
        f'<span class="faceinv-left-out"> (the first {ROWS_IN_PAGE} rows are shown)</span>'
        if len(table) > ROWS_IN_PAGE
        else ""
    )
    return (
        '<details class="faceinv-numbers"><summary>Show the numbers '
        f"<small>({escape(title)}, {count})</small></summary>"
        f'<div class="faceinv-table-box" role="region" tabindex="0" aria-label="Table: {escape(title)}">'
        f'{table_html(table, digits)}</div><p class="faceinv-download">'
        f'<a download="{escape(file)}" href="data:text/csv;base64,{encoded}">Download {escape(title)}.csv</a>'
        f"{left_out}</p></details>"
    )


def _digits(column: pd.Series, digits: int) -> str:
    """Digits after the point of the numbers of a column, as text; an empty text if it has other values."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return ""
    known = column.dropna()
    return "0" if (known == known.round()).all() and column.name != "estimate" else str(digits)


def _cell(value: object, digits: str) -> str:
    return f"<td>{escape(_written(value, digits))}</td>"


def _written(value: object, digits: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return NO_VALUE
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral | Real) and digits:
        number = round(float(value), int(digits)) + 0.0  # adding zero takes the sign from a rounded zero
        return f"{number:.{digits}f}".replace("-", "−")
    return str(value)
