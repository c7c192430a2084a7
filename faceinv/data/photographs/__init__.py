"""Photographs read from folders and from published data sets."""
