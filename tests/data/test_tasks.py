from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import held_out_by, split
from faceinv.errors import InputError


def labelled(people: int = 12, views: int = 6, **columns: list) -> Stimuli:
    """Stimuli with the given columns beside identity and view, one value an image."""
    table = pd.DataFrame(
        {
            "identity": [f"p{i:02d}" for i in range(people) for _ in range(views)],
            "view": [str(view) for _ in range(people) for view in range(views)],
            **columns,
        }
    )
    return Stimuli(np.zeros((len(table), 4, 4, 3), np.uint8), table, name="made")


def smiling() -> Stimuli:
    """Twelve people who smile in every second view, in three age groups."""
    return labelled(
        smile=["yes" if view % 2 else "no" for _ in range(12) for view in range(6)],
        age=[(20, 5, 100)[i % 3] for i in range(12) for _ in range(6)],
    )


def people_of(stimuli: Stimuli) -> set[str]:
    return set(stimuli.table["identity"])


def test_the_splits_of_gender_and_identity_are_those_of_old() -> None:
    """Which images of six people are held out was written down before any column could be a task."""
    stimuli = labelled(6, 4, gender=["female"] * 12 + ["male"] * 12)
    assert sorted(people_of(split(stimuli, "gender").test)) == OLD_PEOPLE
    test = split(stimuli, "identity").test.table
    assert list(zip(test["identity"], test["view"], strict=True)) == OLD_VIEWS


OLD_PEOPLE = ["p00", "p03"]
OLD_VIEWS = [(f"p{i:02d}", view) for i, view in enumerate("011320")]


def test_a_label_that_varies_within_people_is_tested_on_people_never_seen() -> None:
    parts = split(smiling(), "smile")
    groups = [people_of(part) for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 12
    assert all(part.classes("smile") == ("no", "yes") for part in (parts.train, parts.validation, parts.test))


def test_each_class_is_in_each_part_though_few_people_show_it() -> None:
    """Three of thirty people frown, once: a deal that ignores that would seldom put one into each part."""
    frowns = ["frown" if person < 3 and view == 0 else "none" for person in range(30) for view in range(2)]
    parts = split(labelled(30, 2, face=frowns), "face")
    for part in (parts.train, parts.validation, parts.test):
        assert (part.names("face") == "frown").sum() == 1


def test_views_are_held_out_where_that_is_asked_for_or_said_by_the_set() -> None:
    stimuli = smiling()
    by_parameter = split(stimuli, "smile", held_out="view")
    assert people_of(by_parameter.test) & people_of(by_parameter.train)
    assert by_parameter.test.names("smile").tolist().count("yes") == 9  # a quarter of 36
    said = replace(stimuli, held_out={"smile": "view"})
    assert split(said, "smile").test.table.equals(by_parameter.test.table)
    assert held_out_by(said, "smile") == "view" and held_out_by(said, "smile", "identity") == "identity"
    assert held_out_by(said, "age") == "identity" and held_out_by(said, "identity") == "view"
    for choice, message in (("people", "holds out 'people'"), ("identity", "not seen in training")):
        with pytest.raises(InputError, match=message):
            split(stimuli, "identity", held_out=choice)  # type: ignore[arg-type]


def test_tasks_are_dealt_independently_of_one_another() -> None:
    stimuli = labelled(a=["x", "y"] * 36, b=["x", "y"] * 36)
    assert not split(stimuli, "a").test.table.equals(split(stimuli, "b").test.table)


def test_numbers_are_classes_in_their_order() -> None:
    stimuli = smiling()
    assert stimuli.classes("age") == ("5", "20", "100")
    assert stimuli.labels("age")[[0, 6, 12]].tolist() == [1, 0, 2]
    halves = labelled(2, 2, dose=[0.5, 2.0, 10.0, np.nan])
    assert halves.names("dose").tolist() == ["0.5", "2", "10", ""]
    words = labelled(3, 1, room=["10", "9", "1"])
    assert words.classes("room") == ("1", "10", "9")  # text is sorted as text


def test_the_view_of_a_rendered_face_is_the_side_that_it_looks_to() -> None:
    stimuli = labelled(1, 5, yaw=[-30.0, -10.0, 0.0, 10.5, 44.0])
    assert stimuli.names("view").tolist() == ["left", "frontal", "frontal", "right", "right"]
    assert stimuli.classes("view") == ("frontal", "left", "right")
    assert labelled(1, 2).classes("view") == ("0", "1")


@pytest.mark.parametrize(
    ("columns", "task", "message"),
    [
        ({}, "smiling", "task is 'smiling', which is no column .*expected one of identity, view"),
        ({}, "gender", "task is 'gender', which is no column"),
        ({"smile": ["yes"] * 72}, "smile", "smile of 'made' holds only 'yes'; expected at least two"),
        ({"smile": ["yes", "no", ""] * 24}, "smile", "empty for 24 of 72 images"),
        ({"yaw": np.arange(72.0)}, "yaw", "class '0' of yaw in 'made' is shown by 1 identities"),
        ({"club": ["a"] * 12 + ["b"] * 60}, "club", "club 'a' has 2 identities"),
    ],
)
def test_a_task_that_cannot_be_tested_is_one_sentence(columns: dict, task: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split(labelled(**columns), task)


def test_too_few_people_for_the_classes_is_one_sentence() -> None:
    """Three people show two classes each, of three that all must be in each part."""
    stimuli = labelled(9, 1, face=list("aaabbbccc"))
    assert split(stimuli, "face").test.classes("face") == ("a", "b", "c")
    pairs = labelled(5, 2, face=list("abbccaabbc"))
    with pytest.raises(InputError, match=r"too few identities \(5\) for each of its 3 classes"):
        split(pairs, "face")
