"""Explorers in JupyterLab, for this machine only."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import nbformat
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from faceinv.book.paths import EXPLORED, find_root
from faceinv.commands.book_server import LOOPBACK
from faceinv.errors import InputError
from faceinv.runtime.locations import CACHE_VARIABLE, cache_setting

SUFFIX = ".safetensors"
"""Suffix of network files."""

NOTEBOOK = Path(__file__).parents[1] / "widgets" / "explore.ipynb"

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    }
}
"""Settings of JupyterLab that turn off requests to other hosts."""


def find_networks(places: Sequence[Path] = ()) -> list[Path]:
    """Network files: those named, and those in named folders; by default the book's own networks.

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
    """A JupyterLab server with explorers of networks, on the loopback interface and protected by a token.

    Parameters
    ----------
    networks : network files
    images : files of photographs; by default rendered faces are shown
    port : port; 0 takes any free port
    browser : whether to open a browser when the server starts
    shown : further parameters of the notebook, for photographs: crop, align, eyes

    Yields
    ------
    ServerApp
        The server, to be started with `start`; its address is given by `connection_url` and
        `identity_provider.token`. The notebook is in a temporary folder, which is removed with the context.

    Raises
    ------
    InputError
        If a file is missing, or the port is in use.
    """
    from jupyterlab.labapp import LabApp  # takes a second to import

    for file in (*networks, *images):
        if not file.is_file():
            raise InputError(f"there is no file {file}; expected a network or a photograph")
    # The kernel runs in the notebook's temporary folder, from which it would not find the book's cache.
    os.environ[CACHE_VARIABLE] = cache_setting()
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
        # Options override the user's own settings of Jupyter, such as an empty token. They are passed within
        # this process, because other users could read the arguments of a command.
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
            raise InputError(f"port {port} cannot be used; expected a free port, see --port") from error
        yield server
