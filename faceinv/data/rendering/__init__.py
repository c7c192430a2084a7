"""Rendering of any mesh: ray tracing, reflectance, light, camera and colour."""
