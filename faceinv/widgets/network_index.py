"""Index: what an explorer is told of networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from faceinv.lrp.composites import COMPOSITES
from faceinv.models.architectures import Specification


def entry(specification: Specification, composites: Iterable[str] = COMPOSITES) -> dict[str, Any]:
    """What an explorer is told of one network.

    Parameters
    ----------
    specification : of the network
    composites : names of the rules that can be chosen, the first ones to begin with

    Returns
    -------
    dict
        The specification, with ``label``, a text that tells the network from others, and ``composites``,
        descriptions by name.
    """
    described = {name: COMPOSITES[name].description for name in composites}
    return {"label": network_label(specification), "composites": described, **asdict(specification)}


def network_label(specification: Specification) -> str:
    """What a network is called in an explorer."""
    spec = specification
    begun = "random weights" if spec.pretraining == "none" else f"pretrained on {spec.pretraining}"
    return f"{spec.task}, {spec.architecture}, {begun}, seed {spec.seed}"
