"""The servers answer this machine only, and JupyterLab shows the explorers with a kernel behind them."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from conftest import MakeBook, run_faceinv
from explored_site import SIZE, network
from PIL import Image
from server_process import started, stop

from faceinv.commands import serve
from faceinv.data.photographs.alignment import parse_eyes
from faceinv.data.photographs.decoding import Frame, decode
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network

SHOWN = "document.querySelector('.fx')?.parentElement.explorer"


def status(address: str) -> int:
    """The status with which a server answers, as soon as it does."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")


def test_networks_are_found_in_folders_and_by_name(
    make_book: MakeBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_book({"01_a": ""}))
    one, other = tmp_path / "some" / "b.safetensors", tmp_path / "some" / "a.safetensors"
    own = Path("book/chapters/02_networks/gender.safetensors").absolute()
    for file in (one, other, own):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    assert serve.find_networks([one.parent]) == [other, one]
    assert serve.find_networks([one, own.parent]) == [one, own]
    assert serve.find_networks() == [own]


@pytest.mark.slow
def test_without_networks_the_command_says_what_to_do(make_book: MakeBook) -> None:
    root = make_book({"01_a": ""})
    done = run_faceinv("explore", "--no-browser", cwd=root)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert (
        "02_networks; train some with: faceinv book, or name files or a folder with --networks" in done.stderr
    )
    (root / "a.safetensors").write_bytes(b"")
    done = run_faceinv("explore", "me.jpg", "--networks", "a.safetensors", cwd=root)
    assert "there is no file me.jpg; expected a network or a photograph" in done.stderr


@pytest.mark.slow
def test_jupyterlab_shows_explorers_of_a_kernel(
    tmp_path: Path, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command to a heatmap in the page, which is that of Python; with a user who wants no token."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_ALLOW_INSECURE_WRITES", "1")
    (tmp_path / "jupyter").mkdir()
    settings = "c.IdentityProvider.token = ''\nc.ServerApp.ip = '0.0.0.0'\n"
    (tmp_path / "jupyter" / "jupyter_server_config.py").write_text(settings)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    made = network("gender", 0)
    made.save(tmp_path / "gender.safetensors")
    pixels = np.random.default_rng(0).integers(40, 220, (SIZE, SIZE), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "me.png")
    options = ("me.png", "--networks", "gender.safetensors", "--no-browser")
    with started("explore", *options, cwd=tmp_path) as (process, address):
        home = address.split("/lab")[0]
        assert home.startswith("http://127.0.0.1:")
        assert status(f"{home}/api/contents") == 403
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=120_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)  # before, cells run nowhere
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(f"() => {SHOWN}?.state && !{SHOWN}.settled", timeout=180_000)
        rules = page.locator(".fx").first.get_by_role("combobox", name="Rules")
        rules.select_option("epsilon")
        page.wait_for_function(f"() => !{SHOWN}.settled", timeout=60_000)
        state = page.evaluate(
            f"() => ({{target: {SHOWN}.state.target, map: Array.from({SHOWN}.state.heatmap)}})"
        )
        inputs = made.prepare(np.repeat(pixels[None, :, :, None], 3, 3))
        expected = relevance(made, inputs, np.array([state["target"]]), "epsilon")[0].ravel()
        np.testing.assert_allclose(state["map"], expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())
        page.close()
        own = (home, home.replace("http", "ws"), "data:", "blob:")
        assert not [url for url in asked if not url.startswith(own)]
        assert stop(process) == 0
    assert not list(temporary.glob("faceinv-*"))


def test_the_notebook_shows_photographs_as_the_network_learned_to_see_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Aligned, with the mean and contrast of rendered faces, and a warning that it has seen no photograph."""
    made = network("gender", 0)
    taught = Network(replace(made.specification, stimuli="rendered faces, controlled"), made.module)
    taught.save(tmp_path / "gender.safetensors")
    made.save(tmp_path / "other.safetensors")
    pixels = np.random.default_rng(0).integers(90, 110, (80, 100), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "me.png")
    cells = nbformat.read(serve.NOTEBOOK, as_version=4).cells
    parameters, prepared, *_ = (cell.source for cell in cells if cell.cell_type == "code")
    for file, eyes, warned in (("gender", "30,40,60,40", True), ("other", None, False)):
        given = {"networks": [str(tmp_path / f"{file}.safetensors")], "images": [str(tmp_path / "me.png")]}
        names: dict[str, Any] = {}
        exec(parameters, names)
        names |= given | {"eyes": eyes}
        exec(prepared, names)
        frame = Frame(SIZE, 1.0, "grey", standardise=warned)
        expected = decode(tmp_path / "me.png", frame, parse_eyes(eyes) if eyes else None)
        np.testing.assert_array_equal(names["faces"], expected[None])
        assert ("has seen no photograph" in capsys.readouterr().out) is warned
