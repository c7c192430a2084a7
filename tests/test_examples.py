"""Faces behind the points of a figure."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faceinv import examples, figures
from faceinv.data import Stimuli
from faceinv.data.faces import FaceSet
from faceinv.examples import Examples
from faceinv.explanation import Explanation
from faceinv.figures import point
from faceinv.models.cells import Cell
from faceinv.models.training import Recipe
from faceinv.tolerance import Tolerance, measure, seen
from faceinv.validation import Validation, held_out, masks_of, validate

CELL = Cell(
    FaceSet(identities=4, views=6, size=32, samples=1),
    "identity",
    0,
    (Recipe(exposures=64, batch=8),),
    "resnet18",
)


def flat(value: int, count: int = 1) -> np.ndarray:
    return np.full((count, 8, 8, 3), value, np.uint8)


def read(html: str) -> tuple[np.ndarray, dict[str, Any]]:
    """The sheet of a panel and what it says."""
    (encoded,) = re.findall(r"base64,([^\"]+)", html)
    (said,) = re.findall(r"<script[^>]*>(.*?)</script>", html, flags=re.DOTALL)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded)))), json.loads(said)


def test_a_panel_holds_every_image_once() -> None:
    both = np.concatenate([flat(200), flat(40)])
    html = examples.panel(
        {
            "a": Examples("two", both, ["x", "</script>"], np.array([True, False])),
            "b": Examples("one", flat(40), ["y"], np.array([False])),
        }
    )
    sheet, said = read(html)
    assert sheet.shape == (8, 16, 3)
    assert said["size"] == 8
    assert said["points"]["a"] == {
        "caption": "two",
        "tiles": [0, 1],
        "words": ["x", "</script>"],
        "wrong": [True, False],
    }
    (tile,) = said["points"]["b"]["tiles"]
    assert abs(int(sheet[4, tile * 8 + 4, 0]) - 40) < 6  # as far as compression goes


def test_more_images_than_fit_a_row_go_on_in_the_next() -> None:
    n = examples.COLUMNS + 1
    images = np.concatenate([flat(i * 8) for i in range(n)])
    sheet, said = read(examples.panel({"a": Examples("", images, [""] * n, np.zeros(n, bool))}))
    assert sheet.shape == (16, 8 * examples.COLUMNS, 3)
    assert said["points"]["a"]["tiles"] == list(range(n))
    assert abs(int(sheet[12, 4, 0]) - (n - 1) * 8) < 6


def test_nothing_behind_is_no_panel() -> None:
    assert examples.panel({}) == ""


def test_answers_of_the_first_network_stand_behind_their_group() -> None:
    table = pd.DataFrame({"identity": list("abcd"), "gender": ["female"] * 4, "view": list("0123")})
    test = Stimuli(np.concatenate([flat(i) for i in range(4)]), table)
    answers = pd.DataFrame(
        {
            "task": "gender",
            "seed": np.repeat([3, 5], 4),
            "turn": [10.0, 10, 20, 20] * 2,
            "label": "female",
            "answer": ["male", "female", "female", "female", *["male"] * 4],
        },
        index=[*range(4), *range(4)],
    )
    answers["correct"] = answers["label"] == answers["answer"]
    found = examples.answered(answers, ["task", "turn"], {"gender": test})
    assert set(found) == {point("gender", 10), point("gender", 20)}
    turned = found[point("gender", 10)]
    assert turned.images[:, 0, 0, 0].tolist() == [0, 1]
    assert turned.wrong.tolist() == [True, False]
    assert list(turned.words) == ["female, taken for male", "female"]
    assert "seed 3" in turned.caption and "1 is answered wrongly" in turned.caption
    assert not found[point("gender", 20)].wrong.any()
    assert "none is answered wrongly" in found[point("gender", 20)].caption
    (few,) = {
        len(each.images)
        for each in examples.answered(answers, ["task", "turn"], {"gender": test}, 1).values()
    }
    assert few == 1


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_masked_faces_are_what_the_network_read(cache: object) -> None:
    plan = Validation(Explanation(CELL), (0.0, 0.3, 1.0), "noise")
    answers = validate(plan)
    found = examples.masked([plan], answers, most=3)
    stimuli, masks = masks_of(plan, 0.3)
    assert len(found) == 3 * len(masks)
    places = np.linspace(0, len(stimuli) - 1, 3).round().astype(int)
    part = answers[(answers["mask"] == "random") & (answers["fraction"] == 0.3)]
    examined = found[point("identity", "random", 0.3)]
    assert np.array_equal(examined.wrong, ~part["correct"].to_numpy()[places])
    same = (examined.images == stimuli.images[places]).all(axis=3)
    assert 0.3 <= same.mean() < 0.4  # what is kept, and what the noise hits by chance
    whole = found[point("identity", "centre", 1.0)]
    assert np.array_equal(whole.images, held_out(plan.explanation).images[places])


def test_transformed_faces_stand_behind_every_row_of_the_figure(cache: object) -> None:
    plan = Tolerance(CELL, "position", levels=(0.0, 0.25), images=6)
    answers = measure(plan)
    others = {replace(plan, cell=replace(CELL, seed=7)): answers}  # what is shown is of the first network

    def lines(cell: Cell) -> list[tuple[str, str]]:
        return [("accuracy", cell.architecture), ("share", cell.architecture)]

    found = examples.transformed({plan: answers, **others}, lines, most=4)
    assert set(found) == {
        point(row, "position", "resnet18", level) for row in ("accuracy", "share") for level in (0, 0.25)
    }
    untouched = found[point("accuracy", "position", "resnet18", 0)]
    stimuli = seen(plan)
    places = np.linspace(0, len(stimuli) - 1, 4).round().astype(int)
    assert np.array_equal(untouched.images, stimuli.images[places])
    moved = found[point("share", "position", "resnet18", 0.25)]
    assert np.array_equal(moved.images[0][:, 8:], stimuli.images[0][:, :-8])  # the first moves right
    wrong = ~answers.query("level == 0.25").set_index("image")["correct"].loc[places]
    assert moved.wrong.tolist() == wrong.tolist()


def test_every_point_of_a_figure_of_curves_finds_its_faces(cache: object) -> None:
    plan = Validation(Explanation(CELL), (0.0, 0.5, 1.0))
    answers = validate(plan)
    table = answers.groupby(["task", "mask", "fraction"], as_index=False)["correct"].mean()
    table = table.rename(columns={"correct": "estimate"}).assign(low=0.0, high=1.0, seeds=1)
    figure = figures.curves(table, "fraction", "mask", "task")
    named = {name for trace in figure.data if trace.ids is not None for name in trace.ids}
    assert named == set(examples.masked([plan], answers))
