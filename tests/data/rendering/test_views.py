"""Views and expressions are drawn within their limits."""

import numpy as np
import pytest

from faceinv.data.faces.morphable_head import load_head
from faceinv.data.rendering.views import EXPRESSIONS, View, draw_actions, draw_view


def test_views_keep_within_limits():
    rng = np.random.default_rng(0)
    views = [draw_view(rng, 30, True, 0.01) for _ in range(300)]
    assert (
        max(abs(v.yaw) for v in views) == pytest.approx(30, abs=1) and max(abs(v.pitch) for v in views) <= 10
    )
    assert min(v.light_elevation for v in views) >= 5
    assert np.std([v.x for v in views]) == pytest.approx(0.01, abs=0.002)


def test_without_light_and_jitter_only_the_head_turns():
    view = draw_view(np.random.default_rng(1), 20, False, 0.0)
    assert view == View(yaw=view.yaw, pitch=view.pitch, roll=view.roll) and view.yaw != 0


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_are_facial_actions_of_the_head(expression):
    actions = draw_actions(np.random.default_rng(2), expression)
    assert set(actions) <= set(load_head().action_names)
    assert all(0 <= value <= 1.2 for value in actions.values())
    assert (len(actions) == 2) == (expression == "neutral")


def test_half_of_all_smiles_show_teeth():
    smiles = [draw_actions(np.random.default_rng(seed), "smile") for seed in range(200)]
    assert np.mean(["jawOpen" in actions for actions in smiles]) == pytest.approx(0.5, abs=0.12)
