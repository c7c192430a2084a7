"""Galleries, on a tiny network."""

import numpy as np
import pytest

from faceinv.experiments import design
from faceinv.experiments.sizes import Profile
from faceinv.figures import transformation_grids
from faceinv.models.training import evaluate
from faceinv.models.training_runs import Trained, splits, train
from faceinv.perturbations.transformations import TRANSFORMATIONS

PROFILE = Profile("tiny", size=32, samples=1, identities=4, identity_views=6, seeds=2, exposures=64)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        run = design.training_runs(PROFILE, tasks=["identity"], seeds=1, architecture="resnet18")[0]
        yield splits(run), train(run)


def test_levels_begin_with_the_face_itself(parts: tuple) -> None:
    image = parts[0].test.images[0]
    for name, transformation in TRANSFORMATIONS.items():
        moved = transformation_grids.at_every_level(image, name)
        assert moved.shape == (len(transformation.levels_at(32)), 32, 32, 3)
        assert np.array_equal(moved[0], image) and not np.array_equal(moved[-1], image)
    figure = transformation_grids.levels(image)
    assert len(figure.data[0].x) == len(TRANSFORMATIONS) * 7
    # at 32 pixels only these levels of resolution are left, and their row ends early
    row = list(TRANSFORMATIONS).index("resolution")
    assert figure.data[0].text[7 * row] == "resolution (pixels that remain): 32 px"
    assert list(figure.data[1].text[7 * row : 7 * row + 7]) == ["32 px", "24 px", "16 px", "", "", "", ""]


@pytest.mark.slow
def test_networks_name_a_person_at_each_level(parts: tuple) -> None:
    split, trained = parts
    network = trained.network
    figure = transformation_grids.taken_for(
        {"seed 0": network}, split.test, 0, split.train, ["rotation", "blur"]
    )
    assert list(figure.layout.yaxis.ticktext) == ["rotation", "seed 0", "blur", "seed 0"]
    said = figure.data[0].text[7]
    answer = network.specification.classes[network.logits(network.prepare(split.test.images[:1])).argmax()]
    assert said == f"seed 0: {answer}, at 0°"


def test_the_face_shown_is_one_that_is_known(parts: tuple) -> None:
    split, trained = parts
    correct = evaluate(trained.network, split.test)["correct"]
    which = transformation_grids.best_known([trained.network, trained.network], split.test)
    assert correct[which] == correct.max() and not correct[:which].any()


def test_filters_of_each_state_are_a_block_of_columns(parts: tuple) -> None:
    trained: Trained = parts[1]
    figure = transformation_grids.filter_grid({"resnet18": {"scratch": trained.network}}, 3, common=True)
    assert list(figure.layout.yaxis.ticktext) == ["resnet18"]
    assert [head for head in figure.layout.xaxis.ticktext if head] == ["untrained", "scratch"]
    said = [f"resnet18, {state}: filter {i}" for state in ("untrained", "scratch") for i in range(3)]
    assert list(figure.data[0].text) == [*said[:3], "", *said[3:]]
