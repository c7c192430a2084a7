"""Changes made to an image before it is classified again: masks, fills and transformations."""
