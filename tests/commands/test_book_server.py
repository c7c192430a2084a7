"""The book is served to this machine only, and nothing but the book."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import MakeBook
from server_process import started, stop

from faceinv.book.content_policy import BINDER
from faceinv.commands.book_server import BookServer, kernels_of
from faceinv.errors import InputError

FILES = {
    "index.html": "text/html",
    "a.mjs": "text/javascript",
    "a.js": "text/javascript",
    "a.wasm": "application/wasm",
}


def site(root: Path) -> Path:
    """A small site in the folder of a book; returns the site."""
    folder = root / "_build" / "html"
    (folder / "folder").mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Port of a server of a small site, in which two links lead out of it."""
    folder = site(tmp_path)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    with BookServer(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.port


def ask(
    port: int, path: str, host: str | None = None, method: str = "GET"
) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"127.0.0.1:{port}" if host is None else host)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read(), dict(answer.headers)


@pytest.mark.slow
def test_the_command_serves_the_book_until_it_is_interrupted(make_book: MakeBook) -> None:
    root = make_book({"01_a": ""})
    site(root)
    with started("serve", "--port", "0", cwd=root) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"index.html"
        assert stop(process) == 0


@pytest.mark.parametrize("name", FILES)
def test_files_have_their_types_and_a_policy(port: int, name: str) -> None:
    status, content, headers = ask(port, f"/{name}")
    assert (status, content.decode()) == (200, name)
    assert headers["Content-Type"].partition(";")[0] == FILES[name]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]  # no other machine is named


def test_pages_connect_to_binder_only_where_their_code_runs_there(tmp_path: Path) -> None:
    folder = site(tmp_path)
    page = folder / "book" / "chapters" / "01_a.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>nothing runs here</p>")
    assert kernels_of(folder) == ()
    page.write_text('<script id="faceinv-live" type="application/json">{}</script>')
    with BookServer(folder, kernels=kernels_of(folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        policy = ask(server.port, "/")[2]["Content-Security-Policy"]
    (sources,) = [each for each in policy.split("; ") if each.startswith("connect-src")]
    assert sources.split() == ["connect-src", *BINDER, "'self'", "data:", "blob:"]


def test_the_first_page_is_that_of_the_folder_and_queries_do_not_matter(port: int) -> None:
    assert ask(port, "/")[1] == b"index.html" == ask(port, "/index.html?highlight=a%20b")[1]


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", "", "10.0.0.1"])
def test_a_name_that_was_bound_to_this_address_reads_nothing(port: int, host: str) -> None:
    status, content, _ = ask(port, "/index.html", host)
    assert status in (400, 421) and b"index.html" not in content


def test_this_machine_has_two_names(port: int) -> None:
    assert ask(port, "/index.html", f"localhost:{port}")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/link.txt",
        "/up/secret.txt",
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/%2e%2e/secret.txt",
        "/folder/",
        "/folder",
        "/%00",
        "/a.js%00",
        "/..%5c..%5csecret.txt",
        "//etc/passwd",
        "/missing",
        "/" + 5000 * "a",
    ],
)
def test_nothing_but_files_of_the_book_is_read(
    port: int, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status, content, _ = ask(port, path)
    assert 300 < status < 500 and b"secret" not in content and b"root:" not in content
    assert capfd.readouterr().err == ""
    assert ask(port, "/index.html")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_written(port: int, method: str) -> None:
    assert ask(port, "/index.html", method=method)[0] == 405


def test_clients_that_say_nothing_do_not_keep_others_waiting(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for each in silent[::2]:
        each.send(b"GET /index.html HTT")
    assert ask(port, "/index.html")[0] == 200
    for each in silent:
        each.close()


@pytest.mark.slow
def test_a_thousand_requests_at_once_are_answered(port: int) -> None:
    with ThreadPoolExecutor(250) as threads:
        found = list(threads.map(lambda _: ask(port, "/a.js")[0], range(1000)))
    assert found == [200] * 1000


def test_a_book_that_is_not_built_and_a_port_that_is_taken_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no book in .*; build it with: faceinv book"):
        BookServer(tmp_path)
    with (
        BookServer(site(tmp_path)) as server,
        pytest.raises(InputError, match=f"port {server.port} cannot be used"),
    ):
        BookServer(tmp_path / "_build" / "html", server.port)
