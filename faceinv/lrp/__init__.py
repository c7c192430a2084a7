"""Relevance: which pixels carry a decision, by layer-wise relevance propagation."""

import faceinv.vision  # noqa: F401  (before anything imports torchvision)
