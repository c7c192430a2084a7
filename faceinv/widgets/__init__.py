"""Widgets for notebooks: Python classes and ES modules, the latter shared with the pages of the book."""

from faceinv.widgets.comparison import NetworkComparison
from faceinv.widgets.heatmap import HeatmapExplorer
from faceinv.widgets.rating import FaceRating
from faceinv.widgets.transformation import TransformationExplorer

__all__ = ["FaceRating", "HeatmapExplorer", "NetworkComparison", "TransformationExplorer"]
