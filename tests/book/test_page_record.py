"""Pages are built again when anything that they are made from has changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faceinv.book import build, page_record
from faceinv.book.page_record import are_built, page_sources, record_pages
from faceinv.book.paths import HTML


def built(root: Path, capsys: pytest.CaptureFixture[str]) -> bool:
    """Build the book, and whether its pages were built."""
    build.build_book(root)
    return "the pages are unchanged" not in capsys.readouterr().out


@pytest.mark.slow
def test_only_what_changed_is_built_again(
    make_book: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_book({"01_a": "print(1)"})
    index, page = root / HTML / "book/index.html", root / "book/index.md"
    assert built(root, capsys) and not built(root, capsys)
    page.write_text("# First page\n\nOther text.\n")
    assert built(root, capsys) and "Other text" in index.read_text()
    assert not built(root, capsys)
    index.unlink()
    assert built(root, capsys) and "Other text" in index.read_text()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a built book is, with a package of one module."""
    for name in ("_config.yml", "book/index.md", "book/chapters/01_a.ipynb", f"{HTML}/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    package = tmp_path / "package"
    package.mkdir()
    (package / "module.py").write_text("")
    monkeypatch.setattr(page_record, "PACKAGE_FOLDER", package)
    record_pages(tmp_path, page_sources(tmp_path))
    assert are_built(tmp_path, page_sources(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["_config.yml", "book/index.md", "book/chapters/01_a.ipynb", "package/module.py", f"{HTML}/index.html"],
)
@pytest.mark.parametrize("change", ["edited", "removed", "beside"])
def test_every_source_and_page_is_seen(root: Path, name: str, change: str) -> None:
    path = root / name
    if change == "edited":
        path.write_text("x")
    elif change == "removed":
        path.unlink()
    else:
        path.with_stem("other").write_text("")
    assert not are_built(root, page_sources(root))


@pytest.mark.parametrize("name", page_record.PAGE_SETTINGS)
def test_settings_are_seen(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "someone/somewhere")
    assert not are_built(root, page_sources(root))


def test_distributions_and_what_bundles_the_explorer_are_seen(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(page_record.shutil, "which", lambda name: None if name == "npm" else name)
        without = page_sources(root)
        patch.setattr(page_record.shutil, "which", lambda name: name)
        assert page_sources(root) != without
    before = page_sources(root)
    (tmp_path / "site" / "sphinx-99.dist-info").mkdir(parents=True)
    monkeypatch.setattr(page_record.sysconfig, "get_path", lambda _: str(tmp_path / "site"))
    assert page_sources(root) != before


def test_a_damaged_record_is_none(root: Path) -> None:
    (root / page_record.PAGES_RECORD).write_text("{")
    assert not are_built(root, page_sources(root))
