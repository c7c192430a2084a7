"""How figures are shown in a page."""

from __future__ import annotations

import plotly.graph_objects as go

from faceinv.figures import style


def test_the_least_width_of_a_figure_changes_nothing_else_of_its_shape() -> None:
    figure = go.Figure().update_layout(meta={"least": 200, "wide": True})
    shown = style.html(style.set_least_width(figure, 560))
    assert 'class="faceinv-figure faceinv-wide"' in shown and "min-width:560px" in shown
    assert "faceinv-wide" not in style.html(style.set_least_width(go.Figure(), 560))
    assert style.is_wide(style.set_least_width(go.Figure(), style.COLUMN + 1))
