"""Explorers in a notebook: a Python class and an ES module each, which share those of the book's pages."""

from faceinv.widgets.comparison import NetworkComparison
from faceinv.widgets.heatmap import HeatmapExplorer
from faceinv.widgets.rating import FaceRating
from faceinv.widgets.transformation import TransformationExplorer

__all__ = ["FaceRating", "HeatmapExplorer", "NetworkComparison", "TransformationExplorer"]
