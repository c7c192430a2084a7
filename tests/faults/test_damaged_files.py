"""Garbage in files of the book's state: each reader takes it for nothing, or names the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from faceinv.book import build as book_build
from faceinv.book.chapters import Chapter
from faceinv.book.explorer_assets import read_checksums
from faceinv.book.pages.runs import read_runs
from faceinv.book.paths import CHAPTERS
from faceinv.commands import sweep
from faceinv.errors import InputError
from faceinv.models import pretraining, training
from faceinv.models.weight_files import check_record
from faceinv.reporting.claims import FILE, read_claims, read_judgements
from faceinv.reporting.entries import read_yaml
from faceinv.runtime import fingerprints

GARBAGE = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00\xd8",
    "binary": bytes(range(256)),
    "a number": b"3",
    "null": b"null",
    "a text": b'"sha256"',
    "a list": b"[1, 2]",
    "an empty object": b"{}",
    "an object of numbers": b'{"sha256": 1, "judgements": 2, "from": 3, "wrote": 4, "parameters": 5}',
    "cut off": b'{"judgements": [{"claim": "st',
    "deep": b"[" * 5000 + b"]" * 5000,
}


def read_stamp(folder: Path, content: bytes) -> None:
    (folder / "stamp.json").write_bytes(content)
    found = book_build.read_stamp(folder / "stamp.json")
    assert found is None or {"from", "wrote"} <= set(found)
    assert isinstance(book_build.usual_seconds(folder, "none"), float)


def read_run(folder: Path, content: bytes) -> None:
    chapter = folder / CHAPTERS / "01_a"
    chapter.mkdir(parents=True)
    (chapter / "t.csv").write_text("a\n1\n")
    (chapter / "t.json").write_bytes(content)
    (folder / CHAPTERS / "01_a.stamp.json").write_bytes(content)
    (run,) = read_runs(folder, [Chapter("01_a", folder / "a.ipynb")], CHAPTERS)
    assert isinstance(run.provenance, dict) and run.seconds is None


def read_base(folder: Path, content: bytes) -> None:
    (folder / "base.safetensors").write_bytes(b"weights")
    (folder / "base.json").write_bytes(content)
    check_record(folder / "base.safetensors")


def read_shipped(folder: Path, content: bytes) -> None:
    (folder / "base.json").write_bytes(content)
    assert all(isinstance(each, dict) for each in pretraining.shipped(folder))


def read_state(folder: Path, content: bytes) -> None:
    (folder / "a.state").write_bytes(content)
    training._resume(folder / "a.state", "key", {})


def read_verdicts(folder: Path, content: bytes) -> None:
    (folder / "01_a").mkdir()
    (folder / "01_a" / FILE).write_bytes(content)
    read_judgements(folder)


def read_claims_file(folder: Path, content: bytes) -> None:
    (folder / "claims.yml").write_bytes(content)
    read_claims(folder / "claims.yml")


def read_yaml_file(folder: Path, content: bytes) -> None:
    (folder / "a.yml").write_bytes(content)
    read_yaml(folder / "a.yml")


def read_swept(folder: Path, content: bytes) -> None:
    (folder / "t.json").write_bytes(content)
    assert isinstance(sweep.read_provenance(folder / "t.json"), dict)


def read_index(folder: Path, content: bytes) -> None:
    (folder / "index.json").write_bytes(content)
    assert isinstance(read_checksums(folder / "index.json"), dict)


def read_digests(folder: Path, content: bytes) -> None:
    (folder / "cache").mkdir(mode=0o700)
    (folder / "cache" / "source-digests.json").write_bytes(content)
    assert len(fingerprints._source_digests([Path(__file__)])) == 1


READERS = (
    read_stamp,
    read_run,
    read_base,
    read_shipped,
    read_state,
    read_verdicts,
    read_claims_file,
    read_yaml_file,
    read_swept,
    read_index,
    read_digests,
)


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_garbage_is_named_or_taken_for_nothing(
    reader: Callable[[Path, bytes], None],
    garbage: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))
    try:
        reader(tmp_path, GARBAGE[garbage])
    except InputError as error:
        assert str(tmp_path) in str(error)
        assert "\n" not in str(error)


def test_a_damaged_state_of_training_is_named(tmp_path: Path) -> None:
    state = tmp_path / "a.state"
    torch.save({"key": "another", "rows": [], "best": {}}, state)
    with pytest.raises(InputError, match="state of another training"):
        training._resume(state, "key", {})
    state.write_bytes(state.read_bytes()[:-40])
    with pytest.raises(InputError, match="is damaged"):
        training._resume(state, "key", {})


def test_a_linked_folder_among_the_chapters_loses_the_link_only(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    chapters = tmp_path / CHAPTERS
    chapters.mkdir(parents=True)
    (chapters / "01_a").symlink_to(mine)
    (chapters / "01_a.stamp.json").write_text(json.dumps({"from": {}, "wrote": {}}))
    book_build.remove_orphans(tmp_path, [])
    assert not (chapters / "01_a").is_symlink()
    assert (mine / "thesis.txt").read_text() == "years of work"
