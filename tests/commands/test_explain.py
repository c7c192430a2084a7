from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faceinv.commands.explain import write_heatmaps
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
