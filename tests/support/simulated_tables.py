"""Simulated results of reading masks, whose generalization is known."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from faceinv.experiments.conditions import NO_SEED, OWN
from faceinv.experiments.relevance.generalization import CONSENSUS, READ_CONTROLS

KINDS = (*READ_CONTROLS, *CONSENSUS)


def simulated_masks(
    share: Callable[[str, int, str, int], float],
    conditions: Sequence[str] = ("gender", "identity"),
    seeds: int = 4,
    identities: int = 6,
    noise: float = 0.0,
) -> pd.DataFrame:
    """A table as `faceinv.experiments.relevance.generalization.evaluate_masks` makes them, joined over
    readers.

    `share` is the generalization from maker and its seed to reader and its seed; kinds of control masks and
    ``"untrained"`` come as makers too. With their own masks readers are 0.4 above chance.
    """
    rng = np.random.default_rng(0)
    rows = []
    for reader in conditions:
        for reader_seed in range(seeds):
            makers = [(maker, seed) for maker in (*conditions, "untrained") for seed in range(seeds)]
            for maker, seed in [*makers, *((kind, NO_SEED) for kind in KINDS)]:
                own = (maker, seed) == (reader, reader_seed)
                relation = _relation(maker, reader, own, maker in conditions)
                value = 1.0 if own else share(maker, seed, reader, reader_seed)
                for fraction in (0.1, 0.2):
                    for identity in range(identities):
                        correct = 0.5 + 0.4 * value + noise * rng.normal()
                        name = f"{reader}-{identity}"
                        rows.append((maker, seed, reader, reader_seed, relation, fraction, name, correct))
    columns = ["maker", "maker_seed", "reader", "reader_seed", "relation", "fraction", "identity", "correct"]
    return pd.DataFrame(rows, columns=columns).assign(
        weight=1.0, chance=0.5, twin=lambda t: t["maker_seed"].where(t["maker_seed"] >= 0, NO_SEED)
    )


def _relation(maker: str, reader: str, own: bool, trained: bool) -> str:
    if own:
        return OWN
    if not trained:
        return maker
    return "other seed" if maker == reader else "other task"
