"""Figures: one style, and the few kinds that the chapters are made of."""
