"""What is done to an image before it is classified again: masks and transformations."""
