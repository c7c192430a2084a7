"""Functions behind the commands that do not build the book."""
