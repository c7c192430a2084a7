"""Caching on disk, parallel work, core slots, and a faster import of torchvision."""
