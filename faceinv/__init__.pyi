"""The public names of the package, as editors and type checkers see them."""

from faceinv.attribution.attribute import attribute as attribute
from faceinv.attribution.methods import ATTRIBUTION_METHODS as ATTRIBUTION_METHODS
from faceinv.data.faces.causes import CAUSES as CAUSES
from faceinv.data.faces.counterfactuals import render_pairs as render_pairs
from faceinv.data.faces.face_images import render as render
from faceinv.data.faces.face_set import FaceSet as FaceSet
from faceinv.errors import InputError as InputError
from faceinv.lrp.composites import COMPOSITES as COMPOSITES
from faceinv.lrp.composites import composite as composite
from faceinv.lrp.onnx.export import export as export
from faceinv.lrp.relevance import relevance as relevance
from faceinv.metrics.masking_curve import masking_curve as masking_curve
from faceinv.metrics.regions import region_shares as region_shares
from faceinv.metrics.sanity import randomisation_curve as randomisation_curve
from faceinv.metrics.tolerance_curve import tolerance_curve as tolerance_curve
from faceinv.models.architectures import load as load
from faceinv.models.classifiers import Classifier as Classifier
from faceinv.perturbations.transformations import TRANSFORMATIONS as TRANSFORMATIONS
from faceinv.widgets.comparison import NetworkComparison as NetworkComparison
from faceinv.widgets.heatmap import HeatmapExplorer as HeatmapExplorer
from faceinv.widgets.rating import FaceRating as FaceRating
from faceinv.widgets.transformation import TransformationExplorer as TransformationExplorer

__version__: str
__all__: list[str]
