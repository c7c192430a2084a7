"""Rendered faces: identities, a morphable head, its texture and hair, and sets of them."""
