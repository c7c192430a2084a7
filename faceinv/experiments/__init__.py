"""Experiments: designs of training runs, and the analyses of the trained networks."""
