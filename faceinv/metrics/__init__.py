"""Measures of maps, filters, images and tables, without any experiment."""
