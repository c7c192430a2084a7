"""Benchmark of attribution methods: five numbers for each, where the truth is known."""
