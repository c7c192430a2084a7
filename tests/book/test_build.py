"""Chapters are executed when something that they depend on changed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import REPOSITORY, MakeBook, run_faceinv, write_chapter, write_toc

from faceinv.book import build
from faceinv.book.chapters import list_chapters
from faceinv.book.forecast import Forecast
from faceinv.errors import InputError, RunError
from faceinv.runtime import fingerprints

pytestmark = pytest.mark.usefixtures("fixed_package")

WRITE_TABLE = """
import os, pathlib
folder = pathlib.Path(os.environ["FACEINV_OUT"]) / "{name}"
folder.mkdir(parents=True, exist_ok=True)
(folder / "table.csv").write_text(f"profile\\n{{profile}}\\n")
"""


def two_chapters(make_book: MakeBook) -> Path:
    return make_book({name: WRITE_TABLE.format(name=name) for name in ("01_a", "02_b")})


@pytest.mark.slow
def test_what_did_not_change_is_not_executed_again(make_book: MakeBook) -> None:
    root = two_chapters(make_book)
    assert build.execute_chapters(root, "smoke") == ["01_a", "02_b"]
    assert (root / "book/chapters/01_a/table.csv").read_text() == "profile\nsmoke\n"
    assert build.execute_chapters(root, "smoke") == []
    write_chapter(root / "notebooks/02_b.ipynb", WRITE_TABLE.format(name="02_b") + "print('new')")
    assert build.execute_chapters(root, "smoke") == ["02_b"]


@pytest.mark.slow
def test_the_longest_chapter_is_begun_first(make_book: MakeBook, capfd: pytest.CaptureFixture[str]) -> None:
    root = make_book({"01_a": "", "02_b": "", "03_c": ""})
    for name, seconds in (("01_a", 5), ("02_b", 50)):
        shipped = root / build.SHIPPED / f"{name}.stamp.json"
        shipped.parent.mkdir(parents=True, exist_ok=True)
        shipped.write_text(json.dumps({"from": {}, "wrote": {}, "seconds": seconds}))
    assert build.execute_chapters(root) == ["01_a", "02_b", "03_c"]
    begun = re.findall(r"^(\w+): executing", capfd.readouterr().out, flags=re.MULTILINE)
    assert begun == ["03_c", "02_b", "01_a"]  # of one that is not known the worst is feared


@pytest.mark.slow
def test_a_build_says_what_it_is_about_to_do_and_how_much_is_left(
    make_book: MakeBook, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def forecast() -> Forecast:
        asked.append("forecast")
        return Forecast("plan: two chapters", {"01_a": 10, "02_b": 10})

    root = make_book({"01_a": "import faceinv.experiments", "02_b": "import faceinv.experiments"})
    build.execute_chapters(root, forecast=forecast)
    said = capfd.readouterr().out
    assert said.index("plan: two chapters") < said.index("executed in")
    assert re.search(r"executed in \d+ s, about \d+ s left\n", said)
    assert said.count("left") == 1  # after the last there is nothing left
    build.execute_chapters(root, forecast=forecast)
    assert asked == ["forecast"]  # nothing changed, so that nothing is to be said


@pytest.mark.slow
@pytest.mark.parametrize("change", ["package", "parameters", "table", "executed", "stamp", "broken stamp"])
def test_each_change_has_the_chapter_executed_again(
    make_book: MakeBook, fixed_package: Path, change: str
) -> None:
    root = make_book({"01_a": WRITE_TABLE.format(name="01_a")})
    build.execute_chapters(root, "smoke")
    folder = root / "book" / "chapters"
    match change:
        case "package":
            fixed_package.write_text("VALUE = 2\n")
        case "table":
            (folder / "01_a" / "table.csv").write_text("profile\nsomething else\n")
        case "executed":
            (folder / "01_a.ipynb").unlink()
        case "stamp":
            (folder / "01_a.stamp.json").unlink()
        case "broken stamp":
            (folder / "01_a.stamp.json").write_text('{"from": ')
    profile = "quick" if change == "parameters" else "smoke"
    assert build.execute_chapters(root, profile) == ["01_a"]
    assert (folder / "01_a/table.csv").read_text() == f"profile\n{profile}\n"
    assert build.execute_chapters(root, profile) == []


@pytest.mark.slow
def test_a_chapter_follows_one_whose_table_it_reads(make_book: MakeBook) -> None:
    first = WRITE_TABLE.format(name="01_a")
    read = "import os\nprint(open(os.environ['FACEINV_OUT'] + '/01_a/table.csv').read())"
    root = make_book({"01_a": first, "02_b": read, "03_c": "1"})
    build.execute_chapters(root)
    write_chapter(root / "notebooks/01_a.ipynb", first.replace("profile\\n", "renamed\\n"))
    assert build.execute_chapters(root) == ["01_a", "02_b"]
    assert "renamed" in (root / "book/chapters/02_b.ipynb").read_text()


@pytest.mark.slow
def test_a_failed_chapter_stops_the_build_and_leaves_nothing_old(make_book: MakeBook) -> None:
    root = two_chapters(make_book)
    index = build.build_book(root)
    page = root / "_build/html/book/chapters/01_a.html"
    assert index.is_file()
    assert page.is_file()
    write_chapter(
        root / "notebooks/01_a.ipynb", WRITE_TABLE.format(name="01_a") + "\nraise ValueError('no good')"
    )
    with pytest.raises(RunError, match=r"01_a failed in cell 3 of 3"):
        build.build_book(root)
    assert not page.exists()
    assert sorted(path.name for path in (root / "book/chapters").iterdir()) == [
        "02_b",
        "02_b.ipynb",
        "02_b.stamp.json",
    ]
    write_chapter(root / "notebooks/01_a.ipynb", WRITE_TABLE.format(name="01_a"))
    assert build.execute_chapters(root) == ["01_a"]
    build.build_pages(root)
    assert page.is_file()


@pytest.mark.slow
def test_wrong_input_inside_a_chapter_leaves_nothing_old_either(make_book: MakeBook) -> None:
    code = "from faceinv.errors import InputError\nif profile == 'full': raise InputError('too large')"
    root = make_book({"01_a": code})
    build.execute_chapters(root, "smoke")
    with pytest.raises(InputError, match=r"^too large$"):
        build.execute_chapters(root, "full")
    assert not list((root / "book/chapters").iterdir())


@pytest.mark.slow
def test_a_killed_build_continues(make_book: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "# after 01_a\nimport pathlib, time\npathlib.Path('began').touch()\ntime.sleep(600)"
    root = make_book({"01_a": WRITE_TABLE.format(name="01_a"), "02_b": slow})
    command = [
        sys.executable,
        "-c",
        "from faceinv.book import build; from pathlib import Path\n"
        "build.source_fingerprint = lambda *_, subfolders: ''; build.execute_chapters(Path('.').resolve())",
    ]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (root / "began").exists():
        assert process.poll() is None, "the build ended before the second chapter began"
        assert time.monotonic() < deadline, "the second chapter did not begin"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    write_chapter(root / "notebooks/02_b.ipynb", "# after 01_a\n" + WRITE_TABLE.format(name="02_b"))
    monkeypatch.setattr(build, "source_fingerprint", lambda *_, subfolders: "")
    assert build.execute_chapters(root) == ["02_b"]
    assert sorted(path.name for path in (root / "book/chapters").iterdir()) == [
        "01_a",
        "01_a.ipynb",
        "01_a.stamp.json",
        "02_b",
        "02_b.ipynb",
        "02_b.stamp.json",
    ]


@pytest.mark.slow
def test_outputs_of_a_chapter_that_left_are_removed_and_other_files_stay(make_book: MakeBook) -> None:
    root = two_chapters(make_book)
    build.execute_chapters(root)
    write_toc(root, ["02_b"])
    (root / "book/chapters/stray.txt").touch()
    build.execute_chapters(root)
    assert sorted(path.name for path in (root / "book/chapters").iterdir()) == [
        "02_b",
        "02_b.ipynb",
        "02_b.stamp.json",
        "stray.txt",
    ]


@pytest.mark.slow
def test_a_warning_fails_the_build_until_it_is_mended(
    make_book: MakeBook, capfd: pytest.CaptureFixture[str]
) -> None:
    root = make_book({"01_a": "1"}, text="See {numref}`nowhere`.")
    for _ in range(2):  # Sphinx alone would pass the second time
        with pytest.raises(RunError, match="building the pages gave errors or warnings"):
            build.build_book(root)
        assert "nowhere" in capfd.readouterr().err
    write_chapter(root / "notebooks/01_a.ipynb", "1", "Mended.")
    assert build.build_book(root).is_file()


@pytest.mark.slow
def test_a_profile_goes_only_to_chapters_that_have_it(make_book: MakeBook) -> None:
    root = make_book({"01_a": "print(size)"}, parameters="size: int = 3  # pixels")
    assert build.execute_chapters(root, "smoke") == ["01_a"]


IMPORTS = """
import json
import numpy as np
from faceinv.figures import charts, style
from faceinv.experiments.profiles import profile as sizes_of
def later():
    from faceinv.models import weights
"""


def test_a_chapter_depends_on_the_modules_that_it_imports(make_book: MakeBook) -> None:
    (chapter,) = list_chapters(make_book({"01_a": IMPORTS}))
    assert build.modules_imported(chapter) == {
        "json",
        "numpy",
        "faceinv.figures.charts",
        "faceinv.figures.style",
        "faceinv.experiments.profiles",
        "faceinv.models.weights",
    }
    found = build.hash_imports(chapter)["versions"]
    assert {"python", "machine", "numpy", "plotly", "torch"} <= set(found) and "json" not in found


def test_a_chapter_that_is_not_plain_python_depends_on_the_whole_package(make_book: MakeBook) -> None:
    (chapter,) = list_chapters(make_book({"01_a": "%time 1"}))
    assert build.modules_imported(chapter) == {"faceinv"}


def test_chapters_of_the_book_depend_on_what_they_show_alone() -> None:
    upstream = {
        chapter.name: fingerprints.upstream(*build.modules_imported(chapter))
        for chapter in list_chapters(REPOSITORY)
    }
    relevance, invariance = (f"faceinv.experiments.{study}" for study in ("relevance", "invariance"))
    for name, modules in upstream.items():
        assert {
            "faceinv.figures.charts",
            "faceinv.reporting.tables",
            "faceinv.data.faces.face_set",
        } <= modules
        # not on what executes chapters and what makes pages and widgets of them
        assert not any(
            module.startswith(("faceinv.cli", "faceinv.widgets", "faceinv.book."))
            for module in modules - {"faceinv.book.paths"}
        ), name
    assert f"{relevance}.generalization" in upstream["05_generalization"]
    assert not any(module.startswith(invariance) for module in upstream["05_generalization"])
    assert f"{invariance}.tolerance" in upstream["08_transformations"]
    assert not any(module.startswith(relevance) for module in upstream["08_transformations"])


def test_chapters_depend_on_the_weights_that_ship_but_not_on_the_looks_of_pages() -> None:
    chapters = list_chapters(REPOSITORY)
    files = {
        path.relative_to(fingerprints.PACKAGE).as_posix()
        for chapter in chapters
        for path in fingerprints.data_files(*build.modules_imported(chapter), subfolders=True)
    }
    assert {"data/faces/head.npz", "models/bases/faces-vgg16_bn-0.safetensors"} <= files
    looks = {name for name in files if name.endswith((".js", ".css"))}
    assert looks <= {"reporting/verdict_cards.css"}  # cards of verdicts carry their style in the chapter


def test_all_chapters_execute(smoke_book: Path) -> None:
    chapters = list_chapters(smoke_book)
    assert len(chapters) >= 4
    for chapter in chapters:
        notebook = nbformat.read(smoke_book / "book/chapters" / f"{chapter.name}.ipynb", as_version=4)
        assert notebook.metadata.papermill.parameters == {"profile": "smoke"}
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert outputs
        assert not [output for output in outputs if output["output_type"] == "error"]
        tables = list((smoke_book / "book/chapters" / chapter.name).glob("*.csv"))
        assert tables, f"{chapter.name} wrote no table"
        for table in tables:
            assert json.loads(table.with_suffix(".json").read_text())["parameters"]["profile"] == "smoke"


def test_the_warm_book_executes_nothing(smoke_book: Path) -> None:
    done = run_faceinv("book", "--profile", "smoke", cwd=smoke_book)
    assert done.returncode == 0, done.stderr
    assert "the pages are unchanged" in done.stdout
    unchanged = [line for line in done.stdout.splitlines() if line.endswith(": unchanged")]
    # Chapters are looked at in the order in which they would be executed, the longest first.
    assert sorted(unchanged) == [f"{chapter.name}: unchanged" for chapter in list_chapters(smoke_book)]
