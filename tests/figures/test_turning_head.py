"""What a page gets to turn the head is what was given, small, and readable without it."""

import base64
import io
import json
import re
import zlib

import numpy as np
import pytest
from PIL import Image

from faceinv.data.faces.surface_points import head_mesh
from faceinv.figures import turning_head as figure
from faceinv.figures.colour_scale import RELEVANCE_STOPS, to_oklab, uniform_scale
from faceinv.figures.head_pictures import head_picture
from faceinv.figures.turning_head import SCALE_STEPS, head_html, levels_of, turning_head, write_head

NAN = float("nan")


@pytest.fixture(scope="module")
def densities():
    """As many kinds as a chapter has; each has values where a camera in front would see the head."""
    x, y, z = head_mesh().vertices.T
    found = {}
    for t, task in enumerate(("gender", "identity")):
        for p, start in enumerate(("none", "faces", "objects")):
            for s, shown in enumerate(("relevance", "saliency", "grad-cam", "untrained", "causes")):
                waves = np.sin(60 * x + t) + np.sin(70 * z + p) + np.sin(90 * y + s)
                found[task, start, shown] = np.where(y < 0.06, np.exp2(waves), NAN)
    del found["identity", "objects", "causes"]
    return found


@pytest.fixture(scope="module")
def content(densities):
    words = {kind: f"About {' and '.join(kind)}." for kind in densities}
    return turning_head(densities, words, {"untrained": "before training"})


def test_levels_are_octaves_and_no_value_has_none():
    given = np.array([NAN, 0.0, 0.25, 1.0, 8.0, 100.0])
    assert levels_of(given).tolist() == [
        0,
        1,
        1,
        1 + round(0.4 * (SCALE_STEPS - 1)),
        SCALE_STEPS,
        SCALE_STEPS,
    ]


def test_the_mesh_and_the_levels_come_back(densities, content):
    mesh = head_mesh()
    vertices, triangles = content["counts"]
    raw = zlib.decompress(base64.b64decode(content["data"]), -15)
    low, high = np.array(content["box"])
    places = np.frombuffer(raw, "<u2", 3 * vertices).reshape(3, -1).T / 65535 * (high - low) + low
    corners = np.cumsum(np.frombuffer(raw, "<u2", 3 * triangles, 6 * vertices), dtype="u2").reshape(-1, 3)
    outside = mesh.triangles[: mesh.outside]
    np.testing.assert_allclose(places[corners], mesh.vertices[outside], atol=1e-5)
    levels = np.frombuffer(raw, "u1", offset=6 * (vertices + triangles)).reshape(len(densities), -1)
    used = np.unique(outside)
    for own, kind, density in zip(levels, content["kinds"], densities.values(), strict=True):
        np.testing.assert_array_equal(own, levels_of(density)[used])
        assert (own == 0).sum() == np.isnan(density[used]).sum() > 100
        assert len(kind["choice"]) == 3
    assert content["switches"][0]["choices"] == ["gender", "identity"]
    assert content["switches"][2]["choices"][3:] == ["before training", "causes"]


def test_a_page_becomes_less_than_300_kilobytes_heavier(content):
    assert len(head_html(content)) < 300_000


def test_a_reader_who_cannot_see_or_turn_it_is_told_what_it_shows(content, tmp_path):
    html = write_head(content, tmp_path).data
    assert json.loads((tmp_path / figure.HEAD_FILE).read_text()) == content
    assert re.search(
        r'<img src="data:image/webp[^>]* alt="A head seen [^"]*'
        r"Gender, networks trained from scratch, relevance\. About",
        html,
    )
    shown = json.loads(html.partition('application/json">')[2].partition("</script>")[0])
    headings = {kind["choice"][1]: kind.pop("heading") for kind in shown["kinds"]}
    start = content["switches"][1]["choices"].index("objects")
    assert "networks pretrained on objects, " in headings[start]  # which the script shows
    assert shown == {name: part for name, part in content.items() if name != "still"}
    hostile = content | {"kinds": [content["kinds"][0] | {"words": '</script><b title="'}]}
    assert "</script><b" not in head_html(hostile) and "&lt;/script&gt;" in head_html(hostile)


def test_the_still_picture_is_of_three_sides(content):
    picture = Image.open(io.BytesIO(base64.b64decode(content["still"].partition(",")[2])))
    alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    begins = np.diff((alpha.max(0) > 64).astype(int), prepend=0) == 1
    assert picture.width > 2 * picture.height and begins.sum() == 3


def test_a_colour_is_on_the_side_of_the_picture_where_its_vertices_are():
    x, y, _ = head_mesh().vertices.T
    levels = np.where(y < 0.06, np.where(x > 0.01, SCALE_STEPS, 1), 0).astype(np.uint8)
    picture = head_picture(levels, uniform_scale(count=SCALE_STEPS), 0.0, 60).astype(int)
    # the dark end of the scale is red
    dark = (picture[..., 3] > 250) & (picture[..., 0] > 2 * picture[..., 1])
    assert dark[:, 32:].sum() > 300 and dark[:, :28].sum() == 0
    back = head_picture(levels, uniform_scale(count=SCALE_STEPS), 180.0, 60).astype(int)
    covered = back[..., 3] > 250
    assert (back[..., 2] >= back[..., 0])[covered].mean() > 0.9  # bluish stripes: no value


def test_equal_steps_of_the_scale_look_equal():
    scale = uniform_scale(count=SCALE_STEPS)
    steps = np.linalg.norm(np.diff(to_oklab(scale), axis=0), axis=1)
    assert steps.std() < 0.15 * steps.mean()
    assert scale[0].tolist() == list(RELEVANCE_STOPS[0]) and scale[-1].tolist() == list(RELEVANCE_STOPS[-1])
    lightness = to_oklab(scale)[:, 0]
    assert (np.diff(lightness) < 0).all()  # also told apart without colours
    assert to_oklab(np.array([255.0, 255.0, 255.0])) == pytest.approx([1, 0, 0], abs=2e-3)
