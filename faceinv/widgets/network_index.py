"""The index of networks that explorers show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from faceinv.lrp.composites import COMPOSITES
from faceinv.models.architectures import Specification
from faceinv.models.classifiers import Classifier


def entry(network: Specification | Classifier, composites: Iterable[str] = COMPOSITES) -> dict[str, Any]:
    """Entry of one network in an explorer's index.

    Parameters
    ----------
    network : the specification of a network of this package, or any other classifier
    composites : names of the composites that can be chosen, the default first

    Returns
    -------
    dict
        The specification, or classes, size, mean and std of another classifier, with ``label``, the text by
        which the network is chosen, and ``composites``, descriptions by name.
    """
    described = {name: COMPOSITES[name].description for name in composites}
    if isinstance(network, Specification):
        about = asdict(network)
    else:
        about = {name: getattr(network, name) for name in ("classes", "size", "mean", "std")}
    return {"label": network_label(network), "composites": described, **about}


def network_label(network: Specification | Classifier) -> str:
    """Label of a network in an explorer."""
    if isinstance(network, Classifier):
        return type(network.module).__name__
    spec = network
    begun = "random weights" if spec.pretraining == "none" else f"pretrained on {spec.pretraining}"
    return f"{spec.task}, {spec.architecture}, {begun}, seed {spec.seed}"
