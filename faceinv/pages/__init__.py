"""Pages: what the book says of itself, written from what a run has left behind."""
