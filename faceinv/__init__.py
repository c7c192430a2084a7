"""faceinv: where convolutional networks read a face, and how invariant that reading is."""

from importlib import import_module
from typing import Any

_HOMES = {
    "Classifier": "models.classifiers",
    "load": "models.architectures",
    "relevance": "lrp.relevance",
    "composite": "lrp.composites",
    "COMPOSITES": "lrp.composites",
    "attribute": "attribution.attribute",
    "ATTRIBUTION_METHODS": "attribution.methods",
    "masking_curve": "metrics.masking_curve",
    "randomisation_curve": "metrics.sanity",
    "tolerance_curve": "metrics.tolerance_curve",
    "TRANSFORMATIONS": "perturbations.transformations",
    "region_shares": "metrics.regions",
    "export": "lrp.onnx.export",
    "HeatmapExplorer": "widgets.heatmap",
    "TransformationExplorer": "widgets.transformation",
    "NetworkComparison": "widgets.comparison",
    "FaceRating": "widgets.rating",
    "FaceSet": "data.faces.face_set",
    "render": "data.faces.face_images",
    "render_pairs": "data.faces.counterfactuals",
    "CAUSES": "data.faces.causes",
    "InputError": "errors",
}
"""The module that each public name comes from, imported when the name is first used: PyTorch takes seconds.

``__init__.pyi`` says the same to editors and type checkers."""

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    value: Any
    if name == "__version__":
        value = import_module("importlib.metadata").version("faceinv")
    elif name in _HOMES:
        try:
            value = getattr(import_module(f"faceinv.{_HOMES[name]}"), name)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"faceinv.{name} needs {error.name}, which is not installed; expected the package with its "
                "extra: pip install 'faceinv[book]'",
                name=error.name,
            ) from error
    else:
        raise AttributeError(f"module 'faceinv' has no attribute {name!r}; it has {', '.join(_HOMES)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", "__doc__", "__file__", "__name__", "__path__"})
