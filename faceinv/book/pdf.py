"""The book as one PDF: its pages printed by a browser of the machine, with links and an outline within."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, Fit, NameObject, NumberObject
from tqdm import tqdm

from faceinv.book.chapters import read_toc
from faceinv.book.paths import HTML
from faceinv.errors import InputError
from faceinv.runtime.atomic import atomic_path

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
"""Commands and places of the browsers that can print without a screen."""

REFERENCE = "The package"
"""Part of the contents that is left out: reference pages are read on a screen."""

PAGE_SECONDS = 180
"""Seconds that a page may take."""

SETTLING = 20_000
"""Milliseconds that a page is given to draw itself, by its own clock, which runs ahead of time."""

WIDTH = 960
"""Width of the window in pixels: figures are drawn as wide as its text, and printed as drawn."""

FOR_PRINT = "#print"
"""End of an address that lets a page draw all of its figures at once."""


def find_browser() -> str:
    """Path of a browser that can print.

    Raises
    ------
    InputError
        If there is none, or ``FACEINV_CHROMIUM`` names none.
    """
    given = os.environ.get("FACEINV_CHROMIUM")
    for name in [given] if given else BROWSERS:
        if found := shutil.which(name):
            return found
    if given:
        raise InputError(f"FACEINV_CHROMIUM is {given!r}; expected the path of a browser that can be run")
    raise InputError(
        "no browser that prints was found; expected Chromium, Chrome or Edge, or the path of one in the "
        "environment variable FACEINV_CHROMIUM"
    )


def printed_pages(root: Path) -> list[Path]:
    """Pages of the paper in the order of its contents, without the reference of the package.

    Raises
    ------
    InputError
        If one of them was not built.
    """
    site, toc = root / HTML, read_toc(root)
    names = [toc.root.docname] + [
        item
        for part in toc.root.subtrees
        if part.caption != REFERENCE
        for item in part.items
        if isinstance(item, str)
    ]
    pages = [site / f"{name}.html" for name in names]
    for page in pages:
        if not page.is_file():
            raise InputError(f"there is no page {page}; build the book first")
    return pages


def write_pdf(root: Path, target: Path | None = None) -> Path:
    """Print the built book to one PDF, by default ``_build/faceinv.pdf``.

    Raises
    ------
    InputError
        If there is no browser, a page was not built, or a page could not be printed.
    """
    browser, pages = find_browser(), printed_pages(root)
    target = target or root / "_build" / "faceinv.pdf"
    with TemporaryDirectory() as folder:
        printed = {
            page: print_page(browser, page, Path(folder) / f"{number}.pdf")
            for number, page in enumerate(tqdm(pages, "printing", unit="page"))
        }
        with atomic_path(target) as partial:
            join_printed(printed, partial)
    return target


def print_page(browser: str, page: Path, target: Path) -> Path:
    """Print a page of the book, with all of its figures, to a PDF.

    Raises
    ------
    InputError
        If the browser wrote no PDF.
    """
    # With a profile of its own: otherwise a browser that is open would take over and print nothing.
    with TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            f"--window-size={WIDTH},{WIDTH}",
            "--allow-file-access-from-files",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # pages need nothing from elsewhere
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={SETTLING}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            page.resolve().as_uri() + FOR_PRINT,
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # as which browsers have no sandbox
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PAGE_SECONDS, check=False)
            said = done.stderr
        except subprocess.TimeoutExpired:
            said = f"it took more than {PAGE_SECONDS} s"
    if not target.is_file():
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise InputError(f"{browser} wrote no PDF of {page.name}: {last[0]}")
    return target


def join_printed(printed: Mapping[Path, Path], target: Path) -> None:
    """Join printed pages; links to one another lead to places of the PDF, and links to other local files go.

    Parameters
    ----------
    printed : mapping
        PDFs by the pages of which they were made, in their order.
    target : Path
        File to write.
    """
    writer, first = PdfWriter(), {}
    for page, file in printed.items():
        first[page.resolve()] = len(writer.pages)
        reader = PdfReader(file)
        writer.append(reader, import_outline=False)
        writer.add_outline_item(title=title_of(page), page_number=first[page.resolve()])
    for sheet in writer.pages:
        kept = [_within(link, writer, first) for link in _links(sheet)]
        if "/Annots" in sheet:
            sheet[NameObject("/Annots")] = ArrayObject(each for each in kept if each is not None)
    writer.add_metadata({"/Title": title_of(next(iter(printed))), "/Creator": "faceinv"})
    writer.compress_identical_objects()
    with target.open("wb") as stream:
        writer.write(stream)


def title_of(page: Path) -> str:
    """Heading of a page, without its markup and the sign of its link."""
    heading = re.search(r"<h1>(.*?)</h1>", page.read_text(encoding="utf-8"), re.DOTALL)
    text = re.sub(r'<a class="headerlink".*?</a>|<[^>]+>', "", heading[1] if heading else page.stem)
    return " ".join(unescape(text).split())


def _links(sheet: DictionaryObject) -> Sequence[DictionaryObject]:
    return [each.get_object() for each in sheet.get("/Annots", ())]


def _within(link: DictionaryObject, writer: PdfWriter, first: Mapping[Path, int]) -> DictionaryObject | None:
    """A link as it is in the PDF; None if it leads to a file that the PDF does not have."""
    action = link.get("/A", DictionaryObject()).get_object()
    address = urlsplit(str(action.get("/URI", "")))
    if address.scheme != "file":
        return link
    number = first.get(Path(unquote(address.path)).resolve())
    if number is None:
        return None
    del link["/A"]
    sheet = writer.pages[number].indirect_reference
    link[NameObject("/Dest")] = ArrayObject(
        [sheet, NameObject(Fit.fit_horizontally().fit_type), NumberObject(0)]
    )
    return link
