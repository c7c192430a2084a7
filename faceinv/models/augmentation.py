"""Augmentation: random changes of training images."""

from __future__ import annotations

import math

import torch
from torch import nn

from faceinv.models.training_config import TrainingConfig


def augment(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """Augment each image (N x C x H x W) at random, according to the recipe; borders replicate the edge."""
    n, _, height, width = images.shape
    if recipe.flip:
        mirrored = torch.rand(n, generator=rng).to(images.device) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if recipe.rotation or recipe.scale:
        images = _warp(images, recipe, rng)
    if recipe.shift:
        margin = recipe.shift
        padded = nn.functional.pad(images, (margin,) * 4, mode="replicate")
        corners = torch.randint(0, 2 * margin + 1, (2, n), generator=rng).T.tolist()
        # one slice per image: ten times as fast as gathering all pixels by index
        images = torch.stack(
            [each[:, y : y + height, x : x + width] for each, (y, x) in zip(padded, corners, strict=True)]
        )
    if recipe.contrast:
        gain, offset = recipe.contrast * (2 * torch.rand(2, n, 1, 1, 1, generator=rng) - 1).to(images.device)
        mean = images.mean((1, 2, 3), keepdim=True)
        centred = images - mean
        norm = torch.linalg.vector_norm(centred, dim=(1, 2, 3), keepdim=True)  # much faster than `std`
        spread = norm / math.sqrt(centred[0].numel() - 1)
        images = centred * (1 + gain) + (mean + offset * spread)
    if recipe.masks is not None:
        images = recipe.masks(images, rng)
    return images.contiguous(memory_format=torch.channels_last)


def _warp(images: torch.Tensor, recipe: TrainingConfig, rng: torch.Generator) -> torch.Tensor:
    """Rotate and resize a share of the images about their centres, at random."""
    n = len(images)
    change = 2 * torch.rand(2, n, generator=rng) - 1
    if recipe.warped < 1:
        change *= torch.rand(n, generator=rng) < recipe.warped
    turn, size = change.to(images.device)
    angle = torch.deg2rad(recipe.rotation * turn)
    inverse = torch.exp(-math.log1p(recipe.scale) * size)
    cos, sin = torch.cos(angle) * inverse, torch.sin(angle) * inverse
    matrix = torch.stack([torch.stack([cos, -sin, 0 * cos], 1), torch.stack([sin, cos, 0 * cos], 1)], 1)
    grid = nn.functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
