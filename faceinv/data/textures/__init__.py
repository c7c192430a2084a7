"""Textures: patterns by formulas, without any solid, and sets of them."""
