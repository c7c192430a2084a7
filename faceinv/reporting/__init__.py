"""Tables with their provenance, and claims judged by them."""
