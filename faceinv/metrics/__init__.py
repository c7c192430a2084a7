"""Measures of maps, filters, images and tables, independent of any experiment."""
