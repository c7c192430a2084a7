"""Sanity of attribution methods: whether maps change when what the network has learned is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from faceinv.attribution.attribute import Method, attribute
from faceinv.errors import InputError
from faceinv.lrp.relevance import Targets, target_numbers
from faceinv.metrics.map_similarity import rank_correlation, structural_similarity
from faceinv.models.classifiers import Model, given
from faceinv.models.pixels import Images, ValueRange
from faceinv.models.randomisation import layers_from_output, randomised

RANDOM_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the layers that are randomised; at least the output layer is."""


def randomisation_curve(
    model: Model,
    images: Images,
    targets: Targets | None = None,
    method: Method = "epsilon-plus-flat",
    *,
    shares: Sequence[float] = RANDOM_SHARES,
    seed: int = 0,
    batch: int = 64,
    value_range: ValueRange | None = None,
) -> pd.DataFrame:
    """Similarity of maps to those of the same network with more and more random layers.

    The cascading randomisation of Adebayo et al. (2018): layers get new random weights from the output to the
    input, and stay random. A map that shows what the network has learned changes; one that stays the same
    shows the image, or the architecture. The reverse does not hold: random maps change too.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    images : uint8 or floats, see `faceinv.models.classifiers.Classifier.inputs`
    targets : class to explain, for each image or for all; by default the predicted class of the whole network
    method : see `faceinv.attribution.attribute.attribute`
    shares : of the layers with weights that are random, 0-1; normalisations belong to the layer before them
    seed : of the random weights
    batch : images that pass through the network at a time
    value_range : values of black and white in float images

    Returns
    -------
    DataFrame
        One row a share and image: `share` (of the layers that are random), `layers` (their number), `layer`
        (path of the last one of them), `image`, `rank_correlation` and `structural_similarity` of the maps
        (nan where one of the two has the same value everywhere).

    Raises
    ------
    InputError
        If the method does not apply to the model, or a layer cannot draw its weights again.

    Examples
    --------
    The map of one layer is as random as its weights; local contrast knows nothing of them:

    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    >>> images = torch.rand(4, 3, 8, 8)
    >>> curve = faceinv.randomisation_curve(model, images, 0, "local contrast")
    >>> curve["rank_correlation"].round(6).unique().tolist()
    [1.0]
    >>> curve = faceinv.randomisation_curve(model, images, 0, "saliency")
    >>> bool((curve["rank_correlation"].abs() < 0.7).all())
    True
    """
    if not all(0 <= share <= 1 for share in shares):
        raise InputError(f"shares of random layers are {list(shares)}; expected numbers from 0 to 1")
    classifier, inputs = given(model, images, value_range)
    classes = target_numbers(targets, len(inputs), len(classifier.classes), classifier.classes)
    chosen = classifier.logits(inputs, batch).argmax(1).numpy() if classes is None else classes
    layers = layers_from_output(model, inputs)
    maps = attribute(model, inputs, chosen, method, batch, seed)
    parts = []
    for count in sorted({max(1, round(share * len(layers))) for share in shares}):
        paths = [path for layer in layers[:count] for path in layer]
        others = attribute(randomised(model, paths, seed), inputs, chosen, method, batch, seed)
        parts.append(
            similarities(maps, [others]).assign(
                share=count / len(layers), layers=count, layer=layers[count - 1][0]
            )
        )
    columns = ["share", "layers", "layer", "image", "rank_correlation", "structural_similarity"]
    return pd.concat(parts, ignore_index=True)[columns]


def similarities(maps: np.ndarray, others: Iterable[np.ndarray]) -> pd.DataFrame:
    """Similarity of maps (N x H x W) to others of the same images, by network.

    Returns
    -------
    DataFrame
        One row a network and image: `network` (its index), `image`, `rank_correlation`,
        `structural_similarity`.
    """
    window = min(7, *(side - 1 + side % 2 for side in maps.shape[1:]))
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "network": index,
                    "image": np.arange(len(maps)),
                    "rank_correlation": rank_correlation(maps, other),
                    "structural_similarity": structural_similarity(maps, other, window),
                }
            )
            for index, other in enumerate(others)
        ],
        ignore_index=True,
    )
