"""Makers: which choice of pretraining and task makes masks that serve other networks best."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from faceinv.experiments.relevance.generalization import generalization
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.extremes import simultaneous

_NUMBERS = ["estimate", "low", "high"]


@dataclass(frozen=True)
class MakersCompared:
    """Masks of kinds of networks, compared by their mean generalization to all other networks.

    Attributes
    ----------
    table : one row per comparison: of (*maker*, *pretraining* or *task*), a, b (empty for the mean of a), the
        estimate of a or of a − b, low, high and seeds. Differences are ordered, larger first, and their
        intervals hold for all differences of the same kind at once
    sentence : which masks serve others best, in Markdown
    """

    table: pd.DataFrame
    sentence: str


def makers_compared(table: pd.DataFrame, draws: int = 2000, seed: int = 0) -> MakersCompared:
    """Compare the masks that kinds of networks make for others, by kind, by pretraining and by task.

    The best and the worst kind are chosen by their results. So the interval of their difference is one that
    holds for the differences of all pairs at once.

    Parameters
    ----------
    table : results of `faceinv.experiments.relevance.generalization.evaluate_masks`, with pretraining and
        task as conditions
    draws, seed : of the bootstrap
    """
    trained = table[table["maker_pretraining"] != ""]
    parts = []
    for of, column in (("maker", "maker"), ("pretraining", "maker_pretraining"), ("task", "maker_task")):
        boot = generalization(trained, [column], draws=draws, seed=seed)
        means = boot.interval().rename(columns={column: "a"}).assign(b="")
        parts.append(pd.concat([means, _differences(boot, column)]).assign(of=of))
    found = pd.concat(parts, ignore_index=True)[["of", "a", "b", *_NUMBERS, "seeds"]]
    return MakersCompared(found, _sentence(found))


def _differences(boot: Bootstrap, column: str) -> pd.DataFrame:
    """All differences of two values of a condition, larger minus smaller, at once."""
    order = boot.estimate.dropna().sort_values(ascending=False).index.get_level_values(0)
    pairs = list(combinations(order, 2))
    if not pairs:
        return pd.DataFrame(columns=["a", "b", *_NUMBERS, "seeds"])
    index = pd.MultiIndex.from_tuples(pairs, names=["a", "b"])
    return simultaneous(boot.differences([((a,), (b,)) for a, b in pairs], index))


def _sentence(table: pd.DataFrame) -> str:
    means = table[(table["of"] == "maker") & (table["b"] == "")].dropna().sort_values("estimate")
    if len(means) < 2:
        return "There are no two kinds of networks whose masks could be compared."
    least, best = means.iloc[0], means.iloc[-1]
    rows = table[table["b"] != ""].set_index(["of", "a", "b"])
    text = (
        f"In this run, masks of **{best['a']}** serve others best, with a mean generalization of "
        f"{_numbers(best)}, and those of **{least['a']}** least, with {_numbers(least)}: a difference of "
        f"{_numbers(rows.loc[('maker', best['a'], least['a'])])}"
        f"{' (an interval that holds for all pairs of kinds)' if len(means) > 2 else ''}."
    )
    effects = [
        f"by {of}, {a} exceeds {b} by {_numbers(row)}"
        for (of, a, b), row in rows.dropna().iterrows()
        if of != "maker"
    ]
    return text + (f" Averaged {'; '.join(effects)}." if effects else "")


def _numbers(row: pd.Series) -> str:
    return f"{row['estimate']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
