"""Atlases of surfaces whose pixels and places are written out, and of a head of which one region is read."""

import numpy as np
import pytest
from scipy import sparse

from faceinv.data.faces.face_regions import region_weight
from faceinv.data.faces.surface_points import head_mesh, points_of_view
from faceinv.data.rendering.views import View
from faceinv.errors import InputError
from faceinv.metrics.surface_atlas import (
    SurfaceAtlas,
    area_shares,
    atlas_correlation,
    gather,
    mean_density,
    share_on_most_read,
    spread_by_region,
)

NAN = float("nan")
SIZE = 64


def shows(*rows):
    return sparse.csr_matrix(np.array(rows, float))


# two images of two pixels and three vertices: the first is seen in both, the second in one, the third in none
TWO = [shows([1, 0, 0], [0.5, 0.5, 0]), shows([1, 0, 0], [0, 0, 0])]


def test_an_even_map_gives_an_even_atlas_and_hidden_vertices_no_value():
    density = gather(np.full((2, 1, 2), 3.0), TWO).density
    np.testing.assert_allclose(density, [1, 1, NAN])


def test_a_vertex_has_the_mean_of_the_pixels_that_show_it():
    atlas = gather(np.array([[[3.0, 1.0]], [[5.0, 9.0]]]), TWO)
    # first image: 3 and 1 of mean 2; second: 5 is all that is on the surface, and its own mean
    np.testing.assert_allclose(atlas.density, [(1.5 + 0.25 + 1) / 2.5, 0.5, NAN])
    np.testing.assert_allclose(atlas.seen, [2.5, 0.5, 0])


def test_what_speaks_against_the_class_and_what_is_beside_the_surface_does_not_count():
    np.testing.assert_allclose(gather(np.array([[[4.0, -8.0]]]), TWO[:1]).density, [2 * 1 / 1.5, 0, NAN])
    assert np.isnan(gather(np.array([[[0.0, 7.0]]]), TWO[1:]).density).all()


def test_an_image_without_relevance_does_not_make_places_seem_unread():
    alone = gather(np.array([[[3.0, 1.0]]]), TWO[:1])
    both = gather(np.array([[[3.0, 1.0]], [[0.0, 0.0]]]), TWO)
    np.testing.assert_allclose(both.density, alone.density)


def test_maps_of_other_images_are_refused():
    with pytest.raises(InputError, match="of 1 images of 2 pixels"):
        gather(np.ones((2, 1, 2)), TWO[:1])
    with pytest.raises(InputError, match="of 1 images of 2 pixels"):
        gather(np.ones((1, 1, 3)), TWO[:1])


def views_of_the_head(rays=1):
    return [points_of_view(head_mesh().vertices, View(yaw=yaw), SIZE, rays) for yaw in (-30.0, 0.0, 30.0)]


def test_an_even_map_of_a_head_is_even_wherever_the_head_is_seen():
    weights = [each.vertex_weights() for each in views_of_the_head(rays=3)]
    atlas = gather(np.ones((3, SIZE, SIZE)), weights)
    known = ~np.isnan(atlas.density)
    # also at the outline, whose pixels show little of the head, and however often a place is seen
    np.testing.assert_allclose(atlas.density[known], 1, rtol=1e-6)
    assert known.sum() > 1000 and atlas.seen[~known].max() < 0.5
    assert np.isnan(atlas.density[head_mesh().vertices[:, 1] > 0.14]).all()


def test_a_map_of_one_region_lights_the_vertices_of_that_region_and_no_others():
    mesh, views = head_mesh(), views_of_the_head()
    inside = (region_weight("nose", mesh.vertices)[mesh.triangles] > 0.5).all(1)
    maps = np.zeros((3, SIZE * SIZE))
    for view, own in zip(maps, views, strict=True):
        view[own.pixel[inside[own.triangle]]] = 1
    density = gather(maps.reshape(3, SIZE, SIZE), [each.vertex_weights() for each in views]).density
    touched, beyond = (np.unique(mesh.triangles[where]) for where in (inside, ~inside))
    within, outside = np.setdiff1d(touched, beyond), np.setdiff1d(beyond, touched)
    lit = density[within][~np.isnan(density[within])]
    assert len(lit) > 20 and lit.min() > 5  # relative to an even map: the nose is small
    dark = density[outside][~np.isnan(density[outside])]
    assert len(dark) > 500 and (dark == 0).all()


def test_relevance_on_one_side_stays_there_when_the_head_turns():
    mesh, views = head_mesh(), views_of_the_head()
    maps = np.zeros((3, SIZE * SIZE))
    for view, own in zip(maps, views, strict=True):
        at_left = (mesh.vertices[mesh.triangles[own.triangle], 0] < 0).all(1)
        view[own.pixel[at_left]] = 1
    density = gather(maps.reshape(3, SIZE, SIZE), [each.vertex_weights() for each in views]).density
    x = mesh.vertices[:, 0]
    assert np.nanmin(density[x < -0.012]) > 1 and np.nanmax(density[x > 0.012]) == 0


def test_means_are_over_networks_that_have_a_value():
    np.testing.assert_allclose(mean_density([np.array([1, NAN, NAN]), np.array([3, 4, NAN])]), [2, 4, NAN])


def test_the_most_read_part_has_as_much_as_it_says():
    seen = np.full(10, 2.0)
    assert share_on_most_read(SurfaceAtlas(2 * np.ones(10), seen)) == pytest.approx(0.1)
    assert share_on_most_read(SurfaceAtlas(np.eye(10)[4], seen)) == 1
    # the densest two have 6 of 14, and half of the second tenth is another 1.5
    half = SurfaceAtlas(np.array([3, 3, *[1] * 8]), seen)
    assert share_on_most_read(half, 0.15) == pytest.approx(4.5 / 14)
    assert np.isnan(share_on_most_read(SurfaceAtlas(np.zeros(3), np.zeros(3))))


def test_atlases_are_compared_where_both_have_values():
    one = np.array([1.0, 2.0, 3.0, NAN, 9.0])
    assert atlas_correlation(one, np.array([10.0, 20.0, 90.0, 5.0, NAN])) == pytest.approx(1)
    assert atlas_correlation(one, np.array([3.0, 2.0, 1.0, NAN, NAN])) == pytest.approx(-1)
    assert np.isnan(atlas_correlation(one, np.full(5, NAN))) and np.isnan(atlas_correlation(one, np.ones(5)))


def test_values_by_region_lie_on_their_regions_alone():
    inside = np.array([[1, 0.6, 0, 0.2, 1], [0, 0.6, 1, 0.2, 0]])
    seen = np.array([3.0, 5.0, 3.0, 9.0, 0.0])
    values = spread_by_region(np.array([4.0, 2.0]), inside, seen)
    np.testing.assert_allclose(values, [4, 3, 2, NAN, NAN])
    np.testing.assert_allclose(area_shares(inside, seen), [7.8 / 15.6, 7.8 / 15.6])
