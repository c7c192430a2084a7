"""Human ratings: the similarity of faces from a table, and the noise ceiling for predicting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.relevance.face_similarity import image_names
from faceinv.metrics.gabor_jets import gabor_similarity

RATING_COLUMNS = ("image_a", "image_b", "rating", "participant")


@dataclass(frozen=True)
class SimilarityReference:
    """Reference for the similarity of faces: people, or a model.

    Attributes
    ----------
    name : in figures and tables; the name of a model says that it is one
    matrices : ndarray of float, participants x N x N, symmetric; nan where a pair was not rated
    human : whether these are ratings by people
    """

    name: str
    matrices: np.ndarray
    human: bool


def similarity_reference(faces: Stimuli, ratings: str | Path | None = None) -> SimilarityReference:
    """The ratings in a table, or the prediction of the Gabor-jet model if there is none."""
    if ratings is None:
        return SimilarityReference("Gabor-jet model", gabor_similarity(faces.images)[None], human=False)
    matrices = by_participant(read_ratings(ratings), image_names(faces))
    return SimilarityReference(f"ratings of {len(matrices)} people", matrices, human=True)


def read_ratings(path: str | Path) -> pd.DataFrame:
    """Read a table of ratings: one row per rating; higher ratings mean more similar faces.

    Raises
    ------
    InputError
        If the file does not exist, a column of `RATING_COLUMNS` is missing, a rating is not a number, or an
        image is compared with itself.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"there is no table of ratings {path}; expected the columns {','.join(RATING_COLUMNS)}"
        )
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(RATING_COLUMNS, str))
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no table of comma-separated values ({error})") from error
    missing = [name for name in RATING_COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            f"{path} lacks the column(s) {', '.join(missing)}; expected {','.join(RATING_COLUMNS)}"
        )
    rating = pd.to_numeric(table["rating"], errors="coerce")
    wrong = np.flatnonzero(~np.isfinite(rating))
    if len(wrong):
        raise InputError(
            f"the rating in row {wrong[0] + 1} of {path} is {table['rating'].iloc[wrong[0]]!r}; "
            "expected a number"
        )
    same = np.flatnonzero(table["image_a"] == table["image_b"])
    if len(same):
        raise InputError(f"row {same[0] + 1} of {path} compares an image with itself; expected two images")
    return table[list(RATING_COLUMNS)].assign(rating=rating)


def by_participant(ratings: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Ratings as one matrix per participant.

    Parameters
    ----------
    ratings : as returned by `read_ratings`; several ratings of a pair by one participant are averaged
    names : of the faces to compare (see `image_names`); ratings of other faces are left out

    Returns
    -------
    ndarray of float, participants x N x N

    Raises
    ------
    InputError
        If a participant rated fewer than three pairs of these faces.
    """
    index_of = {name: i for i, name in enumerate(names)}
    of_faces = ratings[ratings["image_a"].isin(index_of) & ratings["image_b"].isin(index_of)]
    if of_faces.empty:
        raise InputError(f"the ratings name none of the {len(names)} faces, such as {names[0]!r}")
    people = sorted(ratings["participant"].unique())
    matrices = np.full((len(people), len(names), len(names)), np.nan)
    pair = np.sort(
        of_faces[["image_a", "image_b"]].apply(lambda column: column.map(index_of)).to_numpy(), axis=1
    )
    of_faces = of_faces.assign(a=pair[:, 0], b=pair[:, 1])
    for row in of_faces.groupby(["participant", "a", "b"])["rating"].mean().reset_index().itertuples():
        participant = people.index(row.participant)
        matrices[participant, row.a, row.b] = matrices[participant, row.b, row.a] = row.rating
    rated = np.isfinite(matrices).sum(axis=(1, 2)) // 2
    if rated.min() < 3:
        raise InputError(
            f"participant {people[int(rated.argmin())]!r} rated {rated.min()} pair(s) of these faces; "
            "expected at least 3"
        )
    return matrices


def noise_ceiling(matrices: np.ndarray) -> tuple[float, float]:
    """Bounds of the rank correlation of the best possible model, given the differences between people.

    The upper bound is the mean correlation of each participant with the mean of all, the lower bound that
    with the mean of all others, on rank-transformed ratings (Nili et al. 2014).

    Parameters
    ----------
    matrices : ndarray, participants x N x N

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Raises
    ------
    InputError
        If there are fewer than two participants.
    """
    if len(matrices) < 2:
        raise InputError("a noise ceiling needs at least two participants; got one")
    a, b = np.triu_indices(matrices.shape[1], 1)
    pairs = matrices[:, a, b]
    # Ranks are scaled to 0-1, so that participants with fewer rated pairs have the same weight in the mean.
    ranks = (rankdata(pairs, axis=1, nan_policy="omit") - 0.5) / np.isfinite(pairs).sum(axis=1, keepdims=True)
    upper = [_agreement(own, ranks) for own in ranks]
    lower = [_agreement(own, np.delete(ranks, participant, axis=0)) for participant, own in enumerate(ranks)]
    return float(np.mean(lower)), float(np.mean(upper))


def _agreement(own: np.ndarray, others: np.ndarray) -> float:
    """Rank correlation of one participant with the mean of others, over pairs that both rated."""
    both = np.isfinite(own) & np.isfinite(others).any(axis=0)
    # Equal means must stay ties, despite rounding errors.
    mean = np.nanmean(others[:, both], axis=0).round(9)
    return float(spearmanr(own[both], mean).statistic)
