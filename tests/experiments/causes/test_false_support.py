"""How often the claims of chapters 12 and 13 would be supported if they were just not true."""

import numpy as np
import pandas as pd
import pytest

from faceinv.book.paths import find_root
from faceinv.experiments.causes.detection import area_intervals, detection
from faceinv.metrics.bootstrap import bootstrap
from faceinv.reporting.claims import judge_chapter, read_claims

TRIALS = 60
CLAIMS = read_claims(find_root() / "book" / "claims.yml")


def supported(chapter, claim, found):
    (judgement,) = judge_chapter(CLAIMS, chapter, {claim: found})
    return judgement.verdict == "supported"


def row(intervals):
    return intervals[["estimate", "low", "high"]].iloc[0]


def few(count):
    """Whether no more of the trials than a rate of one in twenty explains (99.9 % of the time)."""
    return count <= 9


@pytest.mark.slow  # sixty tables for each claim
def test_detection_at_the_criterion_is_seldom_supported():
    """Area .8: normal scores whose means differ by 1.19 standard deviations; seeds differ, too."""
    count = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng([trial, 1])
        relies = np.tile([False, True, True, True], 10)
        seed = np.repeat(range(10), 4)
        shared = rng.normal(size=10)[seed] * np.sqrt(0.5) + rng.normal(size=40) * np.sqrt(0.5)
        networks = pd.DataFrame(
            {"seed": seed, "relies": relies, "mass": shared + 1.19 * relies, "method": "m"}
        ).assign(architecture="a", cue="c")
        count += supported("13_planted_cues", "cues-detected", row(area_intervals(detection(networks))))
    assert few(count)


@pytest.mark.slow
def test_inventing_at_the_criterion_is_seldom_called_silent():
    count = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng([trial, 2])
        seed, identity = (each.ravel() for each in np.indices((10, 20)))
        odds = -2.6 + rng.normal(size=10)[seed] * 0.7 + rng.normal(size=20)[identity] * 0.5
        rate = 1 / (1 + np.exp(-odds))
        table = pd.DataFrame({"seed": seed, "identity": identity, "hit": rng.random(200) < rate + 0.013})
        found = row(bootstrap(table.assign(m="m"), "hit", ["m"]).interval())
        count += supported("13_planted_cues", "cues-not-invented", found)
    assert few(count)


@pytest.mark.slow
def test_a_map_that_is_no_better_than_its_controls_is_seldom_supported():
    count = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng([trial, 3])
        seed, identity = (each.ravel() for each in np.indices((10, 20)))
        table = pd.concat(
            [
                pd.DataFrame({"seed": seed, "identity": identity, "method": method}).assign(
                    value=0.3 + 0.1 * rng.normal(size=10)[seed] + rng.normal(size=200) * 0.5
                )
                for method in ("map", "even", "local contrast", "untrained")
            ]
        )
        means = bootstrap(table, "value", ["method"])
        found = {
            name: row(means.contrast("method", "map", name))
            for name in ("even", "local contrast", "untrained")
        }
        count += supported("12_causes", "causes-ordered", found)
    assert few(count)
