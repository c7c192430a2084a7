"""Where a ray meets two surfaces in one point, a scene shows the one that a like scene showed before."""

import numpy as np

from faceinv.data.rendering.ray_tracing import Hits, Surface
from faceinv.data.rendering.ties import NO_TRIANGLE, Mesh, Seen, seen_by, settle_ties

SQUARE = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]])
ORIGIN = np.array([0, -1, 0], np.float32)
AHEAD = np.array([[0.1, 1, 0.3], [0.3, 1, 0.1], [0, 1, 5]], np.float32)
AHEAD /= np.linalg.norm(AHEAD, axis=1, keepdims=True)


def mesh(*shapes: np.ndarray) -> Mesh:
    """Squares at these places, each a shape of two triangles."""
    corners = np.concatenate([HALVES + 4 * i for i in range(len(shapes))])
    return Mesh(np.concatenate(shapes).T.copy(), corners.T.copy(), 2 * np.arange(1, len(shapes) + 1))


def cast(what: Mesh) -> Hits:
    return Surface(what.points.T, what.corners.T).cast(ORIGIN, AHEAD)


def test_triangles_are_found_again_in_another_mesh():
    moved = SQUARE + np.array([0, 2, 0], np.float32)
    one, other = mesh(SQUARE, SQUARE + 1, moved), mesh(SQUARE, SQUARE + 2, moved)
    found = one.counterparts(np.arange(6), other)
    assert found.tolist() == [0, 1, NO_TRIANGLE, NO_TRIANGLE, 4, 5]
    longer = Mesh(one.points, one.corners[:, [0, 1, 2, 3, 2, 3, 4, 5]], np.array([2, 6, 8]))
    assert one.counterparts(np.array([4, 5]), longer).tolist() == [6, 7]


def test_a_tie_is_settled_as_it_was():
    # twice the same square: a ray meets two shapes at once
    both = mesh(SQUARE, SQUARE)
    hits = cast(both)
    assert hits.ray.tolist() == [0, 1]
    for wanted in ([0, 1], [2, 3], [3, 2]):
        # of the half of the square that the ray passes through, in either shape
        shape = np.array(wanted) // 2
        triangle = hits.triangle % 2 + 2 * shape
        before = Seen(mesh(SQUARE, SQUARE), np.array([*triangle, NO_TRIANGLE], np.int32))
        settled = settle_ties(hits, both, before, ORIGIN, AHEAD)
        assert settled.triangle.tolist() == triangle.tolist()
        for name in ("u", "v", "distance", "point", "normal"):
            np.testing.assert_array_equal(getattr(settled, name), getattr(hits, name))


def test_what_changed_is_seen_as_it_is():
    nearer = SQUARE - np.array([0, 0.5, 0], np.float32)
    before = seen_by(cast(mesh(SQUARE)), mesh(SQUARE), len(AHEAD))
    now = mesh(SQUARE, nearer)
    hits = cast(now)
    assert (hits.triangle >= 2).all()
    assert settle_ties(hits, now, before, ORIGIN, AHEAD) is hits
