"""What the explorer says of right answers, strangers and other maps, and what a reader takes along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from explored_site import CHOICE, IDLE, READY, settle, slide
from page_checks import Serve

BOTTOM = "() => document.querySelector('.fx').getBoundingClientRect().bottom + scrollY"


def choose_network(page: Any, place: int) -> dict[str, Any]:
    page.get_by_role("combobox", name="Network", exact=True).select_option(index=place)
    return settle(page)


def test_truth_stands_beside_the_answer(explored_page: Any, explored_site: Path) -> None:
    page = explored_page.page
    index = json.loads((explored_site / "_build" / "explorer" / "index.json").read_text())
    state = choose_network(page, 0)
    for image, truth in enumerate(index["faces"]["truths"]["gender"]):
        page.locator(f".fx-faces button[title='{index['faces']['labels'][image]}']").click()
        state = settle(page)
        assert page.locator(".fx-truth").inner_text() == f"Truth: {truth}"
        marks = [each.get_attribute("data-mark") for each in page.locator(".fx-answer").all()]
        answers = [max((0, 1), key=state[kind].__getitem__) for kind in ("probabilities", "kept")]
        assert marks == ["right" if ("female", "male")[a] == truth else "wrong" for a in answers]


def test_an_identity_network_offers_its_own_people_first(explored_page: Any) -> None:
    page = explored_page.page
    choose_network(page, 0)
    page.locator(".fx-faces button").first.click()
    choose_network(page, 1)  # which does not know this face
    assert page.locator(".fx-truth").inner_text().startswith("Truth: person")
    groups = page.locator(".fx-faces > *")
    assert groups.first.inner_text() == "Its own people"
    names = [each.get_attribute("aria-label") for each in page.locator(".fx-faces button").all()]
    known = [name.startswith("person") for name in names]
    assert known == sorted(known, reverse=True)
    assert page.locator(".fx-stranger").count() == known.count(False) > 0
    assert page.locator(".fx-answer li canvas").count() > 0  # people are shown, not only named
    page.locator(".fx-stranger").first.click()
    settle(page)
    assert page.locator(".fx-truth").inner_text().startswith("A stranger")
    assert page.locator("[data-mark]").count() == 0
    assert page.locator(".fx-faces [tabindex='0']").count() == 1


def test_each_network_explains_its_own_answer_unless_the_same_class_is_chosen(explored_page: Any) -> None:
    page = explored_page.page
    choose_network(page, 0)
    state = settle(page)
    lowest = min((0, 1), key=state["logits"].__getitem__)
    page.get_by_label("Explained class").select_option(str(lowest))
    page.get_by_role("combobox", name="Compare with").select_option(index=1)
    own = settle(page)
    assert own["target"] == lowest != own["otherTarget"]
    page.get_by_role("combobox", name="The other network explains").select_option("same")
    same = settle(page)
    assert same["target"] == same["otherTarget"] == lowest
    warning = page.locator(".fx-warning")
    assert warning.is_visible() == (same["logits"][lowest] < 0)  # then nothing speaks for the class
    page.get_by_role("combobox", name="Compare with").select_option(index=2)
    assert settle(page)["otherTarget"] is not None
    assert "does not have this class" in warning.inner_text()


def test_a_link_opens_what_was_shown(
    explored_page: Any, explored_site: Path, browser: Any, serve: Serve
) -> None:
    page = explored_page.page
    choose_network(page, 1)
    page.locator(".fx-faces button").nth(2).click()
    slide(page, ".fx-fraction", 0.45)
    slide(page, "[data-change=rotation]", 20)
    shown = settle(page)
    page.get_by_role("button", name="Copy a link").click()
    page.get_by_text("The link is").wait_for()
    _, _, link = page.url.partition("#")
    other = browser.new_page()
    other.goto(f"{serve(explored_site / '_build' / 'html')}/book/index.html#{link}")
    other.wait_for_function(READY)
    other.wait_for_function(IDLE)
    assert other.evaluate(f"() => {CHOICE}") == page.evaluate(f"() => {CHOICE}")
    assert settle(other)["heatmap"] == shown["heatmap"]
    other.close()


def test_the_share_moves_until_it_is_stopped(explored_page: Any) -> None:
    page = explored_page.page
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {CHOICE}.fraction > 0.4")
    page.get_by_role("button", name="Pause").click()
    settle(page)
    stopped = page.evaluate(f"{CHOICE}.fraction")
    page.wait_for_timeout(200)
    assert page.evaluate(f"{CHOICE}.fraction") == stopped


def test_the_picture_is_downloaded_and_regions_are_named(explored_page: Any) -> None:
    page = explored_page.page
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the picture").click()
    assert Path(download.value.path()).read_bytes()[1:4] == b"PNG"
    canvas = page.locator(".fx-view canvas").first
    box = canvas.bounding_box()
    canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    tip = page.locator(".fx-tip:visible")
    assert tip.inner_text().endswith("% of the relevance")
    canvas.hover(position={"x": 1, "y": 1})
    assert tip.inner_text().startswith(("background", "hair", "skin"))


def test_results_are_in_the_first_screen_and_stay_on_a_phone(explored_page: Any) -> None:
    page = explored_page.page
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.evaluate(BOTTOM) < 900
    order = ".fx-results, .fx-keep, .fx-faces, .fx-sliders, .fx-menus"
    tops = [each.bounding_box()["y"] for each in page.locator(order).all()[:5]]
    assert tops == sorted(tops)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".fx-rules").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 200)")
    page.wait_for_timeout(100)
    picture = page.locator(".fx-results canvas").first.bounding_box()
    assert 0 <= picture["y"] < 120
