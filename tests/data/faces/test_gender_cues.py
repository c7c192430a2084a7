"""Gender shows in faces, and not in what has nothing to do with them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from faceinv.data.faces.face_images import render
from faceinv.data.faces.face_set import FaceSet
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.surface import grey_share, receded

PEOPLE = 240
CHANCE = 0.5 + 3 * np.sqrt((PEOPLE + 1) / (3 * PEOPLE**2))
"""Three standard errors above chance, of the area under the curve of as many women as men."""


def area_under_curve(values, male):
    """Of a linear classifier, for people it was not trained on."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    scores = cross_val_predict(model, values, male, cv=10, method="decision_function")
    return roc_auc_score(male, scores)


def test_nothing_in_a_person_but_the_face_tells_gender():
    people = [draw_person(9, i) for i in range(PEOPLE)]
    male = np.array([p.gender == "male" for p in people])
    for name, values in {
        "pigments": [(p.melanin, p.surface.haemoglobin) for p in people],
        "age": [(p.age,) for p in people],
        "hair": [(*p.hair, p.surface.cut, grey_share(p.surface, p.age)) for p in people],
        "hairline": [(receded(p.surface, p.age),) for p in people],
        "wrinkles": [tuple(p.surface.wrinkles.values()) for p in people],
    }.items():
        assert area_under_curve(np.array(values), male) < CHANCE, name


@pytest.mark.slow
def test_gender_shows_in_pixels_and_not_in_their_mean():
    for colour in ("colour", "controlled"):
        seen = render(FaceSet(identities=PEOPLE, views=1, size=24, samples=4, seed=9, colour=colour))
        male = (seen.table["gender"] == "male").to_numpy()
        images = seen.images.astype(float)
        assert area_under_curve(images.mean((1, 2)), male) < CHANCE
        assert area_under_curve(images.mean((1, 2, 3))[:, None], male) < CHANCE
        table = seen.table
        for cues in (["x", "y", "scale"], ["light", "light_azimuth", "light_elevation"], ["age"], ["yaw"]):
            assert area_under_curve(table[cues].to_numpy(), male) < CHANCE, cues
        assert area_under_curve(images.mean(-1).reshape(PEOPLE, -1), male) > 0.7
