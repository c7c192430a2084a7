"""People differ, and gender shows without being everything."""

import numpy as np
import pytest

from faceinv.data.faces.identities import AGEING, AGES, DIMORPHISM, at_age, draw_person
from faceinv.data.faces.morphable_head import load_head


@pytest.fixture(scope="module")
def people():
    return [draw_person(3, i) for i in range(400)]


def test_genders_alternate(people):
    assert [p.gender for p in people[:4]] == ["female", "male", "female", "male"]


def test_the_same_person_comes_back(people):
    again = draw_person(3, 7)
    np.testing.assert_array_equal(again.local, people[7].local)
    assert again.traits == people[7].traits and again.moles == people[7].moles
    assert draw_person(4, 7).melanin != again.melanin


def test_gender_overlaps_in_masculinity(people):
    men = np.array([p.masculinity for p in people if p.gender == "male"])
    women = np.array([p.masculinity for p in people if p.gender == "female"])
    assert men.mean() - women.mean() > 1
    # some women look more masculine than a tenth of the men do, and the other way round
    assert women.max() > np.quantile(men, 0.1) and men.min() < np.quantile(women, 0.9)


@pytest.mark.parametrize("what", ["melanin", "age", "weight", "iris"])
def test_gender_does_not_tell(people, what):
    value = {
        "melanin": lambda p: p.melanin,
        "age": lambda p: p.age,
        "weight": lambda p: p.phenotype.weight,
        "iris": lambda p: p.iris.mean(),
    }[what]
    x = np.array([value(p) for p in people])
    male = np.array([p.gender == "male" for p in people])
    rank = x.argsort().argsort()
    auc = (rank[male].mean() - (male.sum() - 1) / 2) / (~male).sum()
    assert 0.42 < auc < 0.58  # three standard errors about one half


def test_ages_are_those_of_adults_and_uniform(people):
    ages = np.array([p.age for p in people])
    assert ages.min() >= 18 and ages.max() <= 70
    quarters = np.histogram(ages, 4, AGES)[0]
    assert quarters == pytest.approx([100] * 4, abs=30)  # more than three standard errors of 8.7


@pytest.mark.parametrize("what", ["melanin", "weight", "masculinity", "mottling", "volume"])
def test_age_does_not_tell(people, what):
    value = {
        "melanin": lambda p: p.melanin,
        "weight": lambda p: p.phenotype.weight,
        "masculinity": lambda p: p.masculinity,
    }.get(what, lambda p: p.traits[what])
    assert abs(np.corrcoef([p.age for p in people], [value(p) for p in people])[0, 1]) < 0.15


def test_a_person_ages_and_stays_the_same(people):
    person = people[8]
    old, young = at_age(person, 70.0), at_age(person, 18.0)
    assert old.age == 70 and old.phenotype.age == 1 and young.phenotype.age < person.phenotype.age
    names = load_head().local_names
    changed = {name for name, a, b in zip(names, old.local, young.local, strict=True) if a != b}
    assert changed == set(AGEING)
    for name, amount in AGEING.items():
        at = names.index(name)
        assert old.local[at] - young.local[at] == pytest.approx(amount)
    back = at_age(old, person.age)
    np.testing.assert_allclose(back.local, person.local, atol=1e-12)
    assert back.traits is person.traits and back.melanin == person.melanin


def test_old_skin_sags(people):
    head = load_head()
    person = people[8]
    shapes = [head.stand(head.shape(p.phenotype, p.local)) for p in (at_age(person, 18), at_age(person, 70))]
    x, y, z = shapes[0].T
    jowl = (np.abs(np.abs(x) - 0.045) < 0.01) & (y < 0.03) & (z < -0.06) & (z > -0.1)
    assert (shapes[1] - shapes[0])[jowl, 2].mean() < -0.001


def test_gender_tells_by_every_dimorphic_change():
    names = load_head().local_names
    assert set(DIMORPHISM) <= set(names)


def test_no_beard_on_a_feminine_face(people):
    assert all(p.traits["beard"] == 0 for p in people if p.masculinity < -0.5)
    assert np.mean([p.traits["beard"] > 0 for p in people if p.gender == "male"]) > 0.6
