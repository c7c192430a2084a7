"""Stimuli: the images on which networks are trained and tested."""
