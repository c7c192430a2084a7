"""Sentences on atlases, from tables written by hand."""

import numpy as np
import pandas as pd
from constructed_tables import Constructed, rows

from faceinv.data.stimuli import REGIONS
from faceinv.experiments.causes.head_atlas import CAUSAL, READING_MEASURES, OnHead
from faceinv.experiments.causes.map_makers import UNTRAINED
from faceinv.reporting.findings.causes_and_cues import concentrated_on_head
from faceinv.reporting.head_sentences import describe_kinds

READING = pd.DataFrame(
    [
        {"task": "gender", "pretraining": start, "method": method, "measure": measure, "estimate": e}
        for start, e in (("none", 0.3), ("faces", 0.5))
        for method in ("epsilon", UNTRAINED)
        for measure in READING_MEASURES
        if (method, measure) != (UNTRAINED, READING_MEASURES[1])
    ]
).assign(low=0.2, high=0.6)
PLACES = {"gender": OnHead((), np.ones(20), np.repeat([REGIONS.index("nose"), REGIONS.index("eye")], 10))}


def test_each_kind_is_described_by_its_densest_regions_and_its_interval():
    reads_nose = np.concatenate([np.full(10, 4.0), np.full(10, 0.5)])
    by_cause = pd.DataFrame(
        [
            {"task": "gender", "pretraining": "none", "cause": "jaw", "density": 0.5},
            {"task": "gender", "pretraining": "none", "cause": "eye", "density": 1.75},
            {"task": "gender", "pretraining": "faces", "cause": "eye", "density": np.nan},
        ]
    )
    kinds = [("gender", "none", "epsilon"), ("gender", "none", CAUSAL), ("gender", "faces", CAUSAL)]
    words = describe_kinds(dict.fromkeys(kinds, reads_nose), READING, PLACES, by_cause)
    said = (
        "Most of the most densely read tenth of the visible head lies on nose; this tenth has 30 % [20, 60]"
    )
    assert words[kinds[0]].startswith(f"{said} of the positive relevance.")
    assert words[kinds[1]].startswith("For its area, the eye moves the answer most: 1.8 times")
    assert words[kinds[2]] == "No exchange of a region moves the answers."
    nowhere = describe_kinds({kinds[0]: np.full(20, np.nan)}, READING, PLACES, by_cause)
    assert nowhere[kinds[0]] == "No relevance is positive."


def test_the_figure_says_who_reads_the_smallest_part_of_the_head():
    apart = rows(
        ("none", "epsilon-plus-flat", (0.3, 0.25, 0.35)),
        ("faces", "epsilon-plus-flat", (0.5, 0.45, 0.55)),
        ("none", "untrained", (0.2, 0.15, 0.22)),
        columns="pretraining method",
    ).assign(task="gender", measure=READING_MEASURES[0])
    found = concentrated_on_head(Constructed(head=apart))
    assert "For gender, the share of the relevance on the most densely read tenth" in found
    assert "highest for pretraining on faces, at 50 % [45, 55]" in found and "overlap" not in found
    assert "lowest for networks before training, at 20 % [15, 22]" in found and found.endswith("10 % there.")
    wide = concentrated_on_head(Constructed(head=apart.assign(low=0.1, high=0.6)))
    assert "their intervals overlap" in wide
