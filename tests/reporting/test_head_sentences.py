"""Sentences on atlases, from tables written by hand."""

import numpy as np
import pandas as pd

from faceinv.data.stimuli import REGIONS
from faceinv.experiments.causes.head_atlas import CAUSAL, READING_MEASURES, OnHead
from faceinv.experiments.causes.map_makers import UNTRAINED
from faceinv.reporting.head_sentences import describe_kinds, listed, summary_of_reading

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
    assert words[kinds[0]].startswith("Densest on nose. The most") and "30 % [20, 60] of" in words[kinds[0]]
    assert words[kinds[1]].startswith("For its area, the eye moves the answer most: 1.8 times")
    assert words[kinds[2]] == "No exchange of a region moves the answers."
    nowhere = describe_kinds({kinds[0]: np.full(20, np.nan)}, READING, PLACES, by_cause)
    assert nowhere[kinds[0]] == "No relevance is positive."


def test_the_summary_names_each_task_and_pretraining():
    text = summary_of_reading(READING, "epsilon")
    assert text.startswith("An even map has 10 %") and text.count("- **") == 1
    assert "30 % [20, 60] (none) and 50 % [20, 60] (faces) of the positive relevance of epsilon" in text
    assert "0.30 [0.20, 0.60] (none) and 0.50 [0.20, 0.60] (faces)" in text


def test_names_are_listed_as_in_a_sentence():
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "nothing",
        "a",
        "a and b",
        "a, b and c",
    ]
