"""Code of pages that runs on a kernel."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeBook
from page_checks import Serve

from faceinv.book import build
from faceinv.book.content_policy import BINDER


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[str]:
    """A Jupyter server on the loopback interface, as Binder starts one; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"--port={port}",
        "--ip=127.0.0.1",
        "--IdentityProvider.token=token",
        "--ServerApp.allow_origin=*",
    ]
    command = [sys.executable, "-m", "jupyter_server", *options, "--no-browser", "--allow-root"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as server:
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_code_is_live(
    make_book: MakeBook, kernels: str, browser: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    site = build.build_book(make_book({"01_a": "print(6 * 7)"})).parent
    hosts = (
        f"{kernels} {kernels.replace('http', 'ws')}"  # in place of Binder's, which the page's policy names
    )
    chapter = site / "book" / "chapters" / "01_a.html"
    text = chapter.read_text(encoding="utf-8")
    assert text.count(" ".join(BINDER)) == 1
    chapter.write_text(text.replace(" ".join(BINDER), hosts), encoding="utf-8")
    page = browser.new_page()
    foreign: list[str] = []
    home = serve(site, *hosts.split())
    page.on("request", lambda asked: foreign.append(asked.url))
    page.goto(f"{home}/book/chapters/01_a.html")
    assert page.locator("a[href*='mybinder.org/v2/gh/owner/name/main']").count() == 1
    assert page.locator("a[href*='colab.research.google.com/github/owner/name']").count() == 1
    options = page.evaluate("() => JSON.parse(document.querySelector('#faceinv-live').textContent)")
    assert options["binderOptions"]["repo"] == "owner/name"
    options |= {
        "useBinder": False,
        "serverSettings": {"baseUrl": kernels, "token": "token", "appendToken": True},
    }
    page.evaluate("o => { document.querySelector('#faceinv-live').textContent = JSON.stringify(o) }", options)
    page.evaluate("() => document.querySelector('.btn-launch-live').click()")
    page.wait_for_function(
        "() => document.querySelector('.faceinv-live')?.textContent.includes('ready. Run')"
    )
    page.evaluate(
        "() => [...document.querySelectorAll('.CodeMirror')].at(-1).CodeMirror.setValue('print(6 * 8)')"
    )
    page.locator(".thebe-run-button").last.click()
    page.wait_for_function("() => document.querySelector('.cell_output').innerText.includes('48')")
    assert "42" not in page.locator(".cell_output").first.inner_text()
    assert not [url for url in foreign if not url.startswith((home, kernels, "data:", "blob:"))]
    page.close()


def test_code_is_live_only_where_it_can_be(small_site: Path) -> None:
    chapter = (small_site / "book" / "chapters" / "02_b.html").read_text()
    assert "faceinv" in chapter
    assert "Live code" not in chapter
    assert not (small_site / "_static" / "assets" / "thebe").exists()
