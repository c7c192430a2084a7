"""The atlas knows what is where on the skin."""

import numpy as np

from faceinv.data.faces.uv_atlas import COLUMNS, LABEL, ROWS, load_atlas, ramp, sample


def test_sampling_a_linear_field_gives_it_back():
    place = np.array([[0.1, 0.1], [0.9, 0.2], [0.8, 0.9], [0.2, 0.8]])
    got = sample(place, np.array([[0, 1, 2], [0, 2, 3]]), place @ [[3.0], [-2.0]])
    row, column = 150, 220
    expected = 3 * (column + 0.5) / COLUMNS - 2 * (row + 0.5) / ROWS
    np.testing.assert_allclose(got[row, column, 0], expected, atol=1e-5)
    assert np.isfinite(got).all()


def test_fields_are_shares():
    atlas = load_atlas()
    for name, field in {**atlas.fields, "sky": atlas.sky}.items():
        assert field.shape == (ROWS, COLUMNS) and field.dtype == np.float32, name
        assert field.min() >= 0 and 0.3 < field.max() <= 1.5, name


def test_regions_are_where_they_should_be():
    atlas = load_atlas()
    centre = {
        name: np.median(atlas.position[atlas.regions == LABEL[name]], axis=0)
        for name in ("forehead", "nose", "mouth", "chin", "neck")
    }
    heights = [centre[name][2] for name in ("forehead", "nose", "mouth", "chin", "neck")]
    assert heights == sorted(heights, reverse=True)
    for name in ("eye", "ear", "cheek"):
        x = atlas.position[atlas.regions == LABEL[name]][:, 0]
        assert 0.4 < (x > 0).mean() < 0.6, name  # on both sides
    assert not np.isin(atlas.regions, [LABEL["background"], LABEL["hair"], LABEL["brow"]]).any()


def test_lips_are_in_the_region_of_the_mouth():
    atlas = load_atlas()
    assert (atlas.regions[atlas.fields["lips"] > 0.5] == LABEL["mouth"]).all()


def test_moles_sit_on_plain_skin():
    atlas = load_atlas()
    labels = atlas.regions[atlas.face][tuple(atlas.spots.T)]
    assert set(labels) <= {LABEL[name] for name in ("cheek", "chin", "forehead", "nose")}


def test_ramp_rises_from_zero_to_one():
    np.testing.assert_allclose(ramp(np.array([-1.0, 0, 0.5, 1, 2]), 0, 1), [0, 0, 0.5, 1, 1])
