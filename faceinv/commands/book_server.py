"""A local server of the built book."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from faceinv.book.content_policy import BINDER, BOOK, policy
from faceinv.errors import InputError

LOOPBACK = "127.0.0.1"
"""The address of the loopback interface, which only this machine can reach."""

HOSTS = frozenset({LOOPBACK, "localhost"})
"""Accepted host names; others are refused, in case a foreign name is bound to this address."""

PATIENCE = 30
"""Timeout of idle connections and of requests, in seconds."""

BACKLOG = 1024
"""Largest number of connections that wait to be accepted."""

TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
}
"""MIME types that do not depend on the system's settings: browsers run modules of no other type."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "faceinv",
}


class _Headers(RequestHandler):
    """Sets the security headers, and refuses requests with foreign host names."""

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        sources = {**BOOK, "frame-ancestors": ("'none'",)}  # which only a header can say
        self.set_header("Content-Security-Policy", policy(sources, self.settings["kernels"]))

    def prepare(self) -> None:
        if self.request.host_name not in HOSTS:
            raise HTTPError(421)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {self._reason}\n")

    def log_exception(self, *_: Any) -> None:
        """Do not log failed requests."""


class _Nothing(_Headers):
    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class _Pages(_Headers, StaticFileHandler):
    """Serves files of the book only: links out of its folder are not followed, and folders are not listed."""

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        if "\0" in path or "\\" in path:
            raise HTTPError(404)
        return super().get_absolute_path(root, path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        try:
            path, inside = Path(absolute_path).resolve(strict=True), Path(root).resolve()
        except (OSError, ValueError) as error:
            raise HTTPError(404) from error
        if not path.is_relative_to(inside):
            raise HTTPError(404)
        return super().validate_absolute_path(root, absolute_path)

    def get_content_type(self) -> str:
        suffix = Path(str(self.absolute_path)).suffix
        return TYPES.get(suffix) or super().get_content_type()


class BookServer:
    """A server of the built book; it binds its port when created, and answers requests in `serve_forever`.

    Parameters
    ----------
    site : folder of the built book, with its index.html
    port : port; 0 takes any free port
    kernels : addresses to which pages may connect besides the server

    Attributes
    ----------
    port : the port in use

    Raises
    ------
    InputError
        If the book is not built, or the port is in use already.
    """

    def __init__(self, site: Path, port: int = 0, kernels: Sequence[str] = ()) -> None:
        self._site, self._kernels = site.absolute(), kernels
        if not (self._site / "index.html").is_file():
            raise InputError(f"there is no book in {self._site}; build it with: faceinv book")
        try:
            self._sockets = bind_sockets(port, LOOPBACK, backlog=BACKLOG)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                f"port {port} cannot be used ({reason}); expected a free port, see --port"
            ) from error
        self.port: int = self._sockets[0].getsockname()[1]
        self._stop: Callable[[], object] | None = None  # set while it is serving
        self._stopped = threading.Event()

    def __enter__(self) -> BookServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving, and release the port."""
        if self._stop is not None:
            self._stop()
            self._stopped.wait(PATIENCE)
        for each in self._sockets:
            each.close()

    def serve_forever(self) -> None:
        """Serve until the process is interrupted, or another thread closes the server."""
        try:
            asyncio.run(self._serve())
        except KeyboardInterrupt:
            pass
        finally:  # an interrupt can come before the task has begun, or after it has ended
            self._stop = None
            self._stopped.set()

    async def _serve(self) -> None:
        files = {"path": str(self._site), "default_filename": "index.html"}
        application = Application(
            [(r"/(.*)", _Pages, files)],
            default_handler_class=_Nothing,
            log_function=lambda _: None,
            kernels=self._kernels,
        )
        server = HTTPServer(
            application,
            idle_connection_timeout=PATIENCE,
            body_timeout=PATIENCE,
            max_header_size=16_384,
            max_body_size=0,
        )
        server.add_sockets(self._sockets)
        closed, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = partial(loop.call_soon_threadsafe, closed.set)
        try:
            await closed.wait()
            await server.close_all_connections()
        finally:
            server.stop()


def kernels_of(site: Path) -> Sequence[str]:
    """Where the kernels of a site are: Binder's, if the site was built for a repository, or nowhere."""
    chapters = (site / "book" / "chapters").glob("*.html")
    live = any('id="faceinv-live"' in page.read_text(encoding="utf-8") for page in chapters)
    return BINDER if live else ()
