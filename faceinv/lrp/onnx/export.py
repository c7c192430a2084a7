"""Export of a network and its relevance as one ONNX file, which a web page can run without Python."""

from __future__ import annotations

import gc
import json
import logging
import warnings
from collections.abc import Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
import onnx_ir
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnx_ir.passes import common as passes
from onnxscript import optimizer
from torch import nn
from torch.fx import GraphModule

from faceinv.errors import InputError
from faceinv.lrp.canonizers import normalised_pairs
from faceinv.lrp.onnx.tracing import default_shape, trace
from faceinv.lrp.relevance import relevance
from faceinv.models.architectures import Network
from faceinv.models.classifiers import Classifier, Model, as_classifier, copied
from faceinv.models.pixels import Images, ValueRange
from faceinv.runtime.atomic import write_atomically

Described = TypeVar("Described", Network, Classifier, Network | Classifier)

OPSET = 18
LARGE = 1024
"""Smallest number of elements of a weight that is stored in half precision."""

TOLERANCE = 1e-5
"""Relative error of a graph that is always accepted."""

ILL = 4
"""Largest accepted error, as a multiple of the error of single precision itself against double precision."""

CHECKED = 9
"""Number of images on which a graph is checked."""


@dataclass(frozen=True)
class Accuracy:
    """Errors of an exported graph: medians over images of the largest error in an image.

    Errors of relevance are relative to the image's largest absolute relevance, errors of logits to its
    largest absolute logit.

    Attributes
    ----------
    relevance : error of the graph's relevance against `faceinv.lrp.relevance.relevance`
    logits : error of the graph's logits against the network's
    double : error of the graph's relevance against `relevance` in double precision
    single : error of `relevance` in single precision against double precision
    """

    relevance: float
    logits: float
    double: float
    single: float

    @property
    def sufficient(self) -> bool:
        """Whether the graph's errors are no larger than rounding explains."""
        bound = max(TOLERANCE, ILL * self.single)
        return max(self.relevance, self.double) <= bound and self.logits <= TOLERANCE


def export(
    model: Model,
    file: str | Path,
    composite: str = "epsilon-plus-flat",
    against: str = "none",
    images: Images | None = None,
    value_range: ValueRange | None = None,
    start: str = "absolute",
    translations: dict[str, onnx.ModelProto] | None = None,
) -> Accuracy:
    """Write a network and its relevance as an ONNX graph, and check it in onnxruntime.

    The graph takes ``image`` (float32, 1 x channels x H x W, as the model takes it) and ``target`` (int64,
    one class) and returns ``logits`` (1 x classes) and ``heatmap`` (1 x H x W). Its metadata contain a
    description of the model, the composite, what classes are explained against and the start, as JSON under
    ``faceinv``. Weights are rounded to half precision (see `halved`) and stored so, but computation is in
    single precision.

    Parameters
    ----------
    model : nn.Module, Classifier or Network
    file : path of the graph, which is written only if the graph passes the check
    composite, against, start : see `faceinv.lrp.relevance.relevance`
    images : images that the model takes, see `faceinv.models.classifiers.Classifier.inputs`; not needed for a
        Network, or a Classifier with `mean`, `std` and `size`. They give the shape of the graph's input, and
        its bounds if a rule needs them and the model does not say which values are black and white
    value_range : values of black and white in float images
    translations : graphs that PyTorch's exporter, which takes most of the time, has translated; this one is
        added. With the same dictionary, networks that differ in their weights alone are translated once

    Raises
    ------
    InputError
        If the model cannot be explained by the composite, the shape of its input is not known, or the graph
        does not pass the check.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    >>> accuracy = faceinv.export(model, "model.onnx", images=torch.rand(2, 1, 8, 8))
    >>> accuracy.sufficient
    True
    """
    file = Path(file)
    described, shape = _described(model, images, value_range)
    subject = halved(described)
    about = {**_about(subject), "composite": composite, "against": against, "start": start}
    translations = {} if translations is None else translations
    graph = _encode(subject, composite, against, shape, start, translations)
    graph.metadata_props.add(key="faceinv", value=json.dumps(about))
    content = graph.SerializeToString()
    accuracy = check(content, subject, composite, against, shape, start=start)
    if not accuracy.sufficient:
        name = about.get("architecture", type(subject.module).__name__)
        raise InputError(
            f"the graph of {name} by {composite} is not accurate: its relevance differs by "
            f"{accuracy.relevance:.1e} and its logits by {accuracy.logits:.1e}, but rounding explains only "
            f"{accuracy.single:.1e}"
        )
    write_atomically(file, content)
    return accuracy


def _described(
    model: Model, images: Images | None, value_range: ValueRange | None
) -> tuple[Network | Classifier, tuple[int, int, int]]:
    """A model whose values of black and white are known, and the shape of its input, channels x H x W."""
    classifier = as_classifier(model)
    if images is None:
        inputs = torch.zeros(1, *default_shape(classifier))
    else:
        inputs = classifier.inputs(images, value_range)
    shape = (inputs.shape[1], inputs.shape[2], inputs.shape[3])
    if isinstance(model, Network):
        return model, shape
    classifier = classifier.with_classes(inputs)
    if classifier.mean is None:
        low, high = inputs.amin((0, 2, 3)).double(), inputs.amax((0, 2, 3)).double()
        spread = (high - low).clamp(min=1e-6)
        classifier = replace(
            classifier, mean=tuple((-low / spread).tolist()), std=tuple((1 / spread).tolist())
        )
    return classifier, shape


def _about(model: Network | Classifier) -> dict[str, Any]:
    """Description of a model for the metadata of its graph."""
    if isinstance(model, Network):
        return asdict(model.specification)
    return {name: getattr(model, name) for name in ("classes", "mean", "std")}


def halved(model: Described) -> Described:
    """A copy of a model with weights rounded to half precision, after merging a Network's normalisations.

    A normalisation that follows a convolution is merged into the convolution's weights. Rounding comes after
    merging, so that the merged weights are exact in half precision.
    """
    model = copied(model)
    with torch.no_grad():
        if isinstance(model, Network):
            for convolution, normalisation in normalised_pairs(model.module):
                _merge(convolution, normalisation)
        for parameter in model.module.parameters():
            if parameter.numel() >= LARGE:
                parameter.copy_(parameter.half().float())
    return model


def check(
    graph: bytes,
    model: Network | Classifier,
    composite: str,
    against: str = "none",
    shape: tuple[int, int, int] | None = None,
    seed: int = 0,
    start: str = "absolute",
) -> Accuracy:
    """Compare the output of a graph in onnxruntime with `faceinv.lrp.relevance.relevance`.

    The images are random: where several values share a maximum, as on a uniform background, max pooling may
    select another one in double precision than in single precision, which would look like an error.
    """
    classifier = as_classifier(model)
    inputs = classifier.inputs(_patterns(shape or default_shape(model), seed))
    targets = np.arange(len(inputs)) % len(classifier.classes)
    logits, maps = run(graph, inputs.numpy(), targets)
    single = relevance(model, inputs, targets, composite, against, start)
    exact = copied(model)
    as_classifier(exact).module.double()
    double = relevance(exact, inputs.double(), targets, composite, against, start)
    return Accuracy(
        _error(maps, single),
        _error(logits, classifier.logits(inputs).numpy()),
        _error(maps, double),
        _error(single, double),
    )


def run(graph: bytes, inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (N x classes) and relevance maps (N x size x size) of a graph in onnxruntime, in one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    pairs = zip(np.ascontiguousarray(inputs), np.asarray(targets, dtype=np.int64), strict=True)
    outputs = [session.run(None, {"image": image[None], "target": target[None]}) for image, target in pairs]
    logits, maps = zip(*outputs, strict=True)
    return np.concatenate(logits), np.concatenate(maps)


def _merge(convolution: Any, normalisation: nn.BatchNorm2d) -> None:
    """Merge the scale of a normalisation into its convolution; the normalisation then only adds a bias."""
    assert normalisation.running_var is not None
    assert normalisation.running_mean is not None
    deviation = (normalisation.running_var + normalisation.eps).sqrt()
    scale = normalisation.weight / deviation
    convolution.weight.mul_(scale.view(-1, 1, 1, 1))
    before = 0 if convolution.bias is None else convolution.bias
    normalisation.bias.copy_((before - normalisation.running_mean) * scale + normalisation.bias)
    if convolution.bias is not None:
        convolution.bias.zero_()
    normalisation.running_mean.zero_()
    normalisation.weight.copy_(deviation)


def _encode(
    subject: Network | Classifier,
    composite: str,
    against: str,
    shape: tuple[int, int, int],
    start: str,
    translations: dict[str, onnx.ModelProto],
) -> onnx.ModelProto:
    """The graph as ONNX, simplified, with weights that are exact in half precision stored in it."""
    traced = trace(subject, composite, against, shape, start)
    with _quiet(), _uncollected(), torch.no_grad():
        model = _translated(traced, shape, translations)
        tidy: Sequence[Any] = (
            passes.DeduplicateInitializersPass(size_limit=10**9),
            passes.CommonSubexpressionEliminationPass(),
            passes.RemoveUnusedNodesPass(),
        )
        simpler: Sequence[Any] = (
            passes.InlinePass(),
            *tidy,
            # The limits keep operations on large weights, rather than storing their results as well.
            partial(optimizer.fold_constants, input_size_limit=256, output_size_limit=256),
            passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
            *tidy,
        )
        for change in simpler:  # not `optimizer.optimize`, whose search for patterns takes half a minute
            change(model)
    graph = onnx_ir.to_proto(model)
    _store_halves(graph.graph)
    del graph.graph.value_info[:]
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(graph)
    return graph


def _translated(
    traced: GraphModule, shape: tuple[int, int, int], translations: dict[str, onnx.ModelProto]
) -> onnx_ir.Model:
    """A graph as PyTorch's exporter translates it, or a known translation with the tensors of this graph."""
    tensors = dict(traced.named_buffers())
    shapes = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in tensors.items()}
    code = f"{shape} {shapes} {traced.code}"
    if code not in translations:
        program = torch.onnx.export(
            traced.eval(),
            (torch.zeros(1, *shape), torch.zeros(1, dtype=torch.int64)),
            dynamo=True,
            input_names=["image", "target"],
            output_names=["logits", "heatmap"],
            opset_version=OPSET,
            optimize=False,
            verbose=False,
        )
        assert program is not None
        translations[code] = onnx_ir.to_proto(program.model)
        return program.model
    model = onnx_ir.from_proto(translations[code])
    for name, tensor in tensors.items():
        model.graph.initializers[name].const_value = onnx_ir.tensor(tensor.numpy(), name=name)
    return model


def _store_halves(graph: onnx.GraphProto) -> None:
    """Store each large weight that is exact in half precision as such, with a cast to single precision."""
    casts = []
    for tensor in list(graph.initializer):
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < LARGE:
            continue
        half = value.astype(np.float16)
        if (half == value).all():
            graph.initializer.remove(tensor)
            graph.initializer.append(numpy_helper.from_array(half, f"{tensor.name}.half"))
            casts.append(
                helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=onnx.TensorProto.FLOAT)
            )
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])


def _patterns(shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Random grey images, fine noise on coarse noise, in which hardly any two neighbours are equal."""
    rng = np.random.default_rng(seed)
    channels, height, width = shape
    images = np.empty((CHECKED, height, width, channels), dtype=np.uint8)
    for i, side in zip(range(CHECKED), (4, 8, 16) * CHECKED, strict=False):
        rows, columns = np.arange(height) * side // height, np.arange(width) * side // width
        coarse = rng.integers(40, 190, size=(side, side))[rows][:, columns]
        images[i] = (coarse + rng.integers(-40, 60, size=(height, width)))[..., None]
    return images


def _error(found: np.ndarray, expected: np.ndarray) -> float:
    axes = tuple(range(1, expected.ndim))
    return float(np.median(np.abs(found - expected).max(axes) / np.abs(expected).max(axes)))


@contextmanager
def _quiet() -> Any:
    """Suppress the exporter's log messages, warnings and output."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


@contextmanager
def _uncollected() -> Any:
    """Turn off garbage collection, which takes a quarter of the exporter's time and finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
