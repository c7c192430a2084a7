"""Shipped bases are those that were trained, bit for bit."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from faceinv.errors import InputError
from faceinv.models.architectures import Specification
from faceinv.models.pretraining import BASES
from faceinv.models.weights import pretrained


@pytest.mark.parametrize("record", sorted(BASES.glob("*.json")), ids=lambda path: path.stem)
def test_every_shipped_base_has_the_checksum_of_its_record(record: Path) -> None:
    content = record.with_suffix(".safetensors").read_bytes()
    assert hashlib.sha256(content).hexdigest() == json.loads(record.read_text())["sha256"]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.99])
def test_a_damaged_base_is_refused(place: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its SHA-256 is in the record beside it: one changed bit of a weight would not be seen otherwise."""
    monkeypatch.setenv("FACEINV_WEIGHTS", str(tmp_path))
    name = "faces-squeezenet1_1_bn-0"
    for suffix in (".safetensors", ".json"):
        shutil.copy(BASES / f"{name}{suffix}", tmp_path)
    specification = Specification("squeezenet1_1_bn", ("a", "b"), width=0.25)
    assert pretrained("faces", specification)[1].loaded
    base = tmp_path / f"{name}.safetensors"
    content = bytearray(base.read_bytes())
    content[int(place * len(content))] ^= 1
    base.write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}.safetensors is damaged, its SHA-256 is not that of"):
        pretrained("faces", specification)
    base.write_bytes(content[:-100])
    with pytest.raises(InputError, match="is damaged"):
        pretrained("faces", specification)
    (tmp_path / f"{name}.json").write_text("[]")
    with pytest.raises(InputError, match=r"json is damaged: expected the record of a pretraining"):
        pretrained("faces", specification)
