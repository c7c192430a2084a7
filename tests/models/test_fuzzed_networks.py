"""Whatever a network file holds, reading it gives a network or one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from faceinv.errors import InputError
from faceinv.models.architectures import Network, Specification, build, load

SPECIFICATION = Specification("resnet18", ("a", "b"), 0.0625, 32)
FIELDS = ("architecture", "classes", "width", "size", "mean", "std", "seed", "task", "stimuli", "other")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(["resnet18", "vgg16_bn", "identity"])
    | st.lists(st.text(max_size=3), min_size=2, max_size=2)  # perhaps classes
    | st.lists(st.floats(), min_size=3, max_size=3),  # perhaps a mean
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
FUZZED = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fuzzed") / "good.safetensors"
    build(SPECIFICATION).save(path)
    return path


def outcome(path: Path) -> Network | str:
    """The network of a file, or the sentence that says why there is none."""
    try:
        return load(path)
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 1000
        return str(error)


@FUZZED
@given(changes=st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=3))
def test_any_specification_is_read_or_refused(written: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    good = {"architecture": "resnet18", "classes": ["a", "b"], "width": 0.0625, "size": 32}
    path = tmp_path / "changed.safetensors"
    save_file(load_file(written), path, metadata={"faceinv": json.dumps(good | changes)})
    found = outcome(path)
    if not isinstance(found, str):
        image = np.full((1, 32, 32, 3), 128, np.uint8)
        assert found.logits(found.prepare(image)).isfinite().all()


@FUZZED
@given(
    place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), header=st.booleans(), cut=st.booleans()
)
def test_a_damaged_file_is_read_or_refused(
    written: Path, tmp_path: Path, place: float, bits: int, header: bool, cut: bool
) -> None:
    content = bytearray(written.read_bytes())
    length = 8 + int.from_bytes(content[:8], "little")
    at = int(place * (length if header else len(content)))
    content[at] ^= bits
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content[:at] if cut else content)
    found = outcome(path)
    assert not cut or isinstance(found, str)
