"""Servers for this machine only: of the built book, and of explorers in JupyterLab."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import nbformat
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from faceinv.book.paths import EXPLORED, find_root
from faceinv.errors import InputError
from faceinv.runtime.locations import CACHE_VARIABLE, cache_folder

LOOPBACK = "127.0.0.1"
"""The address that only this machine reaches."""

SUFFIX = ".safetensors"
"""By which files of networks are told from folders."""

NOTEBOOK = Path(__file__).parents[1] / "widgets" / "explore.ipynb"

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    }
}
"""Settings of JupyterLab, which ask no other machine for anything."""


class _Pages(SimpleHTTPRequestHandler):
    """Files of a book; a module is one wherever the system's list of types says otherwise."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def book_server(root: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server of the built book, which answers this machine only; it begins with `serve_forever`.

    Parameters
    ----------
    root : folder of the book
    port : any that is free where it is 0

    Raises
    ------
    InputError
        If the book is not built, or the port is taken.
    """
    site = root / "_build" / "html"
    if not (site / "index.html").is_file():
        raise InputError(f"there is no book in {site}; build it with: faceinv book")
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Pages, directory=str(site)))
    except OSError as error:
        raise InputError(
            f"port {port} cannot be served ({error.strerror}); expected a free one, see --port"
        ) from error


def find_networks(places: Sequence[Path] = ()) -> list[Path]:
    """The network files in folders, or named themselves; by default those that the chapter on networks wrote.

    Raises
    ------
    InputError
        If there are none.
    """
    folders = places or [find_root() / EXPLORED]
    files = [
        file
        for place in folders
        for file in ([place] if place.suffix == SUFFIX else sorted(place.glob(f"*{SUFFIX}")))
    ]
    if not files:
        raise InputError(
            f"there are no networks in {', '.join(map(str, folders))}; train some with: faceinv book, "
            "or name files or a folder with --networks"
        )
    return files


@contextmanager
def explorers(
    networks: Sequence[Path],
    images: Sequence[Path] = (),
    port: int = 0,
    browser: bool = True,
    shown: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Any]:
    """A JupyterLab with the explorers of networks, which answers this machine only, to who has its token.

    Parameters
    ----------
    networks : files
    images : files of photographs; rendered faces where none is given
    port : any that is free where it is 0
    browser : whether a browser opens when it starts
    shown : parameters of the notebook that say what of the photographs is shown: crop, align, eyes

    Yields
    ------
    ServerApp
        Ready to `start`; its `connection_url` and `identity_provider.token` say how to reach it. The notebook
        lies in a folder that goes with the context.

    Raises
    ------
    InputError
        If a file is missing, or the port is taken.
    """
    from jupyterlab.labapp import LabApp  # which takes a second to import

    for file in (*networks, *images):
        if not file.is_file():
            raise InputError(f"there is no file {file}; expected a network or a photograph")
    # The kernel runs in the notebook's temporary folder, from which it would not find the book of this one.
    os.environ[CACHE_VARIABLE] = str(cache_folder())
    with TemporaryDirectory(prefix="faceinv-") as folder:
        given = {
            "networks": [str(file.absolute()) for file in networks],
            "images": [str(file.absolute()) for file in images],
            **shown,
        }
        notebook, settings = Path(folder) / NOTEBOOK.name, Path(folder) / ".settings"
        settings.mkdir()
        (settings / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        nbformat.write(parameterize_notebook(load_notebook_node(str(NOTEBOOK)), given), notebook)
        # Options outdo what the user's own settings of Jupyter say, such as an empty token; they are handed
        # over inside of this process, because others can read the options of a command.
        options = {
            "ServerApp.ip": LOOPBACK,
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.allow_remote_access": False,
            "ServerApp.root_dir": folder,
            "ServerApp.open_browser": browser,
            "ServerApp.answer_yes": True,
            "ServerApp.allow_root": True,  # as in a container
            "Application.log_level": "ERROR",
            "IdentityProvider.token": secrets.token_hex(24),
            "LabApp.default_url": f"/lab/tree/{notebook.name}",
            "LabApp.app_settings_dir": str(settings),
            "LabApp.extension_manager": "readonly",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        try:
            server = LabApp.initialize_server(argv=arguments)
        except SystemExit as error:
            raise InputError(f"port {port} cannot be served; expected a free one, see --port") from error
        yield server
