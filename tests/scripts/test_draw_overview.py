"""The script that draws the picture of the README runs, on tiny networks."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import REPOSITORY
from PIL import Image

from faceinv.models.architectures import Specification, build


@pytest.mark.slow
def test_the_overview_shows_faces_and_what_each_network_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("draw_overview", REPOSITORY / "scripts/draw_overview.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "COLUMNS", 2)
    for task in script.TASKS:
        network = build(Specification("vgg16_bn", ("a", "b"), width=0.0625, size=64, task=task))
        network.save(tmp_path / f"{task}-vgg16_bn-0.safetensors")
    done = CliRunner().invoke(script.main, [str(tmp_path), str(tmp_path / "overview.png")])
    assert done.exit_code == 0, done.output
    picture = Image.open(tmp_path / "overview.png").convert("RGB")
    step = script.SIDE + script.GAP
    assert picture.size == (script.MARGIN + 2 * step, 3 * step)
    rows = np.asarray(picture)[:, script.MARGIN :].reshape(3, step, -1, 3)[:, : script.SIDE]
    spread = np.ptp(rows.astype(int), axis=-1).max(axis=(1, 2))
    assert spread[0] == 0 and (spread[1:] > 50).all()  # grey faces, and maps in colour
