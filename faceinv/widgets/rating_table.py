"""The table of participants' ratings, one row per rating."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from faceinv.errors import InputError
from faceinv.experiments.relevance.human_ratings import RATING_COLUMNS, read_ratings
from faceinv.runtime.atomic import write_atomically

Pair = frozenset[str]
"""Names of two images, unordered."""


@dataclass(frozen=True)
class RatingTable:
    """A CSV file in the format of `faceinv.experiments.relevance.human_ratings.read_ratings`.

    Several participants may write to it at the same time: the file is locked during changes, and replaced
    atomically.

    Attributes
    ----------
    path : path of the file, which is created with the first rating
    """

    path: Path

    def rated(self, participant: str) -> list[Pair]:
        """The pairs that a participant has rated, in order of rating."""
        return [pair_of(row) for row in self._read()[0] if row["participant"] == participant]

    def add(self, participant: str, image_a: str, image_b: str, rating: int) -> bool:
        """Append a rating, unless the participant has rated the pair already; return whether it was added."""
        with self._rows() as (rows, columns):
            pair = frozenset((image_a, image_b))
            if any(pair == pair_of(row) for row in rows if row["participant"] == participant):
                return False
            values = dict(zip(RATING_COLUMNS, (image_a, image_b, str(rating), participant), strict=True))
            rows.append(dict.fromkeys(columns, "") | values)
        return True

    def withdraw(self, participant: str, pair: Pair) -> bool:
        """Remove a participant's rating of a pair; return whether there was one."""
        with self._rows() as (rows, _):
            own = [
                i for i, row in enumerate(rows) if row["participant"] == participant and pair == pair_of(row)
            ]
            if own:
                del rows[own[-1]]
        return bool(own)

    @contextmanager
    def _rows(self) -> Iterator[tuple[list[dict[str, str]], list[str]]]:
        """Lock the file; yield its rows, as text, and columns; write the rows if they were changed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path.with_name(f".{self.path.name}.lock")):
                rows, columns = self._read()
                before = [dict(row) for row in rows]
                yield rows, columns
                if rows != before:
                    self._write(rows, columns)
        except OSError as error:
            raise InputError(
                f"the table of ratings {self.path} cannot be written ({error.strerror}); "
                "expected a path that can be written"
            ) from error

    def _read(self) -> tuple[list[dict[str, str]], list[str]]:
        if not self.path.is_file():
            return [], list(RATING_COLUMNS)
        read_ratings(self.path)  # raises InputError if it is not a table of ratings
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader), list(reader.fieldnames or RATING_COLUMNS)

    def _write(self, rows: list[dict[str, str]], columns: list[str]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(self.path, text.getvalue())


def pair_of(row: Mapping[str, str]) -> Pair:
    """The pair of images in a row of the table."""
    return frozenset((row["image_a"], row["image_b"]))
