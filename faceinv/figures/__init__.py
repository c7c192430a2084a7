"""Figures: one style, and the kinds of figures that the chapters use."""
