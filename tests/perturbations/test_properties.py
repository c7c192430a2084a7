"""What holds for masks and transformations of any image: searched for counterexamples."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faceinv.perturbations.masks import apply, keep, ranks
from faceinv.perturbations.transformations import TRANSFORMATIONS

some = settings(max_examples=30, deadline=None, derandomize=True)  # as reproducible as all other tests
sides = st.integers(1, 9)
fractions = st.floats(0, 1)
seeds = st.integers(0, 2**16)


@st.composite
def scores(draw: st.DrawFn) -> np.ndarray:
    """Maps with many ties and with large and small numbers, of any shape."""
    shape = (draw(st.integers(1, 3)), draw(sides), draw(sides))
    values = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6, width=32))
    return draw(arrays(np.float32, shape, elements=values))


@some
@given(scores(), fractions, fractions, seeds)
def test_masks_are_exact_and_nested(maps: np.ndarray, one: float, other: float, seed: int) -> None:
    small, large = sorted((one, other))
    for order in ("most", "least"):
        inner, outer = keep(maps, small, order, seed), keep(maps, large, order, seed)  # type: ignore[arg-type]
        assert (inner.sum((1, 2)) == round(small * maps[0].size)).all()
        assert (outer | ~inner).all()
    rest = 1 - large
    assert not (keep(maps, large, "most", seed) & keep(maps, rest * 0.999, "least", seed)).any() or (
        round(large * maps[0].size) + round(rest * 0.999 * maps[0].size) > maps[0].size
    )


@some
@given(scores(), seeds)
def test_ranks_count_every_pixel_once_and_follow_the_scores(maps: np.ndarray, seed: int) -> None:
    for image, order in zip(maps, ranks(maps, seed), strict=True):
        assert sorted(order.ravel()) == list(range(image.size))
        assert (np.diff(image.ravel()[np.argsort(order.ravel())]) <= 0).all()


@some
@given(
    arrays(np.float32, st.tuples(st.just(2), sides, sides), elements=st.integers(-9, 9).map(float)),
    fractions,
    st.sampled_from((lambda x: 3 * x + 1, np.arctan, lambda x: x**3, lambda x: np.exp(x / 9))),
)
def test_masks_depend_on_the_order_of_scores_alone(
    maps: np.ndarray, fraction: float, function: object
) -> None:
    rising = function(maps).astype(np.float32)  # type: ignore[operator]
    np.testing.assert_array_equal(keep(rising, fraction), keep(maps, fraction))


@some
@given(scores(), fractions)
def test_kept_pixels_are_those_of_the_image(maps: np.ndarray, fraction: float) -> None:
    images, mask = torch.from_numpy(maps)[:, None], keep(maps, fraction)
    shown = apply(images, mask)
    assert torch.equal(shown[:, 0][torch.from_numpy(mask)], images[:, 0][torch.from_numpy(mask)])


@st.composite
def shown(draw: st.DrawFn) -> tuple[torch.Tensor, str, float]:
    """Images, the name of a transformation, and one of its levels or one between two of them."""
    shape = (draw(st.integers(1, 5)), 1, draw(st.integers(4, 12)), draw(st.integers(4, 12)))
    pixels = draw(arrays(np.float32, shape, elements=st.floats(-2, 2, width=32)))
    name = draw(st.sampled_from(sorted(TRANSFORMATIONS)))
    levels = TRANSFORMATIONS[name].levels
    place = draw(st.integers(0, len(levels) - 2))
    before, after = levels[place], levels[place + 1]
    level = (before + after) / 2 if np.isfinite(before) and draw(st.booleans()) else after
    return torch.from_numpy(pixels), name, level


@some
@given(shown())
def test_the_first_level_changes_nothing(case: tuple[torch.Tensor, str, float]) -> None:
    images, name, _ = case
    transformation = TRANSFORMATIONS[name]
    assert torch.equal(transformation(images, transformation.identity), images)


@some
@given(shown(), st.floats(-2, 2, width=32))
def test_an_even_image_stays_even(case: tuple[torch.Tensor, str, float], grey: float) -> None:
    images, name, level = case
    even = torch.full_like(images, grey)
    torch.testing.assert_close(TRANSFORMATIONS[name](even, level), even)


@some
@given(shown())
def test_an_image_is_transformed_alike_alone_and_in_a_batch(case: tuple[torch.Tensor, str, float]) -> None:
    images, name, level = case
    together = TRANSFORMATIONS[name](images, level)
    for place, image in enumerate(images):
        alone = TRANSFORMATIONS[name](image[None], level, torch.tensor([place]))
        torch.testing.assert_close(alone[0], together[place], rtol=1e-5, atol=1e-5)


@some
@given(shown(), st.floats(0.25, 4, width=32), st.floats(-1, 1, width=32))
def test_contrast_and_brightness_commute(
    case: tuple[torch.Tensor, str, float], contrast: float, brightness: float
) -> None:
    """All transformations are linear in the pixels, and keep an even background."""
    images, name, level = case
    transformation = TRANSFORMATIONS[name]
    one = transformation(contrast * images + brightness, level)
    other = contrast * transformation(images, level) + brightness
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@some
@given(shown())
def test_no_value_appears_that_was_not_between_others(case: tuple[torch.Tensor, str, float]) -> None:
    images, name, level = case
    found = TRANSFORMATIONS[name](images, level)
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    assert (found >= low - 1e-4).all() and (found <= high + 1e-4).all()
