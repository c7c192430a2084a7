"""What the command line does beside building the book."""
