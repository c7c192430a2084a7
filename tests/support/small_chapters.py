"""Code and text of small chapters: figures, faces behind their points, formulas."""

FIGURE = """
from IPython.display import HTML
import plotly.graph_objects as go
figure = go.Figure([go.Scatter(y=[1, 3, 2], name="a"), go.Bar(y=[2, 1, 2], name="b")])
figure.update_layout(title="title", xaxis_title="x", yaxis_title="y")
HTML(figure.to_html(include_plotlyjs=False, full_html=False, config={"responsive": True}))
"""
BEHIND = """
import numpy as np
import pandas as pd
from faceinv.figures import charts, example_panel, style
table = pd.DataFrame({"task": ["a, b"] * 2, "x": [1, 2], "mask": "m", "estimate": [0.25, 0.5]})
table = table.assign(low=table["estimate"] - 0.125, high=table["estimate"] + 0.125, seeds=3)
faces = np.full((2, 8, 8, 3), 200, np.uint8)
one = example_panel.Examples("Two faces", faces, ["first", "second"], np.array([False, True]))
labels = {"x": "level", "estimate": "accuracy"}
behind = {style.point("a, b", "m", 2): one}
example_panel.show_with_examples(charts.curves(table, "x", "mask", "task", labels), behind)
"""

MATRIX = """
import numpy as np
import pandas as pd
from faceinv.figures import example_panel, generalization_matrix, style
table = pd.DataFrame({"maker": ["a, x", "b", "a, x", "b"], "reader": ["a, x"] * 2 + ["b"] * 2, "seeds": 3})
table = table.assign(estimate=[0.2, 0.4, 0.6, 0.8], low=0.1, high=0.9)
faces = np.full((1, 8, 8, 3), 200, np.uint8)
behind = {
    style.point("b", "a, x"): example_panel.Examples("From b to a", faces, ["first"], np.array([False])),
    style.point("b", "b"): example_panel.Examples("From b to b", faces, ["second"], np.array([True])),
}
generalization_matrix.show_matrix(generalization_matrix.matrix(table, ["a, x", "b"]), table, behind)
"""
FORMULAS = r"""Inline $a_i w_{ij}$ and

$$R_i = \sum_j \frac{a_i w_{ij}}{z_j} R_j$$
"""
