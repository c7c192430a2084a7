"""Probes: logistic regression on features that are known."""

import numpy as np
import pandas as pd
import torch
from torch import nn

from faceinv.experiments.invariance.probes import fit_probe, pooled_inputs, probe_summaries
from faceinv.perturbations.transformations import TRANSFORMATIONS


def test_a_probe_reads_classes_that_a_line_separates_whatever_the_scale() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    features = np.eye(3)[labels] + rng.normal(0, 0.05, (60, 3))
    scaled = features * [1.0, 1000.0, 1e-3]
    reader = fit_probe(scaled[::2], labels[::2], scaled[1::2], labels[1::2])
    assert (reader.predict(scaled) == labels).all()


def test_features_of_maps_are_their_means_over_places() -> None:
    torch.manual_seed(0)
    images = torch.rand(5, 3, 4, 4)
    module = nn.Sequential(nn.Identity(), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 2, 1)))
    assert np.allclose(pooled_inputs(module, "1", [images]), images.mean((2, 3)))
    flat = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    assert np.allclose(pooled_inputs(flat, "1", images.split(2)), images.flatten(1))


def test_probes_of_one_base_have_intervals_over_identities() -> None:
    levels = TRANSFORMATIONS["rotation"].levels
    rows = [
        ("resnet18", name, seed, "rotation", level, identity, 1.0)
        for name, seeds in (("none", 2), ("objects", 1))
        for seed in range(seeds)
        for level in levels
        for identity in "abcd"
    ]
    columns = ["architecture", "pretraining", "seed", "transformation", "level", "identity", "correct"]
    found = probe_summaries(pd.DataFrame(rows, columns=columns), 0.25, draws=50)
    assert np.allclose(found["estimate"], 1)
    assert found.groupby("pretraining")["seeds"].first().to_dict() == {"none": 2, "objects": 1}
