"""What share of a core's matrix throughput training reaches: a part of a page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceinv.errors import InputError
from faceinv.reporting.table_html import plain_table

TRAINING_SPEED = Path("book") / "results" / "scaling" / "training.csv"
"""What ``python benchmarks/training.py --out`` measured."""

SPEED_COLUMNS = ("architecture", "width", "pixels", "images", "megaoperations", "share", "returned")
"""Columns of the table: network and image size, images a second, operations an image, and the share of the
throughput of a matrix product: with the memory that a step frees kept for the next, and with it returned."""

SPEED_HEADS = (
    "architecture",
    "width",
    "pixels",
    "images a second",
    "million operations an image",
    "share of the throughput",
    "share if memory is returned",
)


def training_speed_part(path: Path) -> str:
    """The measurements in a table, as HTML.

    Raises
    ------
    InputError
        If the table cannot be read.
    """
    if not path.is_file():
        command = f"python benchmarks/training.py --out {TRAINING_SPEED.as_posix()}"
        return f"<p>It was not measured; <code>{command}</code> measures it.</p>\n"
    try:
        table = pd.read_csv(path)[list(SPEED_COLUMNS)]
        rows = [_row(*values) for values in table.itertuples(index=False)]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is no table with the columns {', '.join(SPEED_COLUMNS)}: {error}"
        ) from error
    return plain_table(SPEED_HEADS, rows)


def _row(
    name: str,
    width: float,
    pixels: int,
    images: float,
    operations: float,
    share: float,
    returned: float,
) -> tuple[str, ...]:
    rate = f"{images:,.0f}" if images >= 100 else f"{images:.3g}"
    shares = (f"{share:.2f}", f"{returned:.2f}")
    return (name, f"{width:g}", str(pixels), rate, f"{operations:,.0f}", *shares)
