from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceinv.commands.export_stimuli import GAP, MARGIN, contact_sheet, write_set
from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.photographs.folder import ReadOptions, read_folder
from faceinv.errors import InputError

SMALL = FaceSet(identities=3, views=2, size=24, samples=1)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))


def test_a_written_set_reads_back_whole(tmp_path: Path) -> None:
    write_set(SMALL, tmp_path / "set")
    expected, found = render(SMALL), read_folder(tmp_path / "set", ReadOptions(size=24))
    assert np.array_equal(found.images, expected.images)
    assert found.regions is not None
    assert expected.regions is not None
    assert np.array_equal(found.regions, expected.regions)
    assert list(found.table["identity"]) == list(expected.table["identity"])
    assert "CC0" in (tmp_path / "set" / "LICENCE").read_text()
    card = (tmp_path / "set" / "README.md").read_text()
    assert '"identities": 3' in card
    assert "not people" in card


def test_a_full_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        write_set(SMALL, tmp_path / "set")
    assert [file.name for file in (tmp_path / "set").iterdir()] == ["notes.txt"]
    assert not (tmp_path / "cache").exists()


def test_the_contact_sheet_shows_faces_and_regions(tmp_path: Path) -> None:
    stimuli = write_set(SMALL, tmp_path / "set")
    sheet = np.asarray(Image.open(tmp_path / "set" / "contact_sheet.png"))
    assert np.array_equal(sheet, np.asarray(contact_sheet(stimuli)))
    assert sheet.shape == (5 * (24 + GAP), MARGIN + 2 * (24 + GAP), 3)  # three people and two region maps
    assert np.array_equal(sheet[:24, MARGIN : MARGIN + 24], stimuli.images[0])
    below = 2 * (24 + GAP)
    assert np.array_equal(sheet[below : below + 24, MARGIN + 24 + GAP : MARGIN + 48 + GAP], stimuli.images[3])
