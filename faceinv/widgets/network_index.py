"""Index: what an explorer is told of networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from faceinv.lrp.composites import COMPOSITES
from faceinv.models.architectures import Specification
from faceinv.models.classifiers import Classifier


def entry(network: Specification | Classifier, composites: Iterable[str] = COMPOSITES) -> dict[str, Any]:
    """What an explorer is told of one network.

    Parameters
    ----------
    network : the specification of a network of this package, or any other classifier
    composites : names of the rules that can be chosen, the first ones to begin with

    Returns
    -------
    dict
        The specification, or classes, size, mean and std of another classifier, with ``label``, a text that
        tells the network from others, and ``composites``, descriptions by name.
    """
    described = {name: COMPOSITES[name].description for name in composites}
    if isinstance(network, Specification):
        about = asdict(network)
    else:
        about = {name: getattr(network, name) for name in ("classes", "size", "mean", "std")}
    return {"label": network_label(network), "composites": described, **about}


def network_label(network: Specification | Classifier) -> str:
    """What a network is called in an explorer."""
    if isinstance(network, Classifier):
        return type(network.module).__name__
    spec = network
    begun = "random weights" if spec.pretraining == "none" else f"pretrained on {spec.pretraining}"
    return f"{spec.task}, {spec.architecture}, {begun}, seed {spec.seed}"
