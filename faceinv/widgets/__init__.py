"""Explorers: one ES module each, which the pages of the book load as it is."""
