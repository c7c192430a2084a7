"""Stimuli: what the networks are trained and tested on."""
