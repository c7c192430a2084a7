"""Rendered objects: categories of shapes, their textures, and sets of them."""
