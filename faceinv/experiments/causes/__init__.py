"""Explanations judged by causes: what is changed in rendered faces, and what a network answers then."""
