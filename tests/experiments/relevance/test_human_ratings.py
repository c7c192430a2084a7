from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, spearmanr

from faceinv.data.stimuli import Stimuli
from faceinv.errors import InputError
from faceinv.experiments.relevance.human_ratings import (
    by_participant,
    noise_ceiling,
    read_ratings,
    similarity_reference,
)

NAMES = ("p/0", "q/0", "r/0", "s/0")
ROWS: list[tuple[str, str, float]] = [
    ("p/0", "q/0", 5),
    ("q/0", "r/0", 3),
    ("r/0", "p/0", 1),
    ("s/0", "p/0", 2),
]


def table(rows: list[tuple[str, str, float]] = ROWS, people: str = "ab") -> pd.DataFrame:
    return pd.DataFrame(
        [(*row, person) for person in people for row in rows],
        columns=["image_a", "image_b", "rating", "participant"],
    )


def test_ratings_become_symmetric_matrices(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "ratings.csv", index=False)
    found = by_participant(read_ratings(tmp_path / "ratings.csv"), NAMES)
    assert found.shape == (2, 4, 4)
    assert found[0, 0, 2] == found[0, 2, 0] == 1 and found[1, 0, 1] == 5
    assert np.isnan(found[0, 1, 3]) and np.isnan(found[0, 0, 0])


def test_a_pair_rated_twice_counts_with_the_mean() -> None:
    assert by_participant(table([*ROWS, ("q/0", "p/0", 4)]), NAMES)[0, 0, 1] == 4.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="rating"), "lacks the column.* rating"),
        (lambda t: t.assign(rating="high"), "row 1 .* 'high'"),
        (lambda t: t.assign(image_b=t["image_a"]), "with itself"),
    ],
)
def test_wrong_tables_are_told(tmp_path: Path, change: object, message: str) -> None:
    change(table()).to_csv(tmp_path / "ratings.csv", index=False)  # type: ignore[operator]
    with pytest.raises(InputError, match=message):
        read_ratings(tmp_path / "ratings.csv")


def test_a_missing_or_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table of ratings"):
        read_ratings(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="comma-separated"):
        read_ratings(tmp_path / "empty.csv")


def test_ratings_of_other_faces_and_too_few_are_told() -> None:
    with pytest.raises(InputError, match="none of the 2 faces"):
        by_participant(table(), ("x/0", "y/0"))
    with pytest.raises(InputError, match="'a' rated 2 pair"):
        by_participant(table(ROWS[:2]), NAMES)


def test_noise_ceiling_written_out() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=15)
    ratings = truth + rng.normal(size=(4, 15))
    a, b = np.triu_indices(6, 1)
    matrices = np.full((4, 6, 6), np.nan)
    matrices[:, a, b] = matrices[:, b, a] = ratings
    ranks = np.stack([rankdata(row) for row in ratings])
    upper = np.mean([spearmanr(row, ranks.mean(0)).statistic for row in ranks])
    lower = np.mean([spearmanr(ranks[i], ranks[np.arange(4) != i].mean(0)).statistic for i in range(4)])
    assert noise_ceiling(matrices) == pytest.approx((lower, upper))
    assert lower < upper


def test_people_who_agree_have_a_ceiling_of_one() -> None:
    matrices = by_participant(table(people="abc"), NAMES)
    assert noise_ceiling(matrices) == pytest.approx((1, 1))
    with pytest.raises(InputError, match="two participants"):
        noise_ceiling(matrices[:1])


def test_without_ratings_the_judge_is_a_model_and_says_so(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    people = pd.DataFrame({"identity": list("pqrs"), "gender": "female", "view": "0"})
    faces = Stimuli(images, people)
    model = similarity_reference(faces)
    assert not model.human and "model" in model.name and model.matrices.shape == (1, 4, 4)
    table().to_csv(tmp_path / "ratings.csv", index=False)
    real = similarity_reference(faces, tmp_path / "ratings.csv")
    assert real.human and real.name == "ratings of 2 people"
