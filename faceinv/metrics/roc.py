"""Receiver operating characteristic: how well a score tells members of a group from others."""

from __future__ import annotations

import numpy as np

from faceinv.errors import InputError


def area_under_roc(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Area under the receiver operating characteristic, by row.

    It is the probability that a member of the group has a higher score than another one, where a tie counts
    as half (Mann & Whitney 1947; Hanley & McNeil 1982).

    Parameters
    ----------
    scores : ndarray, ... x n
    positive : ndarray of bool, ... x n
        Which of the n are in the group.

    Returns
    -------
    ndarray of float, ...
        0.5 for scores that say nothing; nan where one of the groups is empty or a score is nan.

    Examples
    --------
    >>> area_under_roc(np.array([0.1, 0.9, 0.4, 0.8]), np.array([False, True, False, True])).item()
    1.0
    """
    from scipy.stats import rankdata  # takes half a second to import, which each worker would spend

    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    if scores.shape != positive.shape:
        raise InputError(f"scores are of shape {scores.shape} and groups of shape {positive.shape}")
    ranks = rankdata(scores, axis=-1)  # nan where any score of the row is nan
    count, whole = positive.sum(-1), positive.shape[-1]
    above = (ranks * positive).sum(-1) - count * (count + 1) / 2
    pairs = count * (whole - count)
    return np.divide(above, pairs, out=np.full(np.shape(pairs), np.nan), where=pairs > 0)
