from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from faceinv.cli.stimuli import stimuli
from faceinv.commands.export_pairs import write_pairs
from faceinv.data.faces.causes import CAUSES
from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.photographs.folder import ReadOptions, read_folder
from faceinv.errors import InputError

SMALL = FaceSet(identities=2, views=2, size=24, samples=1, max_yaw=20.0)
SHOWN = ("mark", "nose shape")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_pairs_are_written_with_their_difference_and_what_was_changed(tmp_path: Path) -> None:
    out = tmp_path / "pairs"
    pairs = write_pairs(SMALL, out, SHOWN)
    originals, others = (
        read_folder(out / name, ReadOptions(size=24)) for name in ("originals", "counterfactuals")
    )
    assert np.array_equal(originals.images, render(SMALL).images) and len(others) == 2 * len(originals)
    assert originals.regions is not None and others.regions is not None
    table = pd.read_csv(out / "pairs.csv", dtype={"donor": str}, keep_default_na=False)
    assert list(table["cause"]) == 4 * ["mark"] + 4 * ["nose shape"]
    assert set(table["donor"]) == {"", "0-00000", "0-00001"}
    for i, row in table.iterrows():
        one, other, difference = (
            pixels(out / row[name]) for name in ("original", "counterfactual", "difference")
        )
        assert np.array_equal(difference, (one != other).any(-1))
        assert np.array_equal(difference, pairs.differs[i])
        assert row["differing"] == pytest.approx(difference.mean())
    assert (table["inside"][table["cause"] == "mark"].astype(float) == 1).all()
    card = (out / "README.md").read_text()
    assert CAUSES["nose shape"].about in card and "CC0" in (out / "LICENCE").read_text()
    assert pixels(out / "contact_sheet.png").shape[0] >= 2 * 24


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        write_pairs(SMALL, tmp_path, SHOWN)
    assert not (tmp_path / "cache").exists()


def run(tmp_path: Path, *options: str) -> str:
    command = [str(tmp_path / "out"), "--identities", "2", "--views", "1", "--size", "16", "--samples", "1"]
    done = CliRunner().invoke(stimuli, [*command, *options])
    return done.output if done.exception is None else f"{done.exception}{done.output}"


def test_the_command_writes_pairs(tmp_path: Path) -> None:
    said = run(tmp_path, "--set", "counterfactual", "--cause", "mark", "--cause", "mole")
    assert "4 pairs, of 2 causes" in said and (tmp_path / "out" / "pairs.csv").is_file()


def test_the_command_plants_a_cue(tmp_path: Path) -> None:
    said = run(tmp_path, "--cause", "mark", "--label", "gender=male")
    assert "2 images of 2 people" in said
    table = read_folder(tmp_path / "out", ReadOptions(size=16)).table
    assert table["present"].tolist() == [False, True] and table["gender"].tolist() == ["female", "male"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--cause", "mark", "--cause", "mole"), "2 causes; expected one"),
        (("--label", "gender=male"), "needs a cause"),
        (("--set", "counterfactual", "--label", "gender=male"), "expected no --label"),
        (("--cause", "mark", "--label", "gender"), "value of the label 'gender' is ''"),
        (("--cause", "aura"), "is not one of"),
    ],
)
def test_options_that_do_not_fit_are_named(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    assert message in run(tmp_path, *options)
