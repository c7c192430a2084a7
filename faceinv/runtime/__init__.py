"""Caching on disk, parallel work, and the imports that have to be handled with care."""
