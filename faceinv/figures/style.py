"""Style of all figures: template and display."""

from __future__ import annotations

import json
from numbers import Real

import plotly.graph_objects as go
import plotly.io as pio
from IPython.display import display

from faceinv.figures.palette import INK, NEUTRAL, RULE, SPARE

CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "toImageButtonOptions": {"format": "svg", "filename": "figure"},
    "modeBarButtonsToRemove": ["autoScale2d", "lasso2d", "select2d"],
}

PAGE_CONFIG = {**CONFIG, "modeBarButtonsToRemove": ["toImage", "autoScale2d", "lasso2d", "select2d"]}
"""For pages, whose own script offers the image download, in colours for print."""

COLUMN = 704
"""Width of the column of the text in pixels, in a window that leaves room beside it."""

TEMPLATE = "faceinv"
"""Name of the plotly template of all figures."""

pio.templates[TEMPLATE] = go.layout.Template(
    layout={
        "colorway": SPARE,
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "title": {"font": {"size": 15}, "x": 0, "xref": "paper", "xanchor": "left"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {
            "gridcolor": RULE,
            "linecolor": RULE,
            "zeroline": False,
            "ticks": "outside",
            "title": {"font": {"size": 12}},
            "automargin": True,
        },
        "yaxis": {"gridcolor": RULE, "linecolor": RULE, "zeroline": False, "automargin": True},
        "legend": {
            "orientation": "h",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0,
            "xanchor": "left",
            "title": {"text": ""},
        },
        "hovermode": "closest",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": NEUTRAL},
        "margin": {"l": 60, "r": 10, "t": 36, "b": 50},
    }
)


def point(*values: object) -> str:
    """Name of a point: the values of the columns that identify it in its figure."""
    return " | ".join(f"{value:g}" if isinstance(value, Real) else str(value) for value in values)


def set_least_width(figure: go.Figure, pixels: int) -> go.Figure:
    """Set the width in pixels below which a figure scrolls sideways in a page; returns the figure."""
    return figure.update_layout(meta={**(figure.layout.meta or {}), "least": pixels})


def is_wide(figure: go.Figure) -> bool:
    """Whether a figure takes the width of the page, where there is room: as set, or because it needs it."""
    shape = figure.layout.meta or {}
    return bool(shape.get("wide")) or shape.get("least", 0) > COLUMN


def show_figure(figure: go.Figure, below: str = "") -> None:
    """Display a figure: as HTML in the book and in exported pages, natively in a live notebook.

    The HTML does not include plotly's script, which the page loads once. An image grid keeps its aspect ratio
    at any width of the page, and a figure scrolls sideways when it would become too small: its ``meta`` holds
    the minimum width in pixels, whether it takes the width of the page (see `is_wide`) and, for a grid, width
    and height. `below` is HTML to add below the figure.
    """
    native = {**json.loads(figure.to_json()), "config": CONFIG}
    display({"text/html": html(figure) + below, "application/vnd.plotly.v1+json": native}, raw=True)


def html(figure: go.Figure, name: str | None = None) -> str:
    """A figure as HTML without plotly's script; its element has the id `name` or a random one."""
    shape = figure.layout.meta or {}
    style = f"min-width:{shape.get('least', 0)}px"
    if "width" in shape:  # a CSS grid stretches plotly's element to its height
        style += f";display:grid;max-width:{shape['width']}px;height:{_height(figure)}"
    drawn = go.Figure(figure).update_layout(height=None) if "width" in shape else figure
    text = pio.to_html(drawn, include_plotlyjs=False, full_html=False, config=PAGE_CONFIG, div_id=name)
    kind = "faceinv-figure faceinv-wide" if is_wide(figure) else "faceinv-figure"
    around = f'<div class="{kind}" style="overflow-x:auto;container-type:inline-size">'
    return f'{around}<div style="{style}">{text}</div></div>' if shape else text


def _height(figure: go.Figure) -> str:
    """Height of a grid at any width of the page, in CSS: its margins, and its images in their proportions."""
    shape, margin = figure.layout.meta, figure.layout.margin
    beside, above = (margin.l or 0) + (margin.r or 0), (margin.t or 0) + (margin.b or 0)
    proportion = (shape["height"] - above) / (shape["width"] - beside)
    width = f"clamp({shape.get('least', 0)}px, 100cqw, {shape['width']}px)"
    return f"calc({above}px + {proportion:.4f} * ({width} - {beside}px))"
