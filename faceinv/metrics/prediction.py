"""Prediction intervals: where another run, with its own seeds and faces, should find an estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from faceinv.metrics.resampling import NUMBER_OF_PAIRS

TEST_FACES = "identities"
SAMPLED = ("seeds", "bases", TEST_FACES)
"""Columns with the number of units that an estimate was averaged over, as far as a table has them."""

SAME = 1e-9
"""Difference up to which two estimates are the same number, written by two machines."""


def prediction_intervals(evidence: pd.DataFrame, run: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Intervals that hold the estimates of a new run with probability `level` if only chance differs.

    An estimate from n units has the variance v / n, and that of a new run with m units of its own v / m.
    Their difference therefore has the variance of the evidence times 1 + n / m, and as this variance is
    itself estimated from few units, its distribution is Student's t with the degrees of freedom of the
    evidence's interval (the prediction interval for a mean; Hahn & Meeker 1991). The variance is read from
    that 95 % interval, each side from its own half, because intervals of ratios and near the bounds of a
    measure are skew.

    Networks and faces are sampled apart: with the part of the variance that is due to faces (`se_faces`),
    n / m is the mean of the ratio of networks and that of faces, each weighted by its part of the variance.
    What differs from face to face in another way in each network counts in both parts and grows with the
    product of both ratios; how much it is cannot be read from a table. The smaller part is therefore taken
    to be of this kind altogether, so that the interval is wide enough. Where each value is of two networks,
    pairs take the place of networks in the product. Where the parts are not known, n / m is the largest
    ratio, as if the whole variance came from the units of which the new run has the fewest for its size.
    Networks and faces that both runs share make the interval wider than it need be.

    Where the evidence's interval has no width (every network gave the same), the width of the new run's own
    interval takes its place.

    Parameters
    ----------
    evidence, run : DataFrame with estimate, low, high (a 95 % interval), df (degrees of freedom of the
        interval, see `Bootstrap.interval`) and seeds, in the same order of rows; the other columns of
        `SAMPLED`, and `pairs` of networks, are used if both have them. Without df, intervals are taken to be
        those of normal distributions, with one degree of freedom less than seeds
    level : probability, between 0 and 1

    Returns
    -------
    DataFrame
        One row per row of `run`, with its index: predicted_low, predicted_high, z (difference of the run from
        the evidence in standard errors of that difference) and inside. They are nan, and inside is missing,
        where an estimate or its interval is nan, or where the evidence has fewer than two seeds.
    """
    known, found = (
        {name: table[name].to_numpy(float) for name in ("estimate", "low", "high", "seeds")}
        | {"df": (table["df"] if "df" in table else table["seeds"] - 1).to_numpy(float)}
        for table in (evidence, run)
    )
    units = [name for name in SAMPLED if name in evidence and name in run]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {name: evidence[name].to_numpy(float) / run[name].to_numpy(float) for name in units}
        ratio = np.fmax.reduce(list(ratios.values()))  # the largest that is known
        if {"se", "se_faces"} <= set(evidence) and TEST_FACES in ratios:
            networks = np.fmax.reduce([each for name, each in ratios.items() if name != TEST_FACES])
            part = (evidence["se_faces"].to_numpy(float) / evidence["se"].to_numpy(float)) ** 2
            mixed = _mixed_ratio(part, networks, ratios[TEST_FACES], _ratio_of_pairs(evidence, run, networks))
            ratio = np.where(np.isnan(mixed), ratio, mixed)
        flat = known["high"] - known["low"] <= SAME
        below, above = (
            np.where(flat, _half(found, side) * np.sqrt(1 / ratio), _half(known, side)) for side in (-1, 1)
        )
        freedom = np.where(flat, found["df"], known["df"])
        freedom = np.where(np.where(flat, found["seeds"], known["seeds"]) >= 2, freedom, np.nan)
        quantile = stdtrit(freedom, 0.975) if "df" in evidence else ndtri(0.975)
        spread = np.sqrt(1 + ratio) / quantile
        wide = spread * stdtrit(freedom, (1 + level) / 2)
        low, high = known["estimate"] - wide * below - SAME, known["estimate"] + wide * above + SAME
        difference = found["estimate"] - known["estimate"]
        error = spread * np.where(difference < 0, below, above)
        z = np.where(np.abs(difference) <= SAME, 0.0, difference / error)
    unknown = np.isnan(low) | np.isnan(high) | np.isnan(difference)
    inside = pd.array((low <= found["estimate"]) & (found["estimate"] <= high), dtype="boolean")
    inside[unknown] = pd.NA
    z = np.where(unknown, np.nan, z)
    return pd.DataFrame(
        {"predicted_low": low, "predicted_high": high, "z": z, "inside": inside}, index=run.index
    )


def _mixed_ratio(part: np.ndarray, networks: np.ndarray, faces: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """The factor on the variance where the numbers of networks and of faces differ by these ratios.

    Parameters
    ----------
    part : of the variance that is due to faces
    networks, faces, pairs : ratios of their numbers
    """
    apart = (1 - part) * networks + part * faces
    both = np.minimum(part, 1 - part)
    return apart + both * np.maximum(pairs * faces - networks - faces, 0)


def _ratio_of_pairs(evidence: pd.DataFrame, run: pd.DataFrame, networks: np.ndarray) -> np.ndarray:
    """The ratio of the numbers of pairs of networks, or that of networks where values are of one network."""
    if NUMBER_OF_PAIRS not in evidence or NUMBER_OF_PAIRS not in run:
        return networks
    known, found = (table[NUMBER_OF_PAIRS].to_numpy(float) for table in (evidence, run))
    return np.where((known > 0) & (found > 0), known / found, networks)


def part_of_faces(
    strata: Sequence[tuple[str, np.ndarray, np.ndarray]], involved: pd.DataFrame
) -> dict[str, np.ndarray]:
    """The number of faces of each condition and the standard error due to them; empty without faces.

    Parameters
    ----------
    strata, involved : see `faceinv.metrics.bootstrap.Bootstrap`
    """
    deviations = [deviation for kind, deviation, _ in strata if kind == "identity"]
    if not deviations:
        return {}
    faces = involved[involved.index.get_level_values("kind") == "identity"].sum().to_numpy()
    return {TEST_FACES: faces, "se_faces": np.sqrt(sum((each**2).sum(axis=0) for each in deviations))}


def _half(table: dict[str, np.ndarray], side: int) -> np.ndarray:
    """Width of the lower (-1) or upper (1) half of each interval."""
    return table["high"] - table["estimate"] if side > 0 else table["estimate"] - table["low"]
