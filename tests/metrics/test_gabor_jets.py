import numpy as np
import pytest

from faceinv.metrics.gabor_jets import ANGLES, FREQUENCIES, SIZE, gabor_similarity, jets, wavelet


def grating(frequency: float, angle: float, amplitude: float = 0.4) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    wave = 0.5 + amplitude * np.cos(frequency * (x * np.cos(angle) + y * np.sin(angle)))
    return np.repeat((255 * wave).round().astype(np.uint8)[None, ..., None], 3, axis=3)


@pytest.mark.parametrize("scale", range(len(FREQUENCIES)))
@pytest.mark.parametrize("orientation", range(len(ANGLES)))
def test_a_grating_answers_in_its_own_wavelet(scale: int, orientation: int) -> None:
    # Gratings that fit into the image a whole number of times, so that its border is no edge.
    wave = FREQUENCIES[scale] * np.array([np.cos(ANGLES[orientation]), np.sin(ANGLES[orientation])])
    x, y = np.round(wave * SIZE / (2 * np.pi)) * 2 * np.pi / SIZE
    found = jets(grating(np.hypot(x, y), np.arctan2(y, x)))[0]
    assert (found.argmax(axis=1) == scale * len(ANGLES) + orientation).all()
    # The whole number of periods is off the wavelet's frequency by at most half a period an image each way.
    assert 0.8 * 0.2 < found.max() <= 0.2 * 1.01


def test_a_matched_grating_of_amplitude_one_gives_one_half() -> None:
    found = jets(grating(np.pi / 2, 0))[0, :, 0]
    assert found == pytest.approx(0.4 / 2, abs=0.002)


def test_plain_brightness_gives_nothing() -> None:
    assert jets(np.full((1, SIZE, SIZE, 3), 200, np.uint8)).max() < 1e-6
    assert abs(wavelet(FREQUENCIES[4], 0.3)[0, 0]) < 1e-12


def test_shape_and_size() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    assert jets(noise).shape == (2, 100, 40)


def test_similarity_is_one_with_itself_and_blind_to_contrast() -> None:
    noise = np.random.default_rng(0).integers(60, 180, (3, SIZE, SIZE, 3), dtype=np.uint8)
    noise[2] = noise[1] // 2  # half the contrast, darker
    found = gabor_similarity(noise)
    assert np.diag(found) == pytest.approx(1)
    assert found[1, 2] > 0.999 > found[0, 1]
    assert np.allclose(found, found.T)
