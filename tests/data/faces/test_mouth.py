"""A mouth that opens shows teeth, one beside the other, and no gap; one that is shut shows none."""

import numpy as np
import pytest

from faceinv.data.faces.face_renderer import SCENE_SHAPES, Renderer, camera_at
from faceinv.data.faces.identities import draw_person
from faceinv.data.faces.mouth import OVERBITE, OVERJET, UPPER_TEETH, Mouth, paint_teeth, row_of_teeth
from faceinv.data.faces.skin_texture import paint_person
from faceinv.data.rendering.camera import Camera
from faceinv.data.rendering.views import View, rotation_matrix


@pytest.fixture(scope="module")
def stage():
    return Renderer(96, 9)


def shown(stage, index, actions, view=None):
    """Share of the pixels of the frame that show each shape."""
    person = draw_person(0, index)
    rest = stage.head.shape(person.phenotype, person.local)
    stage.set_texture(paint_person(person))
    stage.set_geometry(stage.head.act(rest, actions), rest)
    turn = rotation_matrix(view or View())
    seen = stage.scene.look(Camera(camera_at(turn, 1.0), turn), 96, 9).pixel_centres()[0]
    return {name: np.mean(seen == i) for i, name in enumerate(SCENE_SHAPES)}


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_teeth_are_seen_in_an_open_mouth_only(stage, index):
    assert shown(stage, index, {})["teeth"] < 6e-4
    wide = shown(stage, index, {"jawOpen": 0.3, "mouthSmileLeft": 0.4, "mouthSmileRight": 0.4})
    assert wide["teeth"] > 1.2e-3
    assert wide["mouth"] + wide["tongue"] > 0.1 * wide["teeth"]


def test_an_arch_is_as_wide_as_its_teeth():
    points, uv = row_of_teeth(UPPER_TEETH)
    edge = points[-1]
    # along the arch the crowns take as much room as they are wide
    length = np.linalg.norm(np.diff(edge[:, :2], axis=0), axis=1).sum()
    assert length == pytest.approx(2 * sum(UPPER_TEETH.widths), rel=0.12)
    assert edge[:, 0].max() == pytest.approx(-edge[:, 0].min(), abs=1e-3)
    assert np.abs(edge[:, 2]).min() < 2e-4  # edges of the front teeth are at the height of the origin
    assert (np.diff(uv[0, :, 0]) > 0).all() and uv.min() >= 0 and uv.max() <= 1


def test_teeth_are_separate():
    enamel = paint_teeth().mean(-1)
    rows = len(enamel) // 2
    along = enamel[int(0.75 * rows)]
    gaps = (along[1:-1] < along[:-2]) & (along[1:-1] <= along[2:])
    assert gaps.sum() == pytest.approx(2 * len(UPPER_TEETH.widths) - 1, abs=1)
    # gums above are redder than enamel
    texture = paint_teeth()
    assert (texture[1, :, 0] - texture[1, :, 1]).mean() > 3 * (
        texture[rows - 2, :, 0] - texture[rows - 2, :, 1]
    ).mean()


def test_the_lower_teeth_and_the_tongue_follow_the_chin(stage):
    head = stage.head
    mouth = Mouth(head, stage.neutral)
    teeth, _, dim, _ = mouth.place(stage.neutral, stage.neutral)
    dropped = head.stand(head.act(head.template, {"jawOpen": 0.3}), head.template)
    standing = head.stand(head.template)
    opened, lowered, bright, _ = mouth.place(dropped, standing)
    shut, tongue, _, _ = mouth.place(standing, standing)
    half = len(teeth) // 2
    np.testing.assert_array_equal(opened[:half], shut[:half])
    drop = (opened - shut)[half:]
    assert (drop[:, 2] < -0.004).all() and np.ptp(drop[:, 2]) < 1e-6
    np.testing.assert_allclose(lowered - tongue, np.broadcast_to(drop[0], tongue.shape), atol=1e-6)
    assert bright[0] > dim[0] and (np.diff(np.unique(bright)) > 0).all()
    upper, lower = teeth[:half], teeth[half:]
    front_of_upper, front_of_lower = (each[np.abs(each[:, 0]) < 0.003] for each in (upper, lower))
    overlap = front_of_lower[:, 2].max() - front_of_upper[:, 2].min()
    assert overlap == pytest.approx(OVERBITE, abs=5e-4)
    assert front_of_lower[:, 1].min() > front_of_upper[:, 1].min() + 0.5 * OVERJET
