"""What the claims ask about tolerance, on tolerances that are known."""

import numpy as np
import pandas as pd
import pytest

from faceinv.errors import InputError
from faceinv.metrics.bootstrap import Bootstrap, bootstrap
from faceinv.models.training_runs import SCRATCH
from faceinv.reporting.claims import Claim
from faceinv.reporting.criteria import Direction, First
from faceinv.reporting.tolerance_claims import (
    DIVERSE,
    STATISTICS,
    alexnet_lead,
    judged,
    pair_difference,
    pair_lead,
    pretraining_lead,
    values_of,
)

NAMES = ["architecture", "strategy", "transformation"]
KNOWN: dict[tuple[str, str], tuple[float, float]] = {
    ("alexnet_bn", SCRATCH): (0.2, 0.2),
    ("vgg16_bn", SCRATCH): (0.5, 0.3),
    ("resnet18", SCRATCH): (0.4, 0.4),
    ("resnet50", SCRATCH): (0.4, 0.4),
    ("densenet121", SCRATCH): (0.3, 0.3),
}


def tolerance(known: dict[tuple[str, str], tuple[float, float]]) -> Bootstrap:
    """Tolerances of size and rotation in twenty seeds that scatter about them by 0.01."""
    rng = np.random.default_rng(0)
    rows = [
        (*key, name, seed, 0, value + error)
        for key, pair in known.items()
        for name, value in zip(("size", "rotation"), pair, strict=True)
        for errors in [rng.normal(0, 0.01, 20)]
        for seed, error in enumerate(errors - errors.mean())
    ]
    table = pd.DataFrame(rows, columns=[*NAMES, "seed", "identity", "value"])
    return bootstrap(table, "value", NAMES, draws=200)


def asked(name: str, direction: Direction = "above") -> Claim:
    """A claim of the second study whose statistic is compared with zero."""
    first = First("text", "statistic", criterion=0.0, direction=direction)
    return Claim(name, "srivastava2018", "abstract", "09_x", first)


def with_objects(gain: float, without: str = "") -> dict[tuple[str, str], tuple[float, float]]:
    """The known tolerances, and after pretraining more of them; one architecture has no base."""
    more = {(name, DIVERSE): (a + gain, b + gain) for (name, _), (a, b) in KNOWN.items() if name != without}
    return KNOWN | more


def test_statistics_are_the_differences_that_were_put_in() -> None:
    values = values_of(tolerance(KNOWN))
    assert alexnet_lead(values)[0] == pytest.approx(0.2 - 0.3)
    assert pair_lead(values)[0] == pytest.approx(0.4 - 0.25)
    assert pair_difference(values)[0] == pytest.approx(0.1)
    # the widest gap is that of AlexNet to the two best, 0.2
    assert pretraining_lead(values_of(tolerance(with_objects(0.3))))[0] == pytest.approx(0.1)


def test_only_strategies_that_all_architectures_have_are_compared() -> None:
    values = values_of(tolerance(with_objects(0.3, without="densenet121")))
    assert set(values.columns.get_level_values("strategy")) == {SCRATCH}
    with pytest.raises(InputError, match="bases pretrained on objects are not available"):
        pretraining_lead(values)


def test_claims_are_judged_or_it_is_said_why_not() -> None:
    claims = [asked(name) for name in STATISTICS]
    found, reasons = judged(claims, tolerance(with_objects(0.3)))
    assert {each.claim: each.verdict for each in found} == {
        "pretraining-most": "supported",
        "alexnet-least": "not supported",  # it lies below, and this list asks for above
        "vgg-resnet-more": "supported",
        "vgg-resnet-differ": "supported",
    }
    assert not reasons
    few = {key: pair for key, pair in KNOWN.items() if key[0].startswith("resnet")}
    found, reasons = judged(claims, tolerance(few))
    assert not found
    assert "alexnet" in reasons["alexnet-least"] and "vgg" in reasons["vgg-resnet-differ"]


def test_a_sixth_transformation_changes_no_verdict() -> None:
    claims = [asked(name) for name in STATISTICS]
    five = tolerance(with_objects(0.3))
    places = np.flatnonzero(five.estimate.index.get_level_values("transformation") == "size")
    every = np.concatenate([np.arange(len(five.estimate)), places])
    names = five.estimate.index.append(
        five.estimate.index[places].set_levels(["contrast"] * 2, level=2, verify_integrity=False)
    )
    assert judged(claims, five.take(every, names)) == judged(claims, five)


def test_a_network_without_a_tolerance_decides_nothing() -> None:
    claim = asked("alexnet-least", "below")
    (found,), _ = judged([claim], tolerance(KNOWN | {("densenet121", SCRATCH): (np.nan, 0.3)}))
    assert found.verdict == "undecided" and np.isnan([found.estimate, found.low, found.high]).all()
