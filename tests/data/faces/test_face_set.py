"""A face set is a pure function of its record, balanced and controlled."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from faceinv.data.faces.face_images import finish_image, render, render_identities
from faceinv.data.faces.face_set import COLUMNS, FACE_SETS, FaceSet
from faceinv.data.rendering.colour import BACKGROUND, CONTRAST
from faceinv.errors import InputError

SMALL = FaceSet(identities=4, views=3, size=32, samples=4)


@pytest.fixture(scope="module")
def small():
    return render(SMALL)


@pytest.mark.slow
def test_slices_and_processes_give_the_same_bits(small):
    for other in (render_identities(SMALL, 2, 2), render(SMALL, processes=2).select(range(6, 12))):
        np.testing.assert_array_equal(other.images, small.images[6:])
        np.testing.assert_array_equal(other.regions, small.regions[6:])
        pd.testing.assert_frame_equal(other.table, small.table.iloc[6:].reset_index(drop=True))


def test_first_moves_along_the_same_population(small):
    later = render(replace(SMALL, identities=2, first=2))
    np.testing.assert_array_equal(later.images, small.images[6:])
    assert set(later.table["identity"]) == set(small.table["identity"].iloc[6:])


def test_the_table_describes_each_image(small):
    table = small.table
    assert table.groupby("identity")["view"].nunique().eq(3).all()
    people = table.drop_duplicates("identity")
    assert people["gender"].value_counts().to_dict() == {"female": 2, "male": 2}
    assert tuple(table.columns) == COLUMNS
    assert {"yaw", "pitch", "light_azimuth", "light_elevation", "expression"} <= set(COLUMNS)
    assert table["yaw"].abs().max() <= SMALL.max_yaw
    assert small.regions.shape == small.images.shape[:3]


def test_seeds_give_other_people(small):
    assert not np.array_equal(render(replace(SMALL, seed=1, identities=1)).images[0], small.images[0])


def test_controlled_faces_share_mean_and_contrast(small):
    grey = small.images.astype(float)
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    np.testing.assert_allclose(grey[..., 0].mean((1, 2)), BACKGROUND, atol=0.1)
    spreads = [image[mask].std() for image, mask in zip(grey[..., 0], small.regions > 0, strict=True)]
    np.testing.assert_allclose(spreads, CONTRAST, rtol=0.06)


def test_colour_and_grey_are_as_rendered():
    one = replace(SMALL, identities=2, views=1)
    colour, grey = (render(replace(one, colour=c)).images.astype(float) for c in ("colour", "grey"))
    assert np.ptp(colour, axis=-1).max() > 20 and np.ptp(grey, axis=-1).max() == 0
    assert abs(grey[0].mean() - grey[1].mean()) > 0.5
    assert (colour[:, 0, 0] == BACKGROUND).all()


def test_nothing_in_view_is_background():
    image = finish_image(np.zeros((8, 8, 1), np.float32), np.zeros((8, 8), np.float32), "controlled")
    assert (image == BACKGROUND).all()


def test_yaws_may_be_fixed():
    seen = render(
        replace(SMALL, identities=1, yaws=(-90.0, 0.0, 90.0), expression=False, light=False, jitter=0.0)
    )
    assert seen.table["yaw"].tolist() == [-90, 0, 90] and seen.table["pitch"].eq(0).all()
    assert seen.table["light_azimuth"].nunique() == 1 and seen.table["expression"].eq("neutral").all()
    assert seen.regions is not None
    masks = seen.regions > 0
    assert (masks[0] == masks[2][:, ::-1]).mean() > 0.98  # heads are symmetric


def test_hair_covers_the_head():
    from faceinv.data.faces.uv_atlas import LABEL

    bald, haired = (render(replace(SMALL, identities=1, hair=hair)) for hair in (False, True))
    assert bald.regions is not None and haired.regions is not None
    assert not (bald.regions == LABEL["hair"]).any() and (haired.regions == LABEL["hair"]).mean() > 0.03


def test_named_sets():
    turntable = FACE_SETS["turntable"]
    assert (turntable.identities, turntable.views) == (101, 15)
    assert turntable.yaws is not None
    assert turntable.yaws[0] == -105 and turntable.yaws[-1] == 105 and 0 in turntable.yaws
    assert len({hash(faces) for faces in FACE_SETS.values()}) == len(FACE_SETS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"identities": 0}, "identities of a face set is 0; expected at least 1"),
        ({"samples": 6}, "samples of a face set is 6; expected a square number"),
        ({"yaws": (0.0,)}, "3 views but 1 yaws"),
        ({"max_yaw": 120.0}, "max_yaw of a face set is 120.0"),
        ({"jitter": 0.5}, "jitter of a face set is 0.5"),
        ({"colour": "sepia"}, "colour of a face set is 'sepia'"),
    ],
)
def test_wrong_sets_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **wrong)


def test_wrong_slices_are_named():
    with pytest.raises(InputError, match="identities 3 to 5 of a face set were requested"):
        render_identities(SMALL, 3, 3)
