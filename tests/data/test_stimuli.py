import numpy as np
import pandas as pd
import pytest

from faceinv.data.stimuli import Stimuli
from faceinv.data.tasks import split
from faceinv.errors import InputError


def make_stimuli(people: int = 12, views: int = 8, size: int = 6) -> Stimuli:
    rows = [
        (f"p{i:02d}", "female" if i % 2 else "male", str(view))
        for i in range(people)
        for view in range(views)
    ]
    rng = np.random.default_rng(0)
    return Stimuli(
        rng.integers(0, 256, (len(rows), size, size, 3), np.uint8),
        pd.DataFrame(rows, columns=["identity", "gender", "view"]),
        rng.integers(0, 12, (len(rows), size, size), np.uint8),
    )


def keys(stimuli: Stimuli) -> set[tuple[str, str]]:
    return set(zip(stimuli.table["identity"], stimuli.table["view"], strict=True))


@pytest.mark.parametrize("task", ["gender", "identity"])
def test_parts_are_disjoint_and_complete(task: str) -> None:
    stimuli = make_stimuli()
    parts = split(stimuli, task)
    named = [keys(part) for part in (parts.train, parts.validation, parts.test)]
    assert set.union(*named) == keys(stimuli)
    assert sum(map(len, named)) == len(stimuli)
    assert all(
        part.classes(task) == stimuli.classes(task) for part in (parts.train, parts.validation, parts.test)
    )


def test_gender_is_tested_on_unseen_people_and_identity_on_unseen_views() -> None:
    stimuli = make_stimuli()
    gender = split(stimuli, "gender")
    assert not set(gender.train.table["identity"]) & set(gender.test.table["identity"])
    assert not set(gender.validation.table["identity"]) & set(gender.test.table["identity"])
    identity = split(stimuli, "identity")
    assert set(identity.train.table["identity"]) == set(identity.test.table["identity"])
    assert not keys(identity.train) & keys(identity.test)


def test_genders_are_dealt_in_equal_shares() -> None:
    parts = split(make_stimuli(people=40), "gender")
    counts = parts.test.table.drop_duplicates("identity")["gender"].value_counts()
    assert counts["female"] == counts["male"] == 5


def test_a_split_follows_from_its_seed() -> None:
    stimuli = make_stimuli()
    assert keys(split(stimuli, "gender", seed=3).test) == keys(split(stimuli, "gender", seed=3).test)
    assert keys(split(stimuli, "gender", seed=3).test) != keys(split(stimuli, "gender", seed=4).test)


def test_select_keeps_images_table_and_regions_together() -> None:
    stimuli = make_stimuli()
    chosen = stimuli.select([5, 2])
    assert chosen.regions is not None and stimuli.regions is not None
    assert np.array_equal(chosen.images, stimuli.images[[5, 2]])
    assert np.array_equal(chosen.regions, stimuli.regions[[5, 2]])
    assert list(chosen.table["view"]) == list(stimuli.table["view"].iloc[[5, 2]])
    assert list(chosen.table.index) == [0, 1]
    women = stimuli.select((stimuli.table["gender"] == "female").to_numpy())
    assert set(women.table["gender"]) == {"female"} and len(women) == len(stimuli) // 2


def test_a_part_is_spread_evenly_over_the_whole() -> None:
    stimuli = make_stimuli()
    chosen = stimuli.evenly(3)
    assert len(chosen) == 3
    assert np.array_equal(chosen.images[[0, 2]], stimuli.images[[0, -1]])  # from the first to the last
    assert np.array_equal(stimuli.evenly(10_000).images, stimuli.images)


def test_labels_index_the_classes() -> None:
    stimuli = make_stimuli()
    labels = stimuli.labels("identity")
    assert [stimuli.classes("identity")[i] for i in labels] == list(stimuli.table["identity"])
    with pytest.raises(InputError, match="not among"):
        stimuli.labels("identity", ["p00", "p01"])


def test_an_identity_with_too_few_images_is_named() -> None:
    stimuli = make_stimuli()
    rows = np.flatnonzero((stimuli.table["identity"] != "p03") | (stimuli.table["view"] == "0"))
    with pytest.raises(InputError, match="'p03' has 1 images"):
        split(stimuli.select(rows), "identity")


def test_gender_needs_both_genders() -> None:
    stimuli = make_stimuli()
    women = stimuli.select((stimuli.table["gender"] == "female").to_numpy())
    with pytest.raises(InputError, match="people who are male"):
        split(women, "gender")


@pytest.mark.parametrize("change", ["float", "rows", "column", "regions"])
def test_parts_that_do_not_fit_are_refused(change: str) -> None:
    stimuli = make_stimuli()
    images, table, regions = stimuli.images, stimuli.table, stimuli.regions
    if change == "float":
        images = images / 255
    if change == "rows":
        table = table.iloc[1:]
    if change == "column":
        table = table.drop(columns="view")
    if change == "regions":
        assert regions is not None
        regions = regions[:, 1:]
    with pytest.raises(InputError):
        Stimuli(images, table, regions)
