"""Tables with their provenance, and claims judged by their numbers."""
