"""A widget that collects ratings of the similarity of faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any
from zlib import crc32

import anywidget
import numpy as np
import pandas as pd
import traitlets

from faceinv.errors import InputError
from faceinv.experiments.relevance.human_ratings import read_ratings
from faceinv.widgets.explorer import FOLDER, check_images
from faceinv.widgets.rating_table import RatingTable

LEAST, MOST = 1, 7


class FaceRating(anywidget.AnyWidget):
    """Shows pairs of faces, whose similarity is rated from 1 (least similar) to 7 (most similar).

    Each participant sees each pair once. The order of pairs, and which face is on the left, are random, with
    the seed and the participant's name as seeds. Every rating is saved before the next pair appears; a
    participant who returns continues where they stopped.

    Parameters
    ----------
    images : uint8, N x H x W x 3
    names : names of the images in the table of ratings, such as those of
        `faceinv.experiments.relevance.face_similarity.image_names`; they are not shown
    participant : name or pseudonym of the participant
    file : CSV file with the columns of `faceinv.experiments.relevance.human_ratings.RATING_COLUMNS`; it is
        created if it does not exist, and ratings of other participants in it are kept
    seed : seed of the order

    Attributes
    ----------
    participant : name of the participant; setting it continues the ratings of that participant
    done, total : number of pairs that the participant has rated, and of all pairs

    Raises
    ------
    InputError
        If there are fewer than two images, names are not unique or not one for each image, the participant's
        name is empty, or the file is not a table of ratings.

    Examples
    --------
    >>> images = np.zeros((3, 8, 8, 3), np.uint8)
    >>> faces = faceinv.FaceRating(images, ["a", "b", "c"], participant="p1", file="ratings.csv")
    >>> faces.done, faces.total
    (0, 3)
    """

    _esm = (FOLDER / "bundles" / "rating.js").read_text(encoding="utf-8")
    _css = "".join((FOLDER / name).read_text(encoding="utf-8") for name in ("explorer.css", "rating.css"))
    _faces = traitlets.Bytes().tag(sync=True)
    _shape = traitlets.List(traitlets.Int()).tag(sync=True)
    _pair = traitlets.Any(None).tag(sync=True)
    _error = traitlets.Unicode().tag(sync=True)

    participant = traitlets.Unicode().tag(sync=True)
    done = traitlets.Int(0, read_only=True).tag(sync=True)
    total = traitlets.Int(0, read_only=True).tag(sync=True)

    def __init__(
        self, images: np.ndarray, names: Sequence[str], participant: str, file: str | Path, seed: int = 0
    ) -> None:
        super().__init__()
        images = check_images(images)
        self._names = [str(name) for name in names]
        if len(self._names) != len(images) or len(set(self._names)) < len(images) or len(images) < 2:
            raise InputError(
                f"there are {len(images)} images and {len(set(self._names))} different names; "
                "expected at least two images, and a different name for each"
            )
        self._seed, self._table = seed, RatingTable(Path(file).resolve())
        self._shape, self._faces = list(images.shape[:3]), images.tobytes()
        self.participant = participant
        self.on_msg(self._answer)

    @property
    def ratings(self) -> pd.DataFrame:
        """The current ratings of all participants in the file; see `read_ratings`."""
        return read_ratings(self._table.path)

    @traitlets.validate("participant")
    def _named(self, proposal: Mapping[str, str]) -> str:
        if not (name := proposal["value"].strip()):
            raise InputError("the participant's name is empty; expected a name or pseudonym")
        return name

    @traitlets.observe("participant")
    def _begin(self, change: object = None) -> None:
        """Draw the participant's order, and show the first pair that is not rated yet."""
        random = np.random.default_rng([self._seed, crc32(self.participant.encode())])
        pairs = list(combinations(range(len(self._names)), 2))
        order = random.permutation(len(pairs))
        turned = random.integers(2, size=len(pairs)).astype(bool)
        self._order = [pairs[i][::-1] if turned[i] else pairs[i] for i in order]
        self.set_trait("total", len(pairs))
        self._advance()

    def _advance(self) -> None:
        rated = set(self._table.rated(self.participant))
        left = [pair for pair in self._order if frozenset(self._called(pair)) not in rated]
        self._pair = list(left[0]) if left else None
        self.set_trait("done", self.total - len(left))

    def _called(self, pair: Sequence[int]) -> tuple[str, str]:
        first, second = pair
        return self._names[first], self._names[second]

    def _answer(self, widget: object, message: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Save a rating of the pair that is shown, or undo the last one."""
        try:
            if message.get("undo"):
                self._undo()
            elif message.get("pair") == self._pair:  # a second press of a key is ignored
                rating = message.get("rating")
                if not isinstance(rating, int) or not LEAST <= rating <= MOST:
                    raise InputError(f"the rating is {rating!r}; expected {LEAST} to {MOST}")
                self._table.add(self.participant, *self._called(self._pair), rating)
            self._advance()
            self._error = ""
        except InputError as error:
            self._error = str(error)

    def _undo(self) -> None:
        known = set(map(frozenset, combinations(self._names, 2)))
        rated = [pair for pair in self._table.rated(self.participant) if pair in known]
        if rated:
            self._table.withdraw(self.participant, rated[-1])
