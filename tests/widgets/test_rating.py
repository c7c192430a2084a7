"""The widget that collects ratings, operated in a browser, and the table that it writes."""

from __future__ import annotations

import threading
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Show
from page_checks import contrast

from faceinv.errors import InputError
from faceinv.experiments.relevance.human_ratings import RATING_COLUMNS, by_participant, read_ratings
from faceinv.widgets import FaceRating
from faceinv.widgets.rating_table import RatingTable

IMAGES = np.random.default_rng(0).integers(256, size=(4, 20, 16, 3), dtype=np.uint8)
NAMES = ["0001/0", "0002/0", "0003/0", 'odd, "name"']
PAIRS = 6


def rating(file: Path, participant: str = "p1", **options: Any) -> FaceRating:
    return FaceRating(IMAGES, NAMES, participant, file, **options)


def shown_faces(page: Any) -> list[np.ndarray]:
    """The pixels of the two faces in the page (H x W x 3)."""
    found = page.evaluate(
        "[...document.querySelectorAll('.fx-pair canvas')].map(c => "
        "[c.height, c.width, Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)])"
    )
    return [np.array(data, np.uint8).reshape(height, width, 4)[..., :3] for height, width, data in found]


def waited(page: Any, count: str) -> None:
    page.get_by_text(count, exact=True).wait_for()


def test_ratings_are_read_back_as_they_were_given(show: Show, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    page = show(rating(file)).page
    given = {}
    for number, key in enumerate((1, 7, 4, 2, 6, 3), 1):
        pair = [
            int(np.argmin([np.abs(face - IMAGES[i].astype(int)).sum() for i in range(4)]))
            for face in (each.astype(int) for each in shown_faces(page))
        ]
        for face, i in zip(shown_faces(page), pair, strict=True):
            np.testing.assert_array_equal(face, IMAGES[i])
        given[frozenset(NAMES[i] for i in pair)] = key
        if number % 2:
            page.locator(".fx-rating").press(str(key))
        else:
            page.get_by_role("button", name=f"{key} of 7").click()
        waited(page, f"{number} of {PAIRS}")
        assert len(read_ratings(file)) == number  # before the next pair is rated
    assert page.get_by_text("All pairs are rated").is_visible()
    assert file.read_text().splitlines()[0] == ",".join(RATING_COLUMNS)
    table = read_ratings(file)
    found = {frozenset((row.image_a, row.image_b)): row.rating for row in table.itertuples()}
    assert found == given
    assert set(table["participant"]) == {"p1"}
    matrix = by_participant(table, NAMES)[0]
    assert np.isfinite(matrix[np.triu_indices(4, 1)]).all()


def test_the_last_rating_is_undone(show: Show, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    page = show(rating(file)).page
    undo = page.get_by_role("button", name="Undo the last")
    assert undo.is_disabled()
    first = shown_faces(page)
    page.locator(".fx-rating").press("5")
    waited(page, "1 of 6")
    page.locator(".fx-rating").press("Backspace")
    waited(page, "0 of 6")
    np.testing.assert_array_equal(shown_faces(page)[0], first[0])
    assert read_ratings(file).empty
    page.locator(".fx-rating").press("2")
    waited(page, "1 of 6")
    assert list(read_ratings(file)["rating"]) == [2]
    undo.click()
    waited(page, "0 of 6")
    page.keyboard.press("3")  # the button that had the focus is disabled; keys go on working
    waited(page, "1 of 6")


def test_a_participant_goes_on_where_they_stopped(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "ratings.csv"
    first = rating(file)
    order = []
    for key in (1, 2):
        order.append(first._pair)
        first._answer(None, {"pair": first._pair, "rating": key}, [])
    again = rating(file)
    assert (again.done, again.total) == (2, PAIRS)
    assert again._pair == first._pair
    again._answer(None, {"undo": True}, [])
    assert again._pair == order[1]
    assert again.ratings["rating"].tolist() == [1]


def test_others_ratings_stay(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    others = "comment,participant,image_a,image_b,rating\n" + '"a, b",p0,0001/0,0002/0,3.5\n,p1,x,y,2'
    file.write_text("\ufeff" + others, encoding="utf-8")  # as a spreadsheet saves it, without a last line end
    widget = rating(file)
    assert widget.done == 0  # the pair that p1 has rated is none of these
    widget._answer(None, {"undo": True}, [])
    widget._answer(None, {"pair": widget._pair, "rating": 7}, [])
    rating(file, "p2")._answer(None, {"undo": True}, [])
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == others.splitlines()
    assert len(lines) == 4
    assert lines[3].startswith(",p1,")


def test_many_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"

    def fill(participant: str) -> None:
        for a, b in combinations(NAMES, 2):
            RatingTable(file).add(participant, a, b, 4)

    people = [f"p{i}" for i in range(5)]
    threads = [threading.Thread(target=fill, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_ratings(file).groupby("participant").size().to_dict() == dict.fromkeys(people, PAIRS)


def test_a_pair_is_rated_once(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    one, other = rating(file), rating(file)  # two windows of one participant
    pair = one._pair
    one._answer(None, {"pair": pair, "rating": 1}, [])
    one._answer(None, {"pair": pair, "rating": 2}, [])  # a key that was pressed twice
    other._answer(None, {"pair": pair, "rating": 3}, [])
    assert read_ratings(file)["rating"].tolist() == [1]
    assert other._pair == one._pair


def test_orders_are_drawn_from_seed_and_participant(tmp_path: Path) -> None:
    orders = {
        (participant, seed): rating(tmp_path / "r.csv", participant, seed=seed)._order
        for participant in ("p1", "p2")
        for seed in (0, 1)
    }
    assert len({str(order) for order in orders.values()}) == 4
    for order in orders.values():
        assert sorted(tuple(sorted(pair)) for pair in order) == list(combinations(range(4), 2))
    assert rating(tmp_path / "r.csv", "p1", seed=1)._order == orders["p1", 1]


def test_another_participant_goes_on_with_theirs(show: Show, tmp_path: Path) -> None:
    widget = rating(tmp_path / "r.csv")
    notebook = show(widget)
    notebook.page.locator(".fx-rating").press("5")
    waited(notebook.page, "1 of 6")
    widget.participant = "p2"
    notebook.page.evaluate("messages => hear(messages)", notebook._told())
    waited(notebook.page, "0 of 6")
    notebook.page.locator(".fx-rating").press("6")
    waited(notebook.page, "1 of 6")
    assert widget.ratings["participant"].tolist() == ["p1", "p2"]


def test_a_rating_that_cannot_be_kept_is_told(show: Show, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    page = show(rating(file)).page
    file.write_text("no table\n")
    page.locator(".fx-rating").press("5")
    page.get_by_role("alert").get_by_text("lacks the column(s)").wait_for()
    assert file.read_text() == "no table\n"
    file.unlink()
    page.locator(".fx-rating").press("5")
    waited(page, "1 of 6")
    assert page.get_by_role("alert").inner_text() == ""


def test_a_finger_rates_on_a_phone(show: Show, tmp_path: Path) -> None:
    page = show(rating(tmp_path / "r.csv"), has_touch=True, viewport={"width": 360, "height": 700}).page
    page.get_by_role("button", name="6 of 7").tap()
    waited(page, "1 of 6")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.get_by_role("button", name="6 of 7").bounding_box()["height"] >= 44


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible(show: Show, tmp_path: Path, theme: str) -> None:
    page = show(rating(tmp_path / "r.csv"), theme=theme).page
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    inks = page.evaluate(
        "[...document.querySelectorAll('.fx :is(p, span, button:enabled)')]"
        ".map(e => getComputedStyle(e).color)"
    )
    for ink in set(inks):
        assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"names": NAMES[:3]}, "4 images and 3 different names"),
        ({"names": ["a", "a", "b", "c"]}, "4 images and 3 different names"),
        ({"images": IMAGES[:1], "names": ["a"]}, "at least two images"),
        ({"participant": "  "}, "the participant's name is empty"),
    ],
)
def test_what_cannot_be_rated_is_refused(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"images": IMAGES, "names": NAMES, "participant": "p", "file": tmp_path / "r.csv"}
    with pytest.raises(InputError, match=message):
        FaceRating(**(usual | given))


def test_a_file_that_is_no_table_of_ratings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"lacks the column\(s\)"):
        rating(tmp_path / "r.csv")
