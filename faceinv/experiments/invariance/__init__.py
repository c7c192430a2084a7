"""The second study: transformation tolerance and invariance of trained networks."""
