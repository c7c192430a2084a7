from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import pearsonr, spearmanr

from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.conditions import NO_SEED
from faceinv.experiments.explanations import Explanation
from faceinv.experiments.relevance.face_similarity import (
    SIMILARITIES,
    Similarity,
    correlations,
    face_similarities,
    faces_of,
    features,
    image_names,
    weighted_correlation,
)
from faceinv.experiments.sizes import Profile
from faceinv.models.architectures import Specification, build
from faceinv.models.training_runs import train
from faceinv.perturbations.control_masks import local_contrast

PROFILE = Profile("tiny", size=32, samples=1, people=10, people_views=2, seeds=1, exposures=32)


def test_weighted_correlation_written_out() -> None:
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(4, 30)), rng.random((4, 30))
    found = weighted_correlation(values, weights)
    for i, j in np.ndindex(4, 4):
        w = weights[i] / weights[i].sum() + weights[j] / weights[j].sum()
        covariance = np.cov(values[i], values[j], aweights=w)
        assert found[i, j] == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def test_equal_weights_give_pearsons_correlation() -> None:
    values = np.random.default_rng(1).normal(size=(3, 50))
    found = weighted_correlation(values, np.full((3, 50), 7.0))
    assert found[0, 2] == pytest.approx(pearsonr(values[0], values[2]).statistic)
    with pytest.raises(InputError, match="weights"):
        weighted_correlation(values, np.zeros((3, 50)))


@pytest.mark.parametrize("architecture", ["vgg11", "resnet18", "squeezenet1_1"])
def test_features_are_what_the_last_layer_sees(architecture: str) -> None:
    network = build(Specification(architecture, ("a", "b", "c"), size=64))
    inputs = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    found = features(network, inputs)
    assert found.shape[0] == 3 and found.shape[1] >= 64
    if architecture == "resnet18":
        assert torch.allclose(
            network.module.get_submodule("fc")(torch.from_numpy(found).float()),
            network.logits(inputs),
            atol=1e-5,
        )


def test_similarities_of_faces_to_a_network(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    run = design.training_runs(PROFILE, tasks=("gender",), architecture="resnet18")[0]
    each = Explanation(run, images=10_000, on=image_sets.compared(PROFILE))
    faces, places = faces_of(each)
    assert len(faces) == 8 == len(places) and faces.table["identity"].is_unique
    assert not set(faces.table["identity"]) & set(train(run).network.specification.classes)
    assert image_names(faces)[0].startswith(faces.table["identity"].iloc[0] + "/")
    found = face_similarities(each)
    assert [one.fields["kind"] for one in found] == list(SIMILARITIES)
    assert [one.fields["seed"] for one in found] == [NO_SEED, NO_SEED, 0, 0, 0, 0]
    assert {one.fields["base"] for one in found} == {"none"}
    inputs = train(run).network.prepare(faces.images)
    maps = (inputs.mean(1).numpy(), local_contrast(inputs))
    grey, contrast = (each.reshape(len(faces), -1).astype(float) for each in maps)
    assert np.allclose(found[1].matrix, weighted_correlation(grey, contrast), atol=1e-5)
    for one in found:
        assert np.diag(one.matrix) == pytest.approx(1) and np.allclose(one.matrix, one.matrix.T)
    assert not np.allclose(found[1].matrix, found[2].matrix)
    # the compared faces of photographs are held out for gender
    more = design.training_runs(replace(PROFILE, people=20), tasks=("gender",), architecture="resnet18")[0]
    assert set(faces_of(Explanation(more, images=10_000))[0].table["gender"]) == {"female", "male"}


def test_too_few_faces_are_refused_before_any_network_is_trained() -> None:
    run = design.training_runs(PROFILE, tasks=("gender",), architecture="resnet18")[0]
    with pytest.raises(InputError, match="show 2 people; expected at least 4"):
        faces_of(Explanation(run, images=10_000))


def symmetric(rng: np.random.Generator, faces: int) -> np.ndarray:
    matrix = rng.normal(size=(faces, faces))
    return (matrix + matrix.T) / 2


def test_correlations_are_scipys_and_seeds_are_averaged() -> None:
    rng = np.random.default_rng(2)
    truth = symmetric(rng, 12)
    pairs = np.triu_indices(12, 1)
    found = [
        Similarity({"kind": kind, "seed": seed}, truth * strength + symmetric(rng, 12))
        for kind, strength in (("good", 3.0), ("bad", 0.0))
        for seed in range(3)
    ]
    found.append(Similarity({"kind": "pixels", "seed": NO_SEED}, truth))
    boot = correlations(found, truth[None], draws=300)
    expected = [spearmanr(one.matrix[pairs], truth[pairs]).statistic for one in found]
    assert boot.estimate["good"] == pytest.approx(np.mean(expected[:3]))
    assert boot.estimate["pixels"] == pytest.approx(1)
    interval = boot.interval().set_index("kind")
    assert interval.loc["bad", "low"] < 0 < interval.loc["bad", "high"]
    assert interval.loc["good", "low"] > 0.5
    assert boot.contrast("kind", "good", "bad")["low"].iloc[0] > 0


def from_bases(rng: np.random.Generator, truth: np.ndarray, bases: int, start: str) -> list[Similarity]:
    """Nine networks and what needs none; networks that started from one base are the same."""
    own = [truth + symmetric(rng, len(truth)) for _ in range(bases)]
    fields = [
        {"kind": "features", "start": start, "seed": s, "base": f"{start} #{s % bases}"} for s in range(9)
    ]
    plain = {"kind": "pixels", "start": "", "seed": NO_SEED, "base": "none"}
    return [Similarity(each, own[place % bases]) for place, each in enumerate(fields)] + [
        Similarity(plain, truth + symmetric(rng, len(truth)))
    ]


def test_nine_networks_of_three_bases_are_three() -> None:
    rng = np.random.default_rng(5)
    truth = symmetric(rng, 12)
    found = from_bases(rng, truth, 3, "objects")
    boot = correlations(found, truth[None], ["kind", "start"], draws=10)
    networks = boot.left_out.index.get_level_values("kind")[:-12]
    assert networks.tolist() == ["base"] * 3
    pairs = np.triu_indices(12, 1)
    own = np.array([spearmanr(one.matrix[pairs], truth[pairs]).statistic for one in found[:3]])
    variance, freedom = boot.covariance(boot)[0]
    assert np.sqrt(variance) == pytest.approx([own.std(ddof=1) / np.sqrt(3), 0])
    assert freedom[0] == 2
    # what needs no network has no base, and a difference has those of its networks
    assert boot.interval().set_index("kind")["bases"].to_dict() == {"features": 3, "pixels": 0}
    index = pd.MultiIndex.from_tuples([("features",)], names=["kind"])
    apart = boot.differences([(("features", "objects"), ("pixels", ""))], index)
    assert apart.interval()["bases"].tolist() == [3]
    seeds = [replace(one, fields={k: v for k, v in one.fields.items() if k != "base"}) for one in found]
    blind = correlations(seeds, truth[None], ["kind", "start"], draws=10)
    assert blind.covariance(blind)[0][0][0] < 0.5 * variance[0] and "bases" not in blind.interval()


def test_networks_of_one_base_are_left_out_by_seed_and_the_table_says_so() -> None:
    rng = np.random.default_rng(6)
    truth = symmetric(rng, 8)
    both = from_bases(rng, truth, 3, "objects") + from_bases(rng, truth, 1, "faces")[:-1]
    boot = correlations(both, truth[None], ["kind", "start"], draws=10)
    kinds = boot.left_out.index.get_level_values("kind")
    assert kinds.value_counts().to_dict() == {"seed": 9, "base": 3, "face": 8}
    table = boot.interval().set_index("start")
    assert table.loc["faces", "note"] == "one base" and table.loc["objects", "note"] == ""


def test_one_seed_has_no_interval() -> None:
    matrix = symmetric(np.random.default_rng(7), 6)
    with pytest.raises(InputError, match="only one seed, 3"):
        correlations([Similarity({"kind": "a", "seed": 3}, matrix)], matrix[None])


def test_unrated_pairs_do_not_count_and_participants_are_averaged() -> None:
    rng = np.random.default_rng(3)
    model, first, second = (symmetric(rng, 6) for _ in range(3))
    second[0] = second[:, 0] = np.nan
    pairs = np.triu_indices(6, 1)
    rated = np.isfinite(second[pairs])
    expected = (
        spearmanr(model[pairs], first[pairs]).statistic
        + spearmanr(model[pairs][rated], second[pairs][rated]).statistic
    ) / 2
    found = [Similarity({"kind": "a", "seed": s}, model) for s in (0, 1)]
    boot = correlations(found, np.stack([first, second]), draws=2)
    assert boot.estimate.iloc[0] == pytest.approx(expected)
    with pytest.raises(InputError, match="participants x 6 x 6"):
        correlations(found, first)


@pytest.mark.slow
def test_intervals_over_faces_cover_no_correlation() -> None:
    covered = []
    for trial in range(40):
        rng = np.random.default_rng(trial)
        found = [Similarity({"kind": "a", "seed": s}, symmetric(rng, 10)) for s in range(3)]
        row = correlations(found, symmetric(rng, 10)[None], draws=150, seed=trial).interval().iloc[0]
        covered.append(row["low"] < 0 < row["high"])
    assert np.mean(covered) > 0.85
