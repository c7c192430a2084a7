"""Which networks are trained on what, and what is asked of them."""
