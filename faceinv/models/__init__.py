"""Networks: what they are, how they learn, and what they begin with."""
