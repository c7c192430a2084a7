"""Wrinkles come with age, where faces fold, and not with gender."""

from dataclasses import replace

import numpy as np
import pytest

from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.surface import WRINKLES, grey_share, receded, wrinkle_depth
from faceinv.data.faces.uv_atlas import ROWS, load_atlas
from faceinv.data.faces.wrinkles import DEPTHS, grooves, wrinkle_shade


@pytest.fixture(scope="module")
def person():
    return draw_person(0, 2)


def test_every_kind_has_two_reliefs_and_a_depth():
    assert set(grooves(1)) == set(DEPTHS) == set(WRINKLES)
    for name, relief in grooves(1).items():
        assert relief.shape[:2] == (2, ROWS) and relief.min() < -0.5 and relief.max() > 0.1, name


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("forehead", (0.0, 0.033), (0.055, 0.068)),
        ("crow", (0.036, -0.025), (0.070, 0.020)),
        ("smile", (0.012, -0.080), (0.038, -0.032)),
        ("under_eye", (0.012, -0.027), (0.05, -0.004)),
    ],
)
def test_wrinkles_are_where_faces_fold(kind, low, high):
    where = (grooves(1)[kind] < -0.4).any(0)
    x, z = np.abs(load_atlas().position[where][:, 0]), load_atlas().position[where][:, 2]
    assert where.sum() > 20
    assert low[0] <= x.min() and x.max() <= high[0] and low[1] <= z.min() and z.max() <= high[1]


def test_wrinkles_deepen_with_age(person):
    depth = [
        -wrinkle_shade(replace(person, age=age), load_atlas().face, 1).min() for age in (20.0, 40.0, 70.0)
    ]
    assert depth[0] < 0.05 and depth[0] < depth[1] < depth[2] < 0.5


def test_dispositions_say_nothing_about_gender():
    people = [draw_person(4, i) for i in range(600)]
    male = np.array([p.gender == "male" for p in people])
    values = {
        "haemoglobin": [p.surface.haemoglobin for p in people],
        "grey": [grey_share(p.surface, p.age) for p in people],
        "receded": [receded(p.surface, p.age) for p in people],
        "crow": [wrinkle_depth(p.surface, "crow", p.age, p.melanin) for p in people],
        "spots": [p.surface.spots for p in people],
        "cut": [p.surface.cut for p in people],
        "age": [p.age for p in people],
    }
    for name, each in values.items():
        rank = np.argsort(np.argsort(np.array(each) + 1e-9 * np.arange(len(each)) % 7e-9))
        auc = (rank[male].mean() - (male.sum() - 1) / 2) / (~male).sum()
        assert 0.43 < auc < 0.57, name  # three standard errors about one half


def test_hair_turns_grey_and_recedes_with_age(person):
    surface = replace(person.surface, half_grey=50.0, half_receded=60.0)
    assert grey_share(surface, 20.0) < 0.01 and grey_share(surface, 50.0) == 0.5 < grey_share(surface, 70.0)
    assert receded(surface, 20.0) < 0.02 and receded(surface, 60.0) == 0.5
