import os
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY
from PIL import Image

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.photographs.alignment import MARKS, Eyes, align, find_eyes, parse_eyes
from faceinv.data.photographs.decoding import Frame, decode, decode_photographs, find_all_eyes
from faceinv.data.photographs.folder import ReadOptions, read_folder
from faceinv.data.rendering.colour import BACKGROUND, CONTRAST
from faceinv.data.stimuli import REGIONS, Stimuli
from faceinv.errors import InputError

SUBSET = Path(os.environ.get("FACEINV_SHARED") or REPOSITORY.parent / "shared") / "data" / "lfw_subset"

FRONTAL = FaceSet(
    identities=4,
    views=1,
    size=200,
    samples=4,
    yaws=(0.0,),
    expression=False,
    light=False,
    jitter=0.0,
    hair=True,
)


@pytest.fixture(scope="module")
def frontal() -> Stimuli:
    """Faces that look into the camera, at a size at which eyes can be found."""
    return render(FRONTAL)


def eye_centres(regions: np.ndarray) -> np.ndarray:
    """Centres (2 x 2) of the eyes in a region map, the left one in the picture first."""
    y, x = np.nonzero(regions == REGIONS.index("eye"))
    left = x < regions.shape[1] / 2
    return np.array([[x[side].mean() + 0.5, y[side].mean() + 0.5] for side in (left, ~left)])


def dots(size: tuple[int, int], places: list[tuple[float, float]], radius: float = 5) -> Image.Image:
    """White discs on black: the eyes of a photograph whose places are known."""
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    lit = np.any([np.hypot(x - a, y - b) < radius for a, b in places], axis=0)
    return Image.fromarray((255 * lit).astype(np.uint8)).convert("RGB")


def centres(image: Image.Image) -> np.ndarray:
    """Centres of what is bright in the left and the right half of a picture, in widths of it."""
    level = np.asarray(image)[..., 0].astype(float)
    level[level < 64] = 0  # what lies beyond the photograph is grey
    half = level.shape[1] // 2
    found = []
    for side, start in ((level[:, :half], 0), (level[:, half:], half)):
        y, x = np.mgrid[: side.shape[0], : side.shape[1]] + 0.5
        found.append([(x * side).sum() / side.sum() + start, (y * side).sum() / side.sum()])
    return np.array(found) / level.shape[1]


@pytest.mark.parametrize(
    "eyes",
    [Eyes(120, 90, 180, 90), Eyes(100, 140, 160, 100), Eyes(90, 80, 230, 110), Eyes(140, 98, 160, 102)],
)
@pytest.mark.parametrize("crop", [1.0, 0.6])
def test_eyes_come_to_lie_on_the_marks(eyes: Eyes, crop: float) -> None:
    distance = np.hypot(eyes.x2 - eyes.x1, eyes.y2 - eyes.y1)
    photograph = dots((300, 200), [(eyes.x1, eyes.y1), (eyes.x2, eyes.y2)], distance / 10)
    background = Image.new("L", photograph.size)
    aligned = align(Image.merge("RGB", [photograph.getchannel(0), *(background,) * 2]), eyes, 160, crop)
    bright = np.asarray(aligned).copy()
    bright[bright[..., 1] > 0] = 0  # the grey beyond the photograph has green, the eyes have not
    expected = 0.5 + (np.array(MARKS) - 0.5) / crop
    np.testing.assert_allclose(centres(Image.fromarray(bright)), expected, atol=0.006)


def test_what_lies_beyond_the_photograph_is_grey() -> None:
    aligned = align(Image.new("RGB", (40, 40), "white"), Eyes(2, 2, 38, 2), 50)
    assert np.asarray(aligned)[0, 0].tolist() == [128] * 3
    assert np.asarray(aligned)[30, 25].tolist() == [255] * 3


def test_marks_are_where_rendered_faces_have_their_eyes(frontal: Stimuli) -> None:
    assert frontal.regions is not None
    found = [eye_centres(regions) / FRONTAL.size for regions in frontal.regions]
    np.testing.assert_allclose(np.mean(found, axis=0), MARKS, atol=0.01)


def test_eyes_of_rendered_faces_are_found_where_they_were_rendered(frontal: Stimuli) -> None:
    assert frontal.regions is not None
    for pixels, regions in zip(frontal.images, frontal.regions, strict=True):
        eyes = find_eyes(Image.fromarray(pixels))
        assert eyes is not None
        true = eye_centres(regions)
        apart = np.linalg.norm(true[1] - true[0])
        found = np.array([[eyes.x1, eyes.y1], [eyes.x2, eyes.y2]])
        assert np.linalg.norm(found - true, axis=1).max() < 0.12 * apart


def test_no_eyes_are_found_where_there_is_no_face() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    assert find_eyes(Image.fromarray(noise)) is None
    assert find_eyes(Image.new("RGB", (100, 100))) is None


def test_eyes_as_typed() -> None:
    assert parse_eyes("10,20, 30.5,22") == Eyes(10, 20, 30.5, 22)
    for text in ("10,20,30", "a,b,c,d", "1,2,3,4,5"):
        with pytest.raises(InputError, match="expected four numbers of pixels"):
            parse_eyes(text)
    with pytest.raises(InputError, match="expected the eye at the left of the picture first"):
        parse_eyes("30,20,10,20")


def test_a_file_without_a_face_is_one_sentence(tmp_path: Path) -> None:
    Image.new("RGB", (90, 90), "grey").save(tmp_path / "wall.png")
    with pytest.raises(InputError, match=r"no face with two eyes was found in .*wall\.png"):
        decode(tmp_path / "wall.png", Frame(32, align=True))
    assert decode(tmp_path / "wall.png", Frame(32, align=True), Eyes(30, 40, 60, 40)).shape == (32, 32, 3)
    with pytest.raises(InputError, match="there are 2 images; expected one"):
        decode_photographs([tmp_path / "wall.png"] * 2, Frame(32), Eyes(30, 40, 60, 40))


def test_without_opencv_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.setitem(sys.modules, "cv2.data", None)
    with pytest.raises(InputError, match=r"pip install 'faceinv\[photographs\]'"):
        find_eyes(Image.new("RGB", (100, 100)))


def test_standardised_photographs_have_the_mean_and_contrast_of_rendered_faces(tmp_path: Path) -> None:
    ramp = np.linspace(0, 60, 64 * 64).reshape(64, 64).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "dark.png")
    image = decode(tmp_path / "dark.png", Frame(64, colour="grey", standardise=True))
    assert image.mean() == pytest.approx(BACKGROUND, abs=0.5)
    assert image.std() == pytest.approx(CONTRAST, rel=0.02)
    assert (np.diff(image[32, :, 0].astype(int)) >= 0).all()
    with pytest.raises(InputError, match="expected colour grey"):
        Frame(64, standardise=True)


def test_a_folder_is_aligned_without_those_that_show_no_face(
    tmp_path: Path, frontal: Stimuli, capsys: pytest.CaptureFixture[str]
) -> None:
    for i, pixels in enumerate(frontal.images):
        (tmp_path / "images" / f"p{i}").mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "images" / f"p{i}" / "face.png")
    Image.new("RGB", (90, 90), "grey").save(tmp_path / "images" / "p1" / "wall.png")
    (tmp_path / "people.csv").write_text("identity\n" + "".join(f"p{i}\n" for i in range(4)))
    stimuli = read_folder(tmp_path, ReadOptions(size=64, colour="grey", align=True))
    assert stimuli.table["view"].tolist() == ["face"] * 4
    assert "found in 1 of 5 photographs, such as wall.png; they are left out" in capsys.readouterr().err
    np.testing.assert_allclose(stimuli.images.mean(axis=(1, 2, 3)), BACKGROUND, atol=0.6)
    for i in range(4):
        (tmp_path / "images" / f"p{i}" / "face.png").unlink()
        Image.new("RGB", (90, 90), "grey").save(tmp_path / "images" / f"p{i}" / "wall.png")
    with pytest.raises(InputError, match="found in any of 4 photographs"):
        read_folder(tmp_path, ReadOptions(size=64, colour="grey", align=True))


@pytest.mark.skipif(not SUBSET.is_dir(), reason=f"{SUBSET} with real photographs is absent")
def test_eyes_are_found_in_real_photographs() -> None:
    """Faces in the wild, aligned roughly, have their eyes about 43 pixels apart and on one level."""
    files = sorted((SUBSET / "images").rglob("*.jpg"))[::30]
    found = [eyes for eyes in find_all_eyes(files) if eyes is not None]
    assert len(found) >= 0.85 * len(files)
    apart = np.array([[eyes.x2 - eyes.x1, eyes.y2 - eyes.y1] for eyes in found])
    plausible = (np.abs(apart[:, 0] - 43) < 11) & (np.abs(apart[:, 1]) < 9)
    assert plausible.mean() >= 0.9
