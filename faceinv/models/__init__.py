"""Networks: what they are, how they learn, and what they begin with."""

import faceinv.vision  # noqa: F401  (before anything imports torchvision)
