"""Labels at the ends of curves, moved apart where curves end close to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from faceinv.figures.style import set_least_width

LINE = 16
"""Height of a label in pixels."""

LETTER = 6.6
"""Mean width of a letter in pixels."""


def moved_apart(heights: Sequence[float], least: float) -> list[float]:
    """The nearest heights, in the same order, of which no two are closer than `least`.

    Labels that are too close form a group, which is centred on the mean of their heights; groups that then
    touch are joined.

    Examples
    --------
    >>> moved_apart([0.0, 0.1, 5.0], 1.0)
    [-0.45, 0.55, 5.0]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    groups: list[list[int]] = []
    for i in order:
        groups.append([i])
        while (
            len(groups) > 1 and _low(groups[-1], heights, least) - _high(groups[-2], heights, least) < least
        ):
            last = groups.pop()
            groups[-1] += last
    found = list(heights)
    for group in groups:
        for k, i in enumerate(group):
            found[i] = _low(group, heights, least) + k * least
    return found


def _low(group: Sequence[int], heights: Sequence[float], least: float) -> float:
    return sum(heights[i] for i in group) / len(group) - least * (len(group) - 1) / 2


def _high(group: Sequence[int], heights: Sequence[float], least: float) -> float:
    return _low(group, heights, least) + least * (len(group) - 1)


def add_end_labels(
    figure: go.Figure, ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str], panel: int
) -> None:
    """Label the lines of the last panel at their ends, in their colours, right of the figure.

    Parameters
    ----------
    figure : with its height and its margins; its panels share their y axis
    ends : x and y of the end of each line that is labelled
    colours : by line
    panel : number of the panel, in whose coordinates the ends are
    """
    axis = "" if panel == 1 else str(panel)
    values = [
        value
        for trace in figure.data
        if trace.visible in (None, True)
        for value in ([] if trace.y is None else trace.y)
        if value is not None and value == value
    ]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low)
    figure.update_yaxes(range=[low - margin, high + margin])
    plot = figure.layout.height - 100
    places = moved_apart([y for _, y in ends.values()], LINE * (high - low + 2 * margin) / plot)
    for (name, (x, y)), place in zip(ends.items(), places, strict=True):
        figure.add_annotation(
            x=x,
            y=y,
            xref=f"x{axis}",
            yref=f"y{axis}",
            ax=12,
            axref="pixel",
            ay=round((y - place) * plot / (high - low + 2 * margin), 1),
            ayref="pixel",
            text=name,
            font={"size": 12, "color": colours[name]},
            xanchor="left",
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=colours[name],
            standoff=3,
        )
    right = round(24 + LETTER * max(len(name) for name in ends))
    least = (figure.layout.meta or {}).get("least", 0) + right
    set_least_width(figure.update_layout(margin={"r": right}), least)
