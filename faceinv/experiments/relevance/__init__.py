"""The first study: where a network reads a face."""
