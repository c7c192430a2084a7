"""Networks in a table of masks are known by their bases, and those that share one are left out together."""

from dataclasses import replace

import pandas as pd

from faceinv.experiments import design
from faceinv.experiments.profiles import PROFILES
from faceinv.experiments.relevance.bases import with_bases


def test_readers_and_makers_have_the_bases_of_their_runs() -> None:
    runs = design.training_runs(PROFILES["smoke"], tasks=["identity"], architecture="resnet18", seeds=2)
    based = [replace(run, pretraining="objects-1", strategy="finetuned") for run in runs]
    rows = [
        ("none, identity", 0, "objects-1, identity", 1),
        ("objects-1, identity", 0, "untrained", 0),
        ("objects-1, identity", 1, "centre", -1),
    ]
    table = pd.DataFrame(rows, columns=["reader", "reader_seed", "maker", "maker_seed"])
    found = with_bases(table, [*runs, *based], ("pretraining", "task"))
    assert found["reader_base"].tolist() == ["none", "objects-resnet18 #1", "objects-resnet18 #1"]
    assert found["maker_base"].tolist() == ["objects-resnet18 #1", "none", "none"]
