"""Colour: conversion between sRGB and linear light, and luminance."""

from __future__ import annotations

import numpy as np

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear red, green and blue in the luminance."""


def linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB to linear values, by Chilliant's cubic (2012): within 0.002, and four times faster."""
    s = np.clip(srgb, 0, 1)
    return s * (s * (s * np.float32(0.305306011) + np.float32(0.682171111)) + np.float32(0.012522878))


def encode(linear: np.ndarray) -> np.ndarray:
    """Linear to sRGB values, 0 to 1 (IEC 61966-2-1)."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** np.float32(1 / 2.4) - 0.055)
