from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faceinv.commands.explain import output_files, write_heatmaps
from faceinv.data.photographs.alignment import Eyes
from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build


@pytest.fixture
def network() -> Network:
    return build(Specification("resnet18", ("female", "male"), size=32))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for i, folder in enumerate(("a", "b", "a")):
        path = tmp_path / folder / f"face{i // 2}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (40, 50, 3), np.uint8)).save(path)
        paths.append(path)
    return paths


def test_pictures_arrays_and_answers(network: Network, files: list[Path], tmp_path: Path) -> None:
    table = write_heatmaps(files, network, tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "answers.csv",
        "face0-2.png",
        "face0.png",
        "face1.png",
        "heatmaps.npz",
    ]
    arrays = np.load(tmp_path / "out" / "heatmaps.npz")
    assert arrays["relevance"].shape == arrays["images"].shape[:3] == (3, 32, 32)
    assert list(table["answer"]) == [("female", "male")[i] for i in arrays["logits"].argmax(1)]
    assert np.allclose(table["relevance"], arrays["relevance"].sum((1, 2)))
    assert list(pd.read_csv(tmp_path / "out" / "answers.csv")["file"]) == [str(file) for file in files]
    assert Image.open(tmp_path / "out" / "face0.png").size == (768, 384)


def test_a_class_can_be_named(network: Network, files: list[Path], tmp_path: Path) -> None:
    table = write_heatmaps(files, network, tmp_path / "out", target="male")
    assert set(table["explained"]) == {"male"}
    with pytest.raises(InputError, match="its classes are female, male"):
        write_heatmaps(files, network, tmp_path / "out", target="dog")


def test_a_file_that_is_no_image_is_named(network: Network, files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(files[0].read_bytes()[:200])
    with pytest.raises(InputError, match=r"broken\.jpg"):
        write_heatmaps([files[0], broken], network, tmp_path / "out")


def test_an_image_is_aligned_by_the_eyes_that_are_given(
    network: Network, files: list[Path], tmp_path: Path
) -> None:
    write_heatmaps(files[:1], network, tmp_path / "whole")
    write_heatmaps(files[:1], network, tmp_path / "aligned", eyes=Eyes(20, 20, 30, 20))
    whole, aligned = (np.load(tmp_path / name / "heatmaps.npz")["images"] for name in ("whole", "aligned"))
    assert aligned.shape == whole.shape and not np.array_equal(aligned, whole)
    with pytest.raises(InputError, match="there are 3 images; expected one"):
        write_heatmaps(files, network, tmp_path / "aligned", eyes=Eyes(20, 20, 30, 20))
    with pytest.raises(InputError, match=r"no face with two eyes was found in .*face0\.png"):
        write_heatmaps(files[:1], network, tmp_path / "aligned", align=True)


@pytest.mark.parametrize(
    ("stimuli", "standard"),
    [
        ("rendered faces, controlled", True),
        ("photographs, aligned", True),
        ("photographs", False),
        ("", False),
    ],
)
def test_grey_levels_are_those_that_the_network_learned_from(
    network: Network, files: list[Path], tmp_path: Path, stimuli: str, standard: bool
) -> None:
    faint = tmp_path / "faint.png"
    Image.fromarray(np.random.default_rng(0).integers(10, 30, (64, 64), np.uint8)).save(faint)
    taught = Network(replace(network.specification, stimuli=stimuli), network.module)
    write_heatmaps([faint], taught, tmp_path / "out")
    image = np.load(tmp_path / "out" / "heatmaps.npz")["images"][0]
    assert bool(abs(image.mean() - 128) < 1 and abs(image.std() - 40) < 2) == standard


def test_no_two_images_have_one_picture(tmp_path: Path) -> None:
    names = ["a.png", "b/a.jpg", "a-2.png", "c/a-2.png", "d/a.png"]
    files = output_files([Path(name) for name in names], tmp_path)
    assert [file.name for file in files[:-2]] == ["a.png", "a-2.png", "a-2-2.png", "a-2-3.png", "a-3.png"]
