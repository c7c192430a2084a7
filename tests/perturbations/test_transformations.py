"""Transformations beside those of torchvision, Pillow and scipy, and their properties."""

from math import inf

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as reference

from faceinv.errors import InputError
from faceinv.experiments.profiles import PROFILES
from faceinv.perturbations.transformations import (
    DIRECTIONS,
    PUBLISHED,
    TRANSFORMATIONS,
    Transformation,
    edge,
    named,
)

GROUND = 0.25
position, size, rotation, blur, resolution = (TRANSFORMATIONS[name] for name in PUBLISHED)
EVERY = pytest.mark.parametrize("transformation", TRANSFORMATIONS.values(), ids=TRANSFORMATIONS)


def noise(n: int = 8, height: int = 48, width: int = 48, seed: int = 0) -> torch.Tensor:
    """Random images, in colour, whose pixels are unlike their background."""
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(seed))


def blobs(n: int = 8, pixels: int = 64) -> torch.Tensor:
    """Smooth patterns in the middle of a plain background."""
    middle = torch.full((n, 3, pixels, pixels), GROUND)
    inner = noise(n, pixels // 4, pixels // 4)
    start = 3 * pixels // 8
    middle[..., start : start + pixels // 4, start : start + pixels // 4] = inner
    return blur(middle, 1 / 32)


def by_pillow(image: torch.Tensor, *sizes: tuple[int, int]) -> np.ndarray:
    """One channel resized by Pillow to each size (height, width) in turn."""
    picture = Image.fromarray(image.numpy())
    for height, width in sizes:
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture)


@EVERY
def test_identity_gives_back_the_very_images(transformation) -> None:
    images = noise()
    assert transformation(images, transformation.identity) is images
    assert transformation.strength(transformation.identity) == 0


@EVERY
def test_levels_grow_stronger_and_strength_is_invertible(transformation) -> None:
    strengths = [transformation.strength(level) for level in transformation.levels]
    assert np.all(np.diff(strengths) > 0)
    assert [transformation.level(s) for s in strengths] == pytest.approx(list(transformation.levels))
    assert all(transformation.text(level) for level in transformation.levels)


@EVERY
def test_images_of_one_direction_are_transformed_alike_and_others_are_not(transformation) -> None:
    same = noise(1).expand(8, -1, -1, -1).clone()
    shown = transformation(same, transformation.levels[3])
    direction = transformation.direction(np.arange(8))
    assert direction.tolist() == [place % transformation.directions for place in range(8)]
    for i in range(8):
        alike = [bool(torch.allclose(shown[i], other, atol=1e-5)) for other in shown]
        assert alike == (direction == direction[i]).tolist()
    assert transformation.directions == {"position": 4, "rotation": 2}.get(transformation.name, 1)


@EVERY
def test_images_of_one_grey_stay_as_they_are(transformation) -> None:
    plain = torch.rand(4, 3, 1, 1).expand(4, 3, 48, 48)
    for level in transformation.levels:
        assert torch.allclose(transformation(plain, level), plain, atol=1e-6)


@EVERY
def test_batches_do_not_matter_and_inputs_are_left_alone(transformation) -> None:
    images, level = noise(), transformation.levels[2]
    before = images.clone()
    whole = transformation(images, level)
    places = torch.arange(8)
    parts = [transformation(images[i : i + 3], level, places[i : i + 3]) for i in (0, 3, 6)]
    assert torch.allclose(torch.cat(parts), whole, atol=1e-6)
    assert torch.equal(images, before)


@EVERY
def test_sizes_of_all_profiles_see_the_same_transformation(transformation) -> None:
    scene = blobs(4, 192)
    for level in transformation.levels[1:]:
        large = transformation(scene, level, background=GROUND)
        small = transformation(reference.resize(scene, [48, 48], antialias=True), level, background=GROUND)
        error = (reference.resize(large, [48, 48], antialias=True) - small).abs().max()
        assert error < 0.1 * (scene - GROUND).abs().max()


@pytest.mark.parametrize("pixels", sorted({p.size for p in PROFILES.values() if p.name != "smoke"}))
def test_levels_are_whole_pixels_at_the_sizes_of_the_profiles(pixels: int) -> None:
    assert all(float(level * pixels).is_integer() for level in position.levels)
    assert all(float(level * pixels / 2).is_integer() for level in size.levels)


def test_levels_for_a_size_begin_with_all_pixels() -> None:
    assert resolution.levels_at(48) == (48, 40, 32, 24, 16)
    assert resolution.levels_at(224) == (224, *resolution.levels[1:])
    assert rotation.levels_at(48) == rotation.levels


def test_position_moves_each_image_in_its_direction_and_fills_with_background() -> None:
    images = noise(height=32, width=48)
    moved = position(images, 1 / 4, background=GROUND)
    for place, image in enumerate(images):
        down, right = DIRECTIONS[place % 4]
        expected = ndimage.shift(image.numpy(), (0, 8 * down, 12 * right), order=0, cval=GROUND)
        np.testing.assert_allclose(moved[place].numpy(), expected, atol=1e-6)
    assert (position(images, 1.5, background=GROUND) == GROUND).all()


def test_position_there_and_back_and_in_two_steps() -> None:
    images = blobs()
    there = position(images, 3 / 16, background=GROUND)
    assert torch.allclose(position(there, -3 / 16, background=GROUND), images, atol=1e-6)
    again = position(there, 1 / 16, background=GROUND)
    assert torch.allclose(again, position(images, 1 / 4, background=GROUND), atol=1e-6)


@pytest.mark.parametrize("level", [7 / 8, 1 / 2, 1 / 4, 0.6])
def test_smaller_is_what_pillow_makes_in_the_middle_of_the_background(level: float) -> None:
    images = noise(2)
    scaled = size(images, level, background=GROUND)
    pixels = 48 - 2 * round(48 * (1 - level) / 2)
    border = (48 - pixels) // 2
    for image, own in zip(images.flatten(0, 1), scaled.flatten(0, 1), strict=True):
        expected = np.full((48, 48), GROUND, np.float32)
        expected[border : 48 - border, border : 48 - border] = by_pillow(image, (pixels, pixels))
        np.testing.assert_allclose(own.numpy(), expected, atol=1e-5)


def test_larger_is_cut_by_the_frame_and_undone_by_smaller() -> None:
    images = noise(1)
    large = size(images, 2.0)
    np.testing.assert_allclose(large[0, 0], by_pillow(images[0, 0], (96, 96))[24:72, 24:72], atol=1e-5)
    smooth = blobs(2)
    back = size(size(smooth, 2.0, background=GROUND), 0.5, background=GROUND)
    assert (back - smooth).abs().max() < 0.05 * (smooth - GROUND).abs().max()


@pytest.mark.parametrize("angle", [10.0, 45.0, 60.0, 200.0])
def test_rotation_is_that_of_torchvision_and_scipy(angle: float) -> None:
    images = noise(2)
    turned = rotation(images, angle, background=GROUND)
    for place, sign in ((0, 1), (1, -1)):
        expected = reference.rotate(images[place] - GROUND, sign * angle, InterpolationMode.BILINEAR) + GROUND
        np.testing.assert_allclose(turned[place], expected, atol=1e-4)
        by_scipy = ndimage.rotate(
            images[place].numpy(), sign * angle, (2, 1), False, None, 1, "grid-constant", GROUND
        )
        np.testing.assert_allclose(turned[place], by_scipy, atol=1e-4)


def test_quarter_turns_are_exact_and_turns_add_up() -> None:
    images = noise(2)
    quarter = rotation(images, 90.0)
    assert torch.allclose(quarter[0], images[0].rot90(1, (1, 2)), atol=1e-5)
    assert torch.allclose(quarter[1], images[1].rot90(-1, (1, 2)), atol=1e-5)
    smooth = blobs()
    contrast = (smooth - GROUND).abs().max()
    back = rotation(rotation(smooth, 30.0, background=GROUND), -30.0, background=GROUND)
    assert (back - smooth).abs().max() < 0.1 * contrast
    twice = rotation(rotation(smooth, 20.0, background=GROUND), 25.0, background=GROUND)
    assert (twice - rotation(smooth, 45.0, background=GROUND)).abs().max() < 0.1 * contrast


def test_rotation_of_a_frame_that_is_not_square() -> None:
    images = noise(2, 32, 48)
    expected = reference.rotate(images[0] - GROUND, 30.0, InterpolationMode.BILINEAR) + GROUND
    np.testing.assert_allclose(rotation(images, 30.0, background=GROUND)[0], expected, atol=1e-4)


@pytest.mark.parametrize("level", blur.levels[1:])
def test_blur_is_that_of_scipy_and_within_the_frame_of_torchvision(level: float) -> None:
    images = noise(2, 64, 64)
    blurred = blur(images, level, background=GROUND)
    sigma = 64 * level
    expected = ndimage.gaussian_filter(images.numpy(), sigma, mode="constant", cval=GROUND, axes=(2, 3))
    np.testing.assert_allclose(blurred, expected, atol=1e-5)
    reach = round(4 * sigma)
    if reach < 32:
        other = reference.gaussian_blur(images, [2 * reach + 1] * 2, [sigma] * 2)
        inside = slice(reach, 64 - reach)
        assert torch.allclose(blurred[..., inside, inside], other[..., inside, inside], atol=1e-5)


def test_blurs_add_in_squares_and_keep_the_mean() -> None:
    images = blobs()
    twice = blur(blur(images, 3 / 64, background=GROUND), 4 / 64, background=GROUND)
    once = blur(images, 5 / 64, background=GROUND)
    assert (twice - once).abs().max() < 0.01 * (once - GROUND).abs().max()
    assert torch.allclose(
        blur(images, 1 / 32, background=GROUND).mean((2, 3)), images.mean((2, 3)), atol=1e-5
    )


def test_blur_commutes_with_position_and_with_turning() -> None:
    images = blobs()
    for other, level in ((position, 1 / 8), (rotation, 30.0)):
        one, two = (
            second(first(images, a, background=GROUND), b, background=GROUND)
            for first, a, second, b in ((blur, 1 / 32, other, level), (other, level, blur, 1 / 32))
        )
        assert (one - two).abs().max() < 0.02 * (images - GROUND).abs().max()


@pytest.mark.parametrize("level", [32.0, 24.0, 12.0, 7.0])
def test_resolution_is_that_of_pillow(level: float) -> None:
    images = noise(2, 48, 64)
    coarse = resolution(images, level, background=GROUND)
    for image, own in zip(images.flatten(0, 1), coarse.flatten(0, 1), strict=True):
        expected = by_pillow(image, (round(level), round(level)), (48, 64))
        np.testing.assert_allclose(own.numpy(), expected, atol=1e-5)


def test_resolution_keeps_the_mean_and_what_fits_into_the_pixels() -> None:
    images = blobs(4, 48)
    assert torch.allclose(resolution(images, 12.0).mean((2, 3)), images.mean((2, 3)), atol=1e-3)
    slope = torch.linspace(0, 1, 48).expand(1, 3, 48, 48)
    assert torch.allclose(resolution(slope, 24.0)[..., 3:-3], slope[..., 3:-3], atol=1e-5)
    for level in (48.0, 64.0, inf):
        assert resolution(images, level) is images


def test_background_is_the_median_of_the_edge() -> None:
    images = torch.full((2, 3, 20, 20), GROUND)
    images[1] = 0.5
    images[..., 5:, 8:12] = 0.9  # a neck that touches the border below
    assert torch.equal(edge(images)[:, 0, 0, 0], torch.tensor([GROUND, 0.5]))
    assert position(images, 0.5)[1, 0, 0, 0] == 0.5


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [
        ("resolution", float("nan"), "level of resolution is nan"),
        ("size", 0.0, "above 0"),
        ("blur", -1.0, "0 or more"),
        ("resolution", 0.2, "at least 1 pixel"),
    ],
)
def test_levels_without_meaning_are_refused(name: str, level: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        named(name)(noise(), level)


def test_other_images_and_names_are_refused() -> None:
    with pytest.raises(InputError, match="float N x C x H x W"):
        blur(torch.zeros(4, 3, 8, 8, dtype=torch.uint8), 0.1)
    with pytest.raises(InputError, match="expected one of position"):
        named("colour")


@pytest.mark.parametrize("levels", [(0.0,), (0.0, 2.0, 1.0), (1.0, 1.0)])
def test_levels_that_do_not_grow_stronger_are_refused(levels: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="identity, followed by one or more levels of increasing strength"):
        Transformation("jump", levels, "jump", blur.function)


def test_levels_are_written_in_their_unit() -> None:
    written = {name: TRANSFORMATIONS[name].text(TRANSFORMATIONS[name].levels[3]) for name in PUBLISHED}
    assert written == {
        "position": "19%",
        "size": "0.75×",
        "rotation": "20°",
        "blur": "1.2%",
        "resolution": "40 px",
    }
    assert resolution.text(inf) == "all"


def test_a_moderate_level_is_the_third_or_the_strongest() -> None:
    assert rotation.moderate(64) == 20 and resolution.moderate(64) == 40
    assert resolution.moderate(32) == 16  # where 32, 24 and 16 pixels are all that can remain
