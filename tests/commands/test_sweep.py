from pathlib import Path

import pandas as pd
import pytest
from conftest import MakeBook, run_faceinv

from faceinv.book.parameters import Parameter
from faceinv.commands.sweep import Sweep, folder_name, join_tables, parse_sweep, with_parameters
from faceinv.errors import InputError

KNOWN = [
    Parameter("fill", "str", "'mean'", ""),
    Parameter("seeds", "int | None", "None", ""),
    Parameter("tasks", "list[str]", "['gender']", ""),
]

CODE = """
import os, pathlib
folder = pathlib.Path(os.environ["FACEINV_OUT"]) / "01_a"
folder.mkdir(parents=True, exist_ok=True)
(folder / "table.csv").write_text(f"fill,value\\n{fill},{len(fill) * seeds}\\n")
with pathlib.Path("log").open("a") as log:
    log.write(f"{fill} {seeds}\\n")
if fill == os.environ.get("FAIL"):
    raise RuntimeError("broken")
"""


def test_values_are_separated_by_commas_and_lists_by_semicolons() -> None:
    sweep = parse_sweep(KNOWN, {"fill": "mean, blur", "seeds": "3", "tasks": "gender;gender,identity"}, "04")
    assert sweep.values == {
        "fill": ["mean", "blur"],
        "seeds": [3],
        "tasks": [["gender"], ["gender", "identity"]],
    }
    assert sweep.swept == ["fill", "tasks"]
    assert [(each["fill"], len(each["tasks"]), each["seeds"]) for each in sweep.combinations()] == [
        ("mean", 1, 3),
        ("mean", 2, 3),
        ("blur", 1, 3),
        ("blur", 2, 3),
    ]
    assert parse_sweep(KNOWN, {"seeds": "none;3;3"}, "04").values == {"seeds": [None, 3]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tasks": "gender,identity"}, "no parameter has two values"),
        ({"fill": "mean"}, "no parameter has two values"),
        ({"full": "mean,blur"}, "04 has no parameter 'full'"),
        ({"seeds": "3,many"}, "seeds of 04 takes a value of type int"),
    ],
)
def test_what_is_no_sweep_is_one_sentence(given: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_sweep(KNOWN, given, "04")


def test_folders_differ_where_parameters_do() -> None:
    assert folder_name({}) == ""
    assert folder_name({"seeds": 5, "fill": "blur"}) == folder_name({"fill": "blur", "seeds": 5})
    assert folder_name({"fill": "blur", "seeds": 5}) == "fill=blur,seeds=5"
    assert folder_name({"tasks": ["gender", "identity"], "against": "softmax", "ratings": None}) == (
        "against=softmax,ratings=none,tasks=gender,identity"
    )
    paths = [folder_name({"data": path}) for path in ("/a/b", "/a b", "/a-b", "x" * 300, "x" * 301)]
    assert len(set(paths)) == 5
    assert all(len(path) <= 100 and "/" not in path and " " not in path for path in paths)


def test_parameters_become_the_first_columns() -> None:
    table = pd.DataFrame({"mask": ["a", "b"], "fill": ["blur", "blur"], "seeds": ["1", "2"]})
    found = with_parameters(table, {"fill": "blur", "seeds": "2"})
    assert list(found) == [
        "fill",
        "seeds (parameter)",
        "mask",
        "seeds",
    ]  # the table's own seeds differ by row
    assert set(found["seeds (parameter)"]) == {"2"}


def test_tables_are_joined_as_they_were_written(tmp_path: Path) -> None:
    sweep = Sweep({"fill": ["mean", "blur"], "seeds": [2]})
    folders = []
    for fill, number in (("mean", "0.10000000000000001"), ("blur", "")):
        folder = tmp_path / fill
        (folder / "04").mkdir(parents=True)
        (folder / "04" / "answers.csv").write_text(f"value\n{number}\n7\n")
        (folder / "04" / "answers.json").write_text(f'{{"fill": "{fill}"}}')
        folders.append(folder)
    (folders[1] / "04" / "more.csv").write_text("value\n1\n")  # which only one of the runs has
    written = join_tables("04", sweep, list(sweep.combinations()), folders, tmp_path / "joined")
    assert [path.name for path in written] == ["answers.csv", "more.csv"]
    assert written[0].read_text() == "fill,value\nmean,0.10000000000000001\nmean,7\nblur,\nblur,7\n"
    assert written[1].read_text() == "fill,value\nblur,1\n"
    assert '"fill": "blur"' in written[0].with_suffix(".json").read_text()


@pytest.mark.slow
def test_a_stopped_sweep_goes_on_and_nothing_is_overwritten(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = 'fill: str = "mean"  # what stands in\nseeds: int = 1  # networks'
    root = make_book({"01_a": CODE}, parameters=parameters)
    arguments = ("sweep", "01_a", "-p", "fill", "mean,blur", "-p", "seeds", "2,3")
    monkeypatch.setenv("FAIL", "blur")
    failed = run_faceinv(*arguments, cwd=root)
    assert failed.returncode == 1 and "01_a failed in cell" in failed.stderr
    assert (root / "log").read_text() == "mean 2\nmean 3\nblur 2\n"
    monkeypatch.delenv("FAIL")
    done = run_faceinv(*arguments, cwd=root)
    assert done.returncode == 0, done.stderr
    assert (root / "log").read_text() == "mean 2\nmean 3\nblur 2\nblur 2\nblur 3\n"
    table = root / "runs" / "fill=mean+blur,seeds=2+3" / "01_a" / "table.csv"
    assert str(table.relative_to(root)) in done.stdout
    assert table.read_text() == "fill,seeds,value\nmean,2,8\nmean,3,12\nblur,2,8\nblur,3,12\n"
    alone = run_faceinv("run", "01_a", "-p", "fill", "noise", cwd=root)
    assert alone.returncode == 0 and "runs/fill=noise/01_a/01_a.html" in alone.stdout
    assert (root / "runs" / "fill=mean,seeds=2" / "01_a" / "01_a.html").is_file()
