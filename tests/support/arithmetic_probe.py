"""What a processor computes, as a process of its own: faces, logits, maps and a trained network.

``python arithmetic_probe.py FILE`` writes the arrays of `main` to an .npz file.
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import load_stimuli
from faceinv.lrp.composites import COMPOSITES
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import build
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, answers_of
from faceinv.models.weights import load_base

FACES = FaceSet(identities=4, views=6, size=64, samples=4)


def main() -> None:
    """Render faces; classify and explain them by a base; train a network on them."""
    torch.set_num_threads(1)
    images = load_stimuli(FACES).images
    base = load_base("resnet18", "faces")
    inputs = base.prepare(images[:8])
    classes = np.arange(8)
    maps = {f"map {name}": relevance(base, inputs, classes, name) for name in COMPOSITES}
    run = TrainingRun(FACES, "identity", 0, (TrainingConfig(exposures=96, batch=8),), "resnet18")
    found = {
        "images": images,
        "start": build(base.specification).module.state_dict()["conv1.weight"].numpy(),
        "logits": base.logits(inputs).numpy(),
        "answers": answers_of(run)["answer"].to_numpy(str),
    }
    np.savez(sys.argv[1], allow_pickle=False, **found, **maps)


if __name__ == "__main__":
    main()
