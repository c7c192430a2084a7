"""The attribution methods by name, with their sources and costs.

They import Captum where they use it, because it takes almost a second, and most of the package does without.
"""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from faceinv.attribution import activations, baselines, gradients
from faceinv.attribution.grad_cam import grad_cam
from faceinv.attribution.occlusion import occlusion
from faceinv.attribution.request import MapFunction, Request
from faceinv.errors import InputError
from faceinv.lrp import composites, rules
from faceinv.lrp.relevance import relevance

MethodFamily = Literal["relevance", "gradient", "perturbation", "baseline"]


@dataclass(frozen=True)
class AttributionMethod:
    """A way to make a map of what each pixel contributes to a logit.

    Attributes
    ----------
    name : name in calls, tables and figures
    description : description in one line
    source : keys of its publications in the book's list of references, separated by commas
    cost : computation for one image with the default options, in forward passes of the network, as counted
        by `faceinv.attribution.cost.cost_in_passes`; a gradient costs a forward and a backward pass
    signed : whether values below zero speak against the class; otherwise values are at least zero, and only
        say how much a pixel matters
    family : LRP, gradients, covering parts of the image, or a baseline that knows nothing of the training
    maps : function of a `Request` and options
    """

    name: str
    description: str
    source: str
    cost: float
    signed: bool
    family: MethodFamily
    maps: MapFunction

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options."""
        if self.family == "relevance":
            return ("against", "start", *composite_options(self.name))
        return tuple(inspect.signature(self.maps).parameters)[1:]

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise `InputError` if the method has no such option."""
        unknown = [name for name in options if name not in self.options]
        if unknown:
            raise InputError(
                f"{self.name} has no option {unknown[0]!r}; expected "
                f"{', '.join(self.options) if self.options else 'none'}"
            )


def composite_options(name: str) -> tuple[str, ...]:
    """Parameters of the rules of a composite."""
    recipe = composites.COMPOSITES[name]
    found = [
        each
        for rule in (recipe.first, recipe.convolution, recipe.linear, rules.share)
        if rule is not None
        for each in list(inspect.signature(rule).parameters)[4:]
    ]
    return tuple(dict.fromkeys(found))


def lrp(
    name: str, request: Request, against: str = "none", start: str = "absolute", **parameters: Any
) -> np.ndarray:
    """Relevance by a composite, see `faceinv.lrp.relevance.relevance`.

    Parameters
    ----------
    name : one of `faceinv.lrp.composites.COMPOSITES`
    request : Request
    against : classes that the target is set off against
    start : the relevance with which propagation begins
    parameters : of the rules
    """
    composite = composites.composite(name, **parameters) if parameters else name
    return relevance(
        request.model, request.inputs, request.targets, composite, against, start, batch=request.batch
    )


def citation_keys(source: str) -> str:
    """Keys in the list of references of publications such as ``Bach et al. 2015; Montavon et al. 2017``."""
    keys = []
    for each in source.split(";"):
        words = each.split()
        plain = unicodedata.normalize("NFKD", words[0]).encode("ascii", "ignore").decode().lower()
        keys.append(plain + words[-1])
    return ",".join(keys)


def _by_composites() -> tuple[AttributionMethod, ...]:
    return tuple(
        AttributionMethod(
            name,
            f"LRP: {recipe.description}",
            citation_keys(recipe.source),
            _cost(recipe),
            True,
            "relevance",
            partial(lrp, name),
        )
        for name, recipe in composites.COMPOSITES.items()
    )


_PASSES: Mapping[Any, float] = {
    rules.epsilon: 2.0,
    rules.z_plus: 3.0,
    rules.z_plus_without_bias: 3.0,
    rules.gamma: 3.0,
    rules.alpha_beta: 5.0,
}


def _cost(recipe: composites.CompositeSpec) -> float:
    """Forward passes that the rule of most layers, the convolutions, takes."""
    return _PASSES.get(recipe.convolution, 3.0)


ATTRIBUTION_METHODS: Mapping[str, AttributionMethod] = MappingProxyType(
    {
        method.name: method
        for method in (
            *_by_composites(),
            AttributionMethod(
                "saliency",
                "absolute gradient of the logit",
                "simonyan2014",
                2,
                False,
                "gradient",
                gradients.saliency,
            ),
            AttributionMethod(
                "input-x-gradient",
                "input times the gradient of the logit",
                "shrikumar2016",
                2,
                True,
                "gradient",
                gradients.input_x_gradient,
            ),
            AttributionMethod(
                "integrated-gradients",
                "input minus a mid-grey image, times the mean gradient at 20 points between the two",
                "sundararajan2017",
                40,
                True,
                "gradient",
                gradients.integrated_gradients,
            ),
            AttributionMethod(
                "smoothgrad",
                "absolute value of the mean gradient over 20 noisy copies of the image",
                "smilkov2017",
                40,
                False,
                "gradient",
                gradients.smoothgrad,
            ),
            AttributionMethod(
                "guided-backpropagation",
                "gradient of the logit, of which each ReLU passes on only what is positive",
                "springenberg2015",
                2,
                True,
                "gradient",
                activations.guided_backpropagation,
            ),
            AttributionMethod(
                "grad-cam",
                "last feature maps, weighted by their mean gradients, where the sum is positive",
                "selvaraju2017",
                1,
                False,
                "gradient",
                grad_cam,
            ),
            AttributionMethod(
                "deep-lift",
                "differences from a mid-grey image, passed back by activations' ratios of output to input",
                "shrikumar2017",
                4,
                True,
                "gradient",
                activations.deep_lift,
            ),
            AttributionMethod(
                "gradient-shap",
                "input minus a mid-grey image, times the mean gradient at 20 random points between them",
                "lundberg2017",
                40,
                True,
                "gradient",
                gradients.gradient_shap,
            ),
            AttributionMethod(
                "occlusion",
                "fall of the logit when a window of a fifth of the height is covered with mid-grey",
                "zeiler2014",
                101,
                True,
                "perturbation",
                occlusion,
            ),
            AttributionMethod(
                "local contrast",
                "local contrast of the image",
                "",
                0,
                False,
                "baseline",
                baselines.local_contrast_map,
            ),
            AttributionMethod(
                "centre",
                "closeness to the centre of the image",
                "",
                0,
                False,
                "baseline",
                baselines.centre_map,
            ),
            AttributionMethod(
                "random", "independent random numbers", "", 0, False, "baseline", baselines.random_map
            ),
            AttributionMethod(
                "untrained",
                "LRP (epsilon-plus-flat) of the same network with random weights",
                "adebayo2018",
                3,
                True,
                "baseline",
                baselines.untrained_map,
            ),
        )
    }
)
"""Attribution methods by name: composites of LRP, methods of Captum, and baselines."""


def attribution_method(name: str) -> AttributionMethod:
    """The method called `name`; raises `InputError` if there is none."""
    if name not in ATTRIBUTION_METHODS:
        raise InputError(
            f"there is no attribution method {name!r}; expected one of {', '.join(ATTRIBUTION_METHODS)}"
        )
    return ATTRIBUTION_METHODS[name]
