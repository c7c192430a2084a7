"""Fingerprints: one hash of everything in the package that a result depends on.

What that is follows from the imports: the function's module, all modules that it imports (at any depth,
also inside functions), the data files beside them, and the versions of other libraries. No list of files
is kept by hand. Comments, docstrings, formatting and error messages change no result, and so no fingerprint.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import re
import sys
from functools import cache
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    packages_distributions,
    requires,
)
from pathlib import Path

import grimp

from faceinv.errors import InputError
from faceinv.runtime.json_files import read_checked, write_checked
from faceinv.runtime.locations import PACKAGE, cache_folder

ROOT = PACKAGE.name
ABSENT = "absent"
BOOK_EXTRA = "book"
"""The extra that building the book needs."""


@cache
def fingerprint(*names: str, subfolders: bool = False) -> str:
    """Hash of what results of some modules depend on: source, data files and versions of libraries.

    It is computed once a process, because a process goes on with the source that it imported.

    Parameters
    ----------
    names : modules as they are imported; a package stands for all modules in it. Names of other libraries
        count with their version
    subfolders : data files that lie directly in the folder of an imported module always count; with
        `subfolders`, those in its subfolders that are no packages count too, such as all weights that ship

    Raises
    ------
    InputError
        If the package has no such module.
    """
    digest = hashlib.sha256(source_fingerprint(*names, subfolders=subfolders).encode())
    for library, version in versions(*names).items():
        digest.update(f"{library} {version}\n".encode())
    digest.update(".".join(map(str, sys.version_info[:2])).encode())
    return digest.hexdigest()[:12]


@cache
def source_fingerprint(*names: str, subfolders: bool = False) -> str:
    """Hash of the source and the data files alone; see `fingerprint`."""
    modules = sorted(name for name in upstream(*names) if _is_own(name))
    digest = hashlib.sha256()
    for module, source in zip(modules, _source_digests([_file(name) for name in modules]), strict=True):
        digest.update(f"{module} {source}\n".encode())
    for file in data_files(*names, subfolders=subfolders):
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} {_data_digest(file)}\n".encode())
    return digest.hexdigest()[:12]


@cache
def versions(*names: str) -> dict[str, str]:
    """Versions of the libraries that some modules and everything they import need, by distribution.

    Python's own modules are not among them, nor are libraries that only an extra besides `BOOK_EXTRA` brings,
    such as OpenCV: else installing an extra, as `make test` does, would discard every result. Where such a
    library computes something, its version belongs to the arguments (see
    `faceinv.data.sources.photograph_source`).
    A library in `names` always counts; one that is not installed is ``"absent"``.
    """
    libraries = {name for name in upstream(*names) if not _is_own(name)} - sys.stdlib_module_names
    found = ((name, *_distribution(name)) for name in libraries)
    counted = (
        (distribution, version)
        for name, distribution, version in found
        if name in names or not (version == ABSENT or _canonical(distribution) in _of_extras())
    )
    return dict(sorted(counted, key=lambda each: each[0].lower()))


@cache
def upstream(*names: str) -> frozenset[str]:
    """Names of some modules and of all that they import, with the packages that those lie in.

    Of other libraries the name of the outermost package is given.
    """
    graph = _graph()
    waiting = []
    for name in names:
        if not _is_own(name):
            waiting.append(name.partition(".")[0])
        elif name in graph.modules:
            waiting += [name, *graph.find_descendants(name)]
        else:
            raise InputError(f"there is no module {name} in {PACKAGE}")
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if _is_own(name):
                waiting += graph.find_modules_directly_imported_by(name)
                # Importing a module runs the __init__ of every package around it first.
                waiting += filter(None, [name.rpartition(".")[0]])
    return frozenset(found)


def module_of(package: str, name: str) -> str:
    """The module that ``from package import name`` takes: ``package.name``, if that is one, or `package`."""
    inner = f"{package}.{name}"
    return inner if inner in _graph().modules else package


def data_files(*names: str, subfolders: bool = False) -> list[Path]:
    """Files beside the modules of `upstream` that are no Python source; see `fingerprint`."""
    folders = {_file(name).parent for name in upstream(*names) if _is_own(name)}
    files: list[Path] = []
    while folders:
        for path in folders.pop().iterdir():
            if path.name.startswith((".", "__")):
                continue
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                files.append(path)
            elif subfolders and path.is_dir() and not (path / "__init__.py").is_file():
                folders.add(path)
    return sorted(files)


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        ROOT,
        include_external_packages=True,
        exclude_type_checking_imports=True,  # nothing is imported there when the code runs
        cache_dir=None,
    )


def _is_own(name: str) -> bool:
    return name == ROOT or name.startswith(f"{ROOT}.")


def _file(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _source_digests(files: list[Path]) -> list[str]:
    """The digest of each source file (see `_source_digest`).

    Parsing takes a quarter of a second, which each worker of each chapter would spend: digests are cached by
    the bytes of the file, those of this module, and the version of Python, whose parser they are of.
    """
    salt = Path(__file__).read_bytes() + platform.python_version().encode()
    sources = [file.read_bytes() for file in files]
    keys = [hashlib.sha256(salt + source).hexdigest()[:32] for source in sources]
    store = cache_folder() / "source-digests.json"
    known = read_checked(store)
    new = {key: _source_digest(text) for key, text in zip(keys, sources, strict=True) if key not in known}
    if new:
        write_checked(store, known | new)
    return [(known | new)[key] for key in keys]


def _source_digest(source: bytes) -> str:
    """Hash of the syntax tree of a source file, without what changes no result."""
    parts: list[str] = []
    _collect(ast.parse(source), parts)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _collect(node: object, parts: list[str]) -> None:
    """Append a syntax tree to `parts`, without docstrings and without the arguments of what is raised."""
    if isinstance(node, ast.AST):
        parts.append(type(node).__name__)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(node, ast.Raise) and isinstance(value, ast.Call):
                value = value.func
            _collect(value, parts)
    elif isinstance(node, list):
        parts.append("[")
        for each in node:
            if not _is_docstring(each):
                _collect(each, parts)
        parts.append("]")
    else:
        parts.append(repr(node))


def _is_docstring(node: object) -> bool:
    """Whether a statement is a text alone: the docstring of a module, class, function or constant."""
    constant = node.value if isinstance(node, ast.Expr) else None
    return isinstance(constant, ast.Constant) and isinstance(constant.value, str)


@cache
def _data_digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _distribution(library: str) -> tuple[str, str]:
    """Name and version of the distribution that an imported package comes from."""
    try:
        found = distribution(library)  # most are called what they are imported as
    except PackageNotFoundError:
        named = _declared(library) or next(iter(packages_distributions().get(library, [])), None)
        if named is None:
            return library, ABSENT
        found = distribution(named)
    about = found.metadata
    return about["Name"], about["Version"]


@cache
def _of_extras() -> frozenset[str]:
    """Distributions that the package requires with an extra only, and not for the book."""
    always: set[str] = set()
    extra: set[str] = set()
    for requirement in requires(ROOT) or []:
        name = _canonical(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
        marker = re.search(r"extra == ['\"](.+?)['\"]", requirement)
        (always if marker is None or marker[1] == BOOK_EXTRA else extra).add(name)
    return frozenset(extra - always)


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _declared(library: str) -> str | None:
    """The one of the package's own requirements that a library comes from: ``pillow`` for ``PIL``.

    Looking through all that is installed, as `packages_distributions` does, would take a second.
    """
    for requirement in requires(ROOT) or []:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        try:
            files = distribution(name).read_text("RECORD") or ""
        except PackageNotFoundError:
            continue
        if f"\n{library}/__init__.py," in f"\n{files}":
            return name
    return None
