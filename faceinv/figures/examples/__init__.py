"""Examples: test images for each point of a figure, one module per kind of figure."""
