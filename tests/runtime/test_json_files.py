"""JSON files of the cache: whatever bit of one is flipped, it is as if it were not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceinv.runtime import fingerprints
from faceinv.runtime.json_files import read_checked, write_checked

CONTENT = {"first": "0f3a", "second": {"seconds": 0.1, "images": 16}}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    assert read_checked(path) == {}
    write_checked(path, CONTENT)
    assert read_checked(path) == CONTENT


def test_no_flipped_bit_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    write_checked(path, CONTENT)
    content = path.read_bytes()
    noticed = 0
    for bit in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        found = read_checked(path)
        assert found in ({}, CONTENT)  # blanks between the values may become others
        noticed += found == {}
    assert noticed > 7 * len(content)


@pytest.mark.parametrize("text", ["{}", '{"content": {}}', '{"content": [], "sha256": ""}', "[]", ""])
def test_other_json_is_as_if_it_were_not_there(tmp_path: Path, text: str) -> None:
    path = tmp_path / "times.json"
    path.write_text(text)
    assert read_checked(path) == {}


def test_a_changed_digest_changes_no_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It did: results were computed again under another name, without a word, at every start."""
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path / "cache"))
    source = Path(__file__)
    digests = fingerprints._source_digests([source])
    store = tmp_path / "cache" / "source-digests.json"
    text = store.read_text()
    assert digests[0] in text
    store.write_text(text.replace(digests[0], digests[0][::-1]))
    assert fingerprints._source_digests([source]) == digests
