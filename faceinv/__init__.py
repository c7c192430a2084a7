"""faceinv: where convolutional networks read a face, and how invariant that reading is."""

from importlib.metadata import version

__version__ = version("faceinv")
