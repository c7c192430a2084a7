from __future__ import annotations

from faceinv.models.footprints import Footprint, footprint


def test_a_footprint_is_the_published_one() -> None:
    found = footprint("resnet18", 1.0, 224)
    assert found.weights == 11_689_512  # as torchvision states
    assert round(found.multiplications / 1e9, 2) == 1.81


def test_below_full_width_a_network_is_counted_as_it_is_built() -> None:
    narrow, half = footprint("resnet18", 0.25, 64), footprint("resnet18", 0.25, 32)
    assert narrow.weights == half.weights and narrow.layers == half.layers
    assert 3.5 < narrow.multiplications / half.multiplications < 4.5


def test_training_holds_four_copies_of_the_weights_and_activations_with_gradients() -> None:
    assert Footprint(10, 1, 5, 1).training_bytes(batch=3) == 4 * (4 * 10 + 2 * 3 * 5)
