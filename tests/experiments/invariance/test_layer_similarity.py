"""Similarity of representations: beside formulas written out, and through the layers of tiny networks."""

import numpy as np
import pytest
import torch

from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.invariance.layer_similarity import Invariance, layer_similarities, layers, responses
from faceinv.experiments.sizes import Profile
from faceinv.metrics.cka import cka, cosine
from faceinv.models.architectures import Specification, build
from faceinv.models.training_runs import TrainingRun

PROFILE = Profile("tiny", size=32, samples=1, identities=4, identity_views=12, seeds=2, exposures=64)


def pair(n: int = 12, shared: float = 1.0, units: tuple[int, int] = (5, 7)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(n, 3))
    x, y = (shared * common @ rng.normal(size=(3, d)) + rng.normal(size=(n, d)) for d in units)
    return x, y


def plain(x: np.ndarray, y: np.ndarray) -> float:
    """Linear CKA as Kornblith et al. write it for features: squared norms of cross-products."""
    x, y = x - x.mean(0), y - y.mean(0)
    return float(np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def unbiased(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased Hilbert-Schmidt independence criterion of Song et al., term by term."""
    n, k, m = len(x), x @ x.T, y @ y.T
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    one = np.ones(n)
    terms = (
        np.trace(k @ m)
        + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (one @ k @ m @ one)
    )
    return terms / (n * (n - 3))


def test_cka_is_the_formula() -> None:
    x, y = pair()
    assert cka(x, y, debiased=False) == pytest.approx(plain(x, y))
    expected = unbiased(x, y) / np.sqrt(unbiased(x, x) * unbiased(y, y))
    assert cka(x, y) == pytest.approx(expected)


@pytest.mark.parametrize("debiased", [True, False])
def test_cka_does_not_see_rotation_scale_and_means_but_sees_stretching(debiased: bool) -> None:
    x, y = pair()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0]
    known = cka(x, y, debiased)
    assert cka(3 * x @ turn + 7, y, debiased) == pytest.approx(known)
    assert cka(y, x, debiased) == pytest.approx(known)
    assert cka(x, 2 * x @ turn - 1, debiased) == pytest.approx(1)
    order = np.random.default_rng(2).permutation(len(x))
    assert cka(x[order], y[order], debiased) == pytest.approx(known)
    assert cka(x * [10, 1, 1, 1, 1], y, debiased) != pytest.approx(known, abs=0.01)


def test_independent_representations_are_unlike_only_without_bias() -> None:
    x, y = pair(n=40, shared=0, units=(2000, 2000))
    assert cka(x, y, debiased=False) > 0.9
    assert abs(cka(x, y)) < 0.05


def test_cka_needs_the_same_images_and_variation() -> None:
    x, y = pair()
    with pytest.raises(InputError, match="the same images in both"):
        cka(x, y[:-1])
    assert np.isnan(cka(x, np.ones_like(y)))


def test_cosine_is_seen_from_the_mean_of_the_originals() -> None:
    x, _ = pair()
    assert np.allclose(cosine(x, x), 1)
    assert np.allclose(cosine(x, 2 * x.mean(0) - x), -1)
    assert np.allclose(cosine(x + 100, 3 * (x - x.mean(0)) + x.mean(0) + 100), 1)


@pytest.mark.parametrize(
    "architecture", ["alexnet", "squeezenet1_1", "vgg16_bn", "googlenet", "resnet18", "densenet121"]
)
def test_layers_come_in_order_from_the_image_to_the_logits(architecture: str) -> None:
    network = build(Specification(architecture, ("a", "b", "c"), width=0.25, size=64))
    names = layers(network)
    assert len(set(names)) == len(names) and names[-1] == "logits"
    inputs = torch.randn(3, 3, 64, 64)
    found = responses(network, inputs, names, units=100_000)
    assert np.allclose(np.sort(found[names[0]]), np.sort(inputs.flatten(1)))
    assert np.allclose(np.sort(found["logits"]), np.sort(network.logits(inputs)), atol=1e-6)
    assert not any(module._forward_pre_hooks for module in network.module.modules())


def test_layers_of_a_residual_network_are_its_sums() -> None:
    network = build(Specification("resnet18", ("a", "b"), width=0.25, size=64))
    names = layers(network)
    assert "layer2.0.conv1" in names and "layer2.0.downsample.0" not in names  # both read the same sum
    kept: dict[str, torch.Tensor] = {}
    hook = network.module.get_submodule("layer1").register_forward_hook(
        lambda _, __, out: kept.update(sum=out)
    )
    found = responses(network, torch.randn(2, 3, 64, 64), ["layer2.0.conv1"], units=100_000)
    hook.remove()
    assert np.allclose(np.sort(found["layer2.0.conv1"]), np.sort(kept["sum"].flatten(1)))


def test_a_sample_of_units_is_the_same_in_each_call_and_bounds_memory() -> None:
    network = build(Specification("resnet18", ("a", "b"), width=0.25, size=64))
    names, inputs = layers(network)[:3], torch.randn(70, 3, 64, 64)
    one, other = (responses(network, part, names, units=50) for part in (inputs, inputs[65:]))
    for name in names:
        assert one[name].shape == (70, 50)
        assert np.allclose(one[name][65:], other[name], atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        yield design.training_runs(PROFILE, tasks=["identity"], seeds=1, architecture="resnet18")[0]


@pytest.mark.parametrize("trained", [True, False])
def test_similarity_is_one_at_the_identity_and_falls_in_the_image(run: TrainingRun, trained: bool) -> None:
    table = layer_similarities(Invariance(run, "position", layers=5, images=12, trained=trained))
    assert len(table) == 7 * 5 and set(table["trained"]) == {trained}
    same = table[table["level"] == 0]
    assert np.allclose(same["cka"], 1) and np.allclose(same["cosine"], 1)
    assert list(same["depth"]) == sorted(same["depth"]) and set(same["depth"]) >= {0, 1}
    image = table[table["depth"] == 0].set_index("level")
    assert image["cosine"].iloc[-1] < image["cosine"].iloc[1] < 1
