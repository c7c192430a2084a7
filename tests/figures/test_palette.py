"""One palette and one order: what colours must be, and that every chart takes them from there."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from faceinv.figures import charts, generalization_matrix, network_scatters, palette, small_multiples
from faceinv.models.pretraining import PRETRAINING_SETS
from faceinv.perturbations.transformations import TRANSFORMATIONS

ROOT = Path(__file__).parents[2]
LIGHT, DARK = (255, 255, 255), (20, 24, 30)

# Machado, Oliveira & Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
TO_LMS = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
TO_OKLAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]


def seen(colour: str, vision: str) -> np.ndarray:
    """OKLab coordinates of a colour as it is seen (Ottosson 2020)."""
    share = np.array(palette.rgb(colour)) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.array(TO_OKLAB) @ np.cbrt(np.array(TO_LMS) @ np.clip(np.array(VISION[vision]) @ linear, 0, 1))


@pytest.mark.parametrize("factor", [palette.OF_PRETRAINING, palette.OF_TASK, palette.OF_ARCHITECTURE])
@pytest.mark.parametrize("vision", VISION)
def test_colours_of_a_factor_can_be_told_apart(factor: palette.Factor, vision: str) -> None:
    values = [name for name in factor.colours if name not in ("imagenet", "vggface")]
    colours = sorted({factor.colours[name] for name in values})
    least = min(
        np.linalg.norm(seen(a, vision) - seen(b, vision)) for a, b in itertools.combinations(colours, 2)
    )
    assert least > 0.08  # about four times what is just noticeable


def test_trained_differs_from_untrained_and_controls_with_every_vision() -> None:
    trained = palette.OF_KIND.colours["trained"]
    for vision, control in itertools.product(VISION, ("untrained", "local contrast", "random")):
        assert np.linalg.norm(seen(trained, vision) - seen(palette.OF_KIND.colours[control], vision)) > 0.07


def test_every_colour_is_legible_on_the_light_and_the_dark_page() -> None:
    used = {colour for factor in palette.FACTORS for colour in factor.colours.values()}
    for colour in used | {palette.INK, palette.NEUTRAL, *palette.SPARE}:
        for page in (LIGHT, DARK):
            assert palette.contrast_ratio(palette.rgb(colour), page) >= 3, colour


def test_a_colour_has_one_meaning() -> None:
    of_factor = {factor.name: set(factor.colours.values()) for factor in palette.FACTORS}
    of_factor["spare"] = {*palette.SPARE, palette.NEUTRAL}
    for a, b in itertools.combinations(of_factor, 2):
        assert not of_factor[a] & of_factor[b]
    values = [value for factor in palette.FACTORS for value in factor.colours]
    assert len(values) == len(set(values))


def test_contrast_is_that_of_the_guidelines() -> None:
    assert palette.contrast_ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert palette.contrast_ratio((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_each_pretraining_set_has_a_colour() -> None:
    assert set(PRETRAINING_SETS) <= set(palette.OF_PRETRAINING.colours)


def test_values_are_in_one_order() -> None:
    assert palette.in_order(["faces", "objects", "none"]) == ["none", "objects", "faces"]
    assert palette.in_order(["faces, gender", "none, identity", "none, gender"]) == [
        "none, gender",
        "none, identity",
        "faces, gender",
    ]
    assert palette.in_order(["objects, frozen", "objects, finetuned", "scratch"]) == [
        "scratch",
        "objects, frozen",
        "objects, finetuned",
    ]
    assert palette.in_order(["untrained", "faces", "scratch"]) == ["scratch", "faces", "untrained"]
    assert palette.FACTORS[palette.LAST_FACTOR] is palette.OF_KIND
    assert palette.in_order(["resnet50", "alexnet_bn"]) == ["alexnet_bn", "resnet50"]
    assert palette.in_order(["blur", "rotation"]) == [n for n in TRANSFORMATIONS if n in ("blur", "rotation")]


def test_values_of_no_factor_stay_as_they_are() -> None:
    assert palette.in_order(["second", "objects", "first"]) == ["second", "objects", "first"]
    assert palette.in_order(["identity", "faces"]) == ["identity", "faces"]
    assert palette.in_order([3, 1, 3]) == [3, 1]


def test_a_value_has_its_colour_and_its_variants_another_dash() -> None:
    found = palette.looks(["objects", "objects, frozen", "other", "another"])
    own = palette.OF_PRETRAINING.colours["objects"]
    assert found["objects"].colour == found["objects, frozen"].colour == own
    assert found["objects"].dash != found["objects, frozen"].dash
    assert (found["other"].colour, found["another"].colour) == palette.SPARE[:2]
    assert palette.looks(["other"])["other"].colour == palette.NEUTRAL


def test_no_other_module_and_no_notebook_has_colours_of_its_own() -> None:
    hexes = re.compile(r"#[0-9A-Fa-f]{6}\b")
    sources = [path for path in (ROOT / "faceinv" / "figures").rglob("*.py") if path.name != "palette.py"]
    sources += (ROOT / "faceinv" / "book" / "pages").glob("*.py")
    assert [str(path) for path in sources if hexes.search(path.read_text("utf-8"))] == []
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert not hexes.search("".join("".join(cell["source"]) for cell in cells)), path.name


def intervals(**columns: list[object]) -> pd.DataFrame:
    rows = pd.DataFrame(itertools.product(*columns.values()), columns=list(columns))
    return rows.assign(estimate=0.5, low=0.4, high=0.6, seeds=3)


SHUFFLED: list[object] = ["faces", "none", "objects"]


def drawn() -> dict[str, go.Figure]:
    levels: list[object] = list(TRANSFORMATIONS["blur"].levels[:3])
    paths = intervals(architecture=["resnet18"], strategy=SHUFFLED, share=[0.5, 1.0])
    paths = paths.assign(**{f"{name}_{x}": paths[name] for name in ("estimate", "low", "high") for x in "xy"})
    return {
        "curves": charts.curves(intervals(x=[0, 1], panel=["a"], pretraining=SHUFFLED), "x", "pretraining"),
        "points": charts.points(intervals(region=["a"], pretraining=SHUFFLED), "region", "pretraining"),
        "tolerance": small_multiples.tolerance(
            {
                "": intervals(
                    architecture=["resnet18"], transformation=["blur"], level=levels, strategy=SHUFFLED
                )
            }
        ),
        "paths": network_scatters.accuracy_paths(paths, [str(name) for name in SHUFFLED]),
        "networks": network_scatters.network_points(
            intervals(pretraining=SHUFFLED, kind=["a"]).assign(seed=0), "low", "high", "pretraining", "kind"
        ),
        "relations": generalization_matrix.relations(
            intervals(relation=["same network"], pretraining=SHUFFLED), "pretraining"
        ),
    }


@pytest.mark.parametrize("name", drawn())
def test_every_chart_takes_colours_and_order_from_the_palette(name: str) -> None:
    traces = [each for each in drawn()[name].data if each.name in SHUFFLED and not each.fill]
    shown = list(dict.fromkeys(each.name for each in traces))
    assert shown == ["none", "objects", "faces"]
    for trace in traces:
        ink = trace.marker.color or trace.line.color
        assert ink == palette.OF_PRETRAINING.colours[trace.name], trace.name
