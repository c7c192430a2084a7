"""Measures of filters, on Gabor filters whose orientation, frequency and bandwidth are known."""

from math import log, log2, pi, sqrt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.invariance import first_layer
from faceinv.experiments.invariance.first_layer import compare_filters, kernels, rank_association
from faceinv.experiments.sizes import Profile
from faceinv.figures import image_grid
from faceinv.metrics.filters import FILTER_MEASURES, first_filters, measure_filters, pictures, shared, spectra
from faceinv.metrics.resampling import NO_BASE
from faceinv.models.architectures import Specification, build
from faceinv.models.training_runs import TrainingRun, train

PROFILE = Profile("tiny", size=32, samples=1, identities=4, identity_views=6, seeds=2, exposures=64)


def gabor(
    frequency: float, orientation: float, sigma: float = 4.0, phase: float = 0.0, pixels: int = 41
) -> np.ndarray:
    """A grey Gabor filter (1 x 3 x pixels x pixels) with stripes at `orientation` degrees from lying."""
    up, right = np.indices((pixels, pixels)) - pixels // 2
    up = -up
    angle = np.radians(orientation)
    across = -right * np.sin(angle) + up * np.cos(angle)
    wave = np.cos(2 * pi * frequency * across + phase) * np.exp(-(up**2 + right**2) / (2 * sigma**2))
    return np.repeat(wave[None, None], 3, axis=1).astype(np.float32)


@pytest.mark.parametrize("frequency", [0.125, 0.2, 0.3])
@pytest.mark.parametrize("orientation", [0, 30, 45, 90, 100, 160])
@pytest.mark.parametrize("phase", [0.0, 1.0])
def test_gabor_filters_are_what_they_were_made(frequency: float, orientation: float, phase: float) -> None:
    found = measure_filters(gabor(frequency, orientation, phase=phase), 64).iloc[0]
    assert found["frequency"] == pytest.approx(frequency, abs=0.006)
    assert found["cycles"] == pytest.approx(64 * frequency, abs=0.4)
    off = (found["orientation"] - orientation + 90) % 180 - 90
    assert abs(off) < 3
    # the Gaussian's spectrum falls to half at this distance from the peak
    half = sqrt(log(2) / 2) / (pi * 4.0)
    expected = log2((frequency + half) / (frequency - half))
    assert found["bandwidth"] == pytest.approx(expected, rel=0.12)
    assert found["selectivity"] > 0.85 and found["colourfulness"] == pytest.approx(0, abs=1e-6)


def test_narrow_envelopes_have_wide_bands_and_lose_their_orientation() -> None:
    found = measure_filters(np.concatenate([gabor(0.2, 30, sigma) for sigma in (8.0, 4.0, 2.0)]), 64)
    assert found["bandwidth"].is_monotonic_increasing
    assert found["selectivity"].is_monotonic_decreasing


def test_a_blob_has_no_stripes() -> None:
    y, x = np.indices((11, 11)) - 5
    blob = np.exp(-(x**2 + y**2) / 8)[None, None].repeat(3, axis=1)
    found = measure_filters(blob, 64).iloc[0]
    assert found["frequency"] == 0 and np.isnan(found["orientation"]) and np.isnan(found["bandwidth"])
    assert found["selectivity"] < 0.05


def test_colour_is_the_share_that_the_colours_do_not_have_in_common() -> None:
    grey = gabor(0.2, 30)
    opponent = grey * np.array([1, -1, 0], np.float32)[None, :, None, None]
    red = grey * np.array([1, 0, 0], np.float32)[None, :, None, None]
    found = measure_filters(np.concatenate([grey, opponent, red]), 64)
    assert np.allclose(found["colourfulness"], [0, 1, 2 / 3], atol=1e-6)
    assert np.allclose(found["frequency"], 0.2, atol=0.006) and found["orientation"].std() < 1


def test_measures_do_not_depend_on_scale_sign_and_place() -> None:
    one = gabor(0.25, 70, sigma=2.0, pixels=15)
    moved = np.pad(one, ((0, 0), (0, 0), (0, 6), (4, 0)))
    first, scaled, shifted = (measure_filters(w, 64)[list(FILTER_MEASURES)] for w in (one, -3 * one, moved))
    assert np.allclose(first, scaled, atol=1e-4) and np.allclose(first, shifted, atol=1e-4)


def test_power_of_the_spectrum_is_that_of_the_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(4, 3, 7, 7))
    power = (spectra(weights) ** 2).mean((1, 2))
    assert np.allclose(power, (weights**2).sum((1, 2, 3)))


def test_a_dead_filter_has_no_measures() -> None:
    found = measure_filters(np.zeros((1, 3, 3, 3)), 64).iloc[0]
    assert found["norm"] == 0 and found[list(FILTER_MEASURES)].isna().all()


def test_filters_are_the_first_convolution_in_grey_around_zero() -> None:
    network = build(Specification("vgg16_bn", ("a", "b")))
    weights = first_filters(network)
    assert np.array_equal(weights, network.module.get_parameter("features.0.weight").detach().numpy())
    weights[0] = 0
    assert not torch.equal(network.module.get_parameter("features.0.weight")[0], torch.zeros(3, 3, 3))
    images = pictures(weights)
    assert images.shape == (16, 3, 3, 3) and (images[0] == 128).all()
    assert np.all(np.maximum(images.max((1, 2, 3)), 255 - images.min((1, 2, 3)))[1:] == 255)
    assert np.array_equal(images[1] > 127, weights[1].transpose(1, 2, 0) > 0)
    assert pictures(weights[:, :1]).shape == (16, 3, 3, 3)
    image_grid.sheet(images, [str(i) for i in range(16)], 8, scale=8, smooth=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        yield design.training_runs(PROFILE, tasks=["identity"], architecture="resnet18")


@pytest.mark.slow
def test_training_is_compared_with_the_same_network_before_it(runs: list[TrainingRun]) -> None:
    tables = [kernels(run) for run in runs]
    assert all(len(table) == 2 * 16 and set(table["state"]) == {"trained", "untrained"} for table in tables)
    both = tables[0].pivot(index="filter", columns="state", values="norm")
    assert not np.allclose(both["trained"], both["untrained"])
    based = SimpleNamespace(task="identity", architecture="resnet18", base="objects-resnet18 #0", seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_layer, "train", lambda _: train(runs[0]))
        bases = kernels(based).groupby("state")["base"].unique().to_dict()  # type: ignore[arg-type]
    assert bases == {"trained": [based.base], "untrained": [NO_BASE]}
    for value in FILTER_MEASURES:
        boot = compare_filters(pd.concat(tables), value, draws=50)
        found = boot.contrast("state", "trained", "untrained")
        assert len(found) == 1 and found["seeds"].item() == 2
    with pytest.raises(InputError, match="no filter"):
        compare_filters(tables[0].assign(bandwidth=np.nan), "bandwidth")
    with pytest.raises(InputError, match="expected one of frequency"):
        compare_filters(tables[0], "orientation")


def test_networks_that_share_a_base_are_one_in_intervals_of_their_filters() -> None:
    """Six networks of three bases, alike within a base, are three, with the values 1, 2 and 6."""
    rows = [("trained", f"objects-resnet18 #{seed % 3}", seed, (1, 2, 6)[seed % 3]) for seed in range(6)]
    rows += [("untrained", NO_BASE, seed, 1) for seed in range(6)]
    table = pd.DataFrame(rows, columns=["state", "base", "seed", "cycles"]).assign(architecture="resnet18")
    found = compare_filters(table, "cycles", draws=50)
    of_trained = found.interval().set_index("state").loc["trained"]
    assert of_trained["bases"] == 3 and of_trained["df"] == pytest.approx(2, rel=1e-3)
    assert of_trained["se"] == pytest.approx(np.std([1, 2, 6], ddof=1) / sqrt(3))
    change = found.contrast("state", "trained", "untrained").iloc[0]
    assert change["estimate"] == 2 and change["bases"] == 3
    assert change["se"] == pytest.approx(of_trained["se"])
    one = compare_filters(table.replace({"base": r" #\d"}, {"base": " #0"}, regex=True), "cycles", draws=50)
    assert one.contrast("state", "trained", "untrained")["note"].item() == "one base"


def test_a_network_of_two_dimensions_only_is_refused() -> None:
    with pytest.raises(InputError, match="filters x channels"):
        measure_filters(np.zeros((3, 3)), 64)


def test_colour_is_no_part_of_what_colours_share() -> None:
    stripes = gabor(0.2, 30)
    tint = np.array([1.0, -0.5, -0.5], np.float32)[:, None, None]
    coloured = stripes + tint * np.random.default_rng(0).normal(size=(41, 41)).astype(np.float32)
    grey, mixed = measure_filters(shared(coloured), 64).iloc[0], measure_filters(coloured, 64).iloc[0]
    assert grey["frequency"] == measure_filters(stripes, 64)["frequency"].iloc[0]
    assert grey["colourfulness"] == 0 and mixed["colourfulness"] > 0.5
    both = measure_filters(coloured, 64, tuning_of=shared).iloc[0]
    assert both["frequency"] == grey["frequency"] and both["colourfulness"] == mixed["colourfulness"]


def networks(slope_within: float, slope_between: float, architectures: int = 8) -> pd.DataFrame:
    """Networks of three strategies: y rises with x within and between them by so much, without noise."""
    rows = [
        (f"strategy {k}", f"net{i}", 10.0 * k + i, slope_between * 10 * k + slope_within * i)
        for k in range(3)
        for i in range(architectures)
    ]
    return pd.DataFrame(rows, columns=["network", "architecture", "x", "y"])


def test_strategies_that_differ_in_both_are_no_association_within_them() -> None:
    table = networks(slope_within=-0.1, slope_between=1.0)
    over_all, within = (rank_association(table, "x", "y", by) for by in ([], ["network"]))
    assert over_all.estimate > 0.5 and within.estimate == pytest.approx(-1)
    assert (within.low, within.high) == (pytest.approx(-1, abs=1e-5),) * 2
    assert (within.networks, within.architectures, within.df) == (24, 8, 7)
    assert over_all.low - 1e-9 <= over_all.estimate <= over_all.high + 1e-9


def test_a_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(30, 2)), columns=["x", "y"]).assign(architecture=range(30))
    assert rank_association(table, "x", "y").estimate == pytest.approx(
        table["x"].corr(table["y"], method="spearman")
    )
    table.loc[0, "x"] = np.nan
    assert rank_association(table, "x", "y").networks == 29


def test_unrelated_measures_have_an_interval_around_zero() -> None:
    """However many networks of an architecture there are, and however alike they are."""
    covered = []
    for k in range(60):
        values = np.repeat(np.random.default_rng(k).normal(size=(7, 2)), 10, axis=0)
        table = pd.DataFrame(values, columns=["x", "y"]).assign(architecture=np.repeat(range(7), 10))
        found = rank_association(table, "x", "y")
        covered.append(found.low <= 0 <= found.high)
    assert np.mean(covered) >= 0.9


def test_few_architectures_have_no_interval() -> None:
    found = rank_association(networks(1, 1, architectures=3), "x", "y")
    assert found.estimate == pytest.approx(1) and np.isnan([found.low, found.high]).all()


def test_too_few_networks_or_the_same_ones_have_no_correlation() -> None:
    with pytest.raises(InputError, match="at least four networks, and has 3"):
        rank_association(networks(1, 1, architectures=1), "x", "y")
    with pytest.raises(InputError, match="is the same for all networks"):
        rank_association(networks(1, 1).assign(y=1.0), "x", "y")
