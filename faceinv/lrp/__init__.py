"""Relevance: which pixels carry a decision, by layer-wise relevance propagation."""
