"""Designs: which networks are trained, and what they can begin with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from faceinv.data.faces.face_set import FaceSet
from faceinv.data.sources import Photographs
from faceinv.errors import InputError
from faceinv.experiments import design, image_sets
from faceinv.experiments.invariance.probes import probes_of
from faceinv.experiments.profiles import PROFILES
from faceinv.experiments.sizes import Profile
from faceinv.models import weights
from faceinv.models.architectures import Specification, build
from faceinv.models.training_runs import Strategy
from faceinv.models.zoo import ARCHITECTURES

TINY = Profile(
    "tiny", size=32, width=0.125, people=6, identities=3, seeds=2, tested_identities=3, tested_seeds=2
)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base of faces for resnet18, and none of objects."""
    monkeypatch.setenv("FACEINV_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("faceinv.models.weights.BASES", tmp_path)
    path = tmp_path / "faces-resnet18-0.safetensors"
    build(Specification("resnet18", ("a", "b"), 0.25, 32)).save(path)
    return path


def test_pretrainings_whose_weights_fit_are_at_hand(base: Path) -> None:
    asked = ["none", "faces", "objects"]
    assert design.available(asked, replace(TINY, width=0.25), "resnet18") == ["none", "faces"]
    assert design.available(asked, TINY, "resnet18") == ["none"]  # the base is wider
    assert design.available(asked, replace(TINY, width=0.25), "vgg16_bn") == ["none"]
    assert design.available([str(base)], replace(TINY, width=0.25), "resnet18") == [str(base)]


def test_what_is_no_pretraining_of_this_project_must_be_there(base: Path) -> None:
    for names, message in ((["none", "face"], "'face'"), (["imagenet"], "imagenet"), ([], "available")):
        with pytest.raises(InputError, match=message):
            design.available(names, TINY, "resnet18")
    with pytest.raises(InputError, match="available for resnet18"):
        design.available(["objects"], TINY, "resnet18")


def test_stages_of_a_base_are_taken_over_one_by_one(base: Path) -> None:
    fitting = replace(TINY, width=0.25)
    pairs = design.transferred(replace(fitting, stages=9), "resnet18", "faces")
    assert [(count, run.seed) for count, run in pairs] == [(n, seed) for n in range(6) for seed in (0, 1)]
    assert [run.stages for _, run in pairs[::2]] == [None, 1, 2, 3, 4, None]
    # no stage is training from scratch, and all of them are what finetuning takes over anyway
    assert pairs[0][1] == design.tolerance_runs(fitting, architecture="resnet18")[0]
    assert pairs[-2][1] == design.tolerance_runs(fitting, architecture="resnet18", pretraining="faces")[0]
    assert design.transferred(fitting, "resnet18", "objects") == []
    assert design.transferred(TINY, "resnet18", "faces") == []  # the base is wider


def test_some_numbers_of_stages_lie_evenly_between_none_and_all() -> None:
    assert design.stage_counts(5, 2) == [0, 1, 4, 5]
    assert design.stage_counts(5, 9) == [0, 1, 2, 3, 4, 5]
    assert design.stage_counts(5, 0) == [0, 5]


def test_networks_of_few_images_begin_with_all_that_is_at_hand(base: Path) -> None:
    runs = design.few_shots(replace(TINY, width=0.25), "resnet18", 5, seeds=1)
    assert [(run.pretraining, run.shots) for run in runs] == [("none", 5), ("faces", 5)]
    # the base is of another width, as those that ship are for the full networks
    assert {run.pretraining for run in design.few_shots(TINY, "resnet18", 5)} == {"none"}
    of_each = design.few_shots(replace(TINY, few_seeds=4), "resnet18", 5, tasks=["identity"])
    assert {run.seed for run in of_each} == {0, 1, 2, 3}


def test_a_factorial_crosses_pretraining_task_and_seed() -> None:
    runs = design.factorial(TINY, pretrainings=["none", "faces"])
    assert [(run.pretraining, run.task, run.seed) for run in runs] == [
        (pretraining, task, seed)
        for pretraining in ("none", "faces")
        for task in ("gender", "identity")
        for seed in (0, 1)
    ]
    assert {(run.pretraining, run.strategy) for run in runs} == {
        ("none", "scratch"),
        ("faces", "finetuned"),
    }
    assert runs[:4] == design.training_runs(TINY)


def test_the_recipe_of_the_first_author_freezes_the_base_below_a_hidden_layer() -> None:
    runs = design.factorial(
        TINY, tasks=["gender"], seeds=1, pretrainings=["none", "faces"], recipe="crawford"
    )
    assert [(run.pretraining, run.strategy, run.hidden) for run in runs] == [
        ("none", "scratch", 2048),  # without a base there is nothing to freeze
        ("faces", "frozen", 2048),
    ]
    recipe = runs[1].recipes[0]
    assert recipe.optimiser == "sgd" and recipe.decay > 0
    assert {run.hidden for run in design.factorial(TINY)} == {None}
    with pytest.raises(InputError, match="recipe is 'craw'; expected usual or crawford"):
        design.factorial(TINY, recipe="craw")


def test_a_chapter_says_what_could_not_be_compared() -> None:
    alone = design.compared_pretrainings(["none", "faces"], ["none"], "resnet18")
    assert alone.startswith("Networks are **trained from scratch**. ")
    assert "For faces no weights of resnet18" in alone and "one pretraining only" in alone
    theirs = design.compared_pretrainings(["faces"], ["faces"], "resnet18", "crawford")
    assert "recipe *crawford* (the first author's public working notes" in theirs and "recipe" not in alone
    both = design.compared_pretrainings(["none", "faces"], ["none", "faces"], "resnet18")
    assert "no weights" not in both and "only" not in both
    assert both == "Networks are **trained from scratch**, or pretrained on **faces**."
    names = ["none", "faces", "objects", "textures"]
    many = design.compared_pretrainings(names, names, "resnet18")
    assert many.endswith(", or pretrained on **faces**, on **objects** or on **textures**.")
    assert theirs.startswith("Networks are pretrained on **faces**.")


QUICK = PROFILES["quick"]


@pytest.fixture
def bases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which alone bases are looked for."""
    monkeypatch.setattr(weights, "_folders", lambda: [tmp_path])
    return tmp_path


def test_without_a_base_there_is_scratch_alone(bases: Path) -> None:
    assert design.pretrainings(replace(TINY, width=0.25), "resnet18") == ["none"]
    assert {design.strategy_of(run) for run in design.strategies(QUICK, "resnet18")} == {"scratch"}


def test_every_base_at_hand_is_finetuned(bases: Path) -> None:
    (bases / "objects-resnet18-0.safetensors").touch()
    (bases / "faces-resnet50-0.safetensors").touch()
    assert design.pretrainings(replace(TINY, width=0.25), "resnet18") == ["none", "objects"]
    runs = design.strategies(QUICK, "resnet18", seeds=2)
    assert [(design.strategy_of(run), run.seed) for run in runs] == [
        (name, seed) for name in ("scratch", "objects, finetuned") for seed in (0, 1)
    ]
    assert [run.base for run in runs] == ["none", "none", "objects-resnet18 #0", "objects-resnet18 #0"]
    # bases are of a quarter of the width, and fit no other
    assert len(design.strategies(PROFILES["paper"], "resnet18", seeds=2)) == 2


@pytest.fixture
def published(bases: Path) -> Path:
    """Files with the names of published weights: ImageNet's for resnet18 and VGG-Face, which is of vgg16."""
    for name, architecture in (("imagenet", "resnet18"), ("vggface", "vgg16")):
        (bases / weights.PRETRAININGS[name](Specification(architecture, ("a", "b"))).file).touch()
    return bases


def test_strategies_start_from_published_weights_where_an_architecture_has_them(published: Path) -> None:
    names = ["none", "objects", "imagenet", "vggface"]
    full = replace(TINY, width=1.0, size=64)
    assert design.pretrainings(full, "resnet18", names) == ["none", "imagenet"]
    assert design.pretrainings(full, "vgg16", names) == ["none", "vggface"]
    assert design.pretrainings(QUICK, "resnet18", names) == ["none"]  # published weights are of full width
    runs = design.strategies(full, "resnet18", seeds=1, names=names)
    assert [design.strategy_of(run) for run in runs] == ["scratch", "imagenet, finetuned"]
    few = design.few_shots(full, "resnet18", 5, seeds=1, names=names)
    assert [run.pretraining for run in few] == ["none", "imagenet"]
    assert {count for count, _ in design.transferred(full, "resnet18", "imagenet")} >= {0, 1}
    # random starts are probed once a seed, and published weights once
    assert [probe.run.base for probe in probes_of(full, "resnet18", published=names)] == [
        "none",
        "none",
        "imagenet-resnet18-w1",
    ]


def test_published_weights_that_no_architecture_has_are_refused(published: Path) -> None:
    full = replace(TINY, width=1.0)
    design.check_pretrainings(["none", "objects", "imagenet", "vggface"], full, ["resnet18", "vgg16"])
    with pytest.raises(InputError, match="vggface weights are of vgg16"):
        design.check_pretrainings(["vggface"], full, ["resnet18"])
    with pytest.raises(InputError, match="'imagnet'"):
        design.check_pretrainings(["none", "imagnet"], full, ["resnet18"])


def test_an_architecture_learns_at_its_own_pace(bases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceinv.experiments.learning_rates.rate_factor", lambda *_: 1.0)
    usual, slow = (
        design.training_runs(QUICK, architecture=name)[0].recipes[0] for name in ("vgg16_bn", "resnet50")
    )
    assert (usual.rate, usual.exposures) == (QUICK.rates[0], QUICK.exposures)
    assert slow.rate == usual.rate * ARCHITECTURES["resnet50"].pace.rate
    assert slow.batch == 32 and slow.exposures == round(1.43 * QUICK.exposures)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_all_strategies_are_trained_with_the_same_exposures(bases: Path, profile: str) -> None:
    sizes = PROFILES[profile]
    for architecture in ("alexnet_bn", "resnet18"):
        for name in ("objects", "faces"):
            (bases / f"{name}-{architecture}-0.safetensors").touch()
        runs = design.strategies(sizes, architecture, seeds=1)
        runs += [design.with_wide_augmentation(run) for run in runs]
        runs += [run for _, run in design.transferred(sizes, architecture, "objects", seeds=1)]
        assert len({design.strategy_of(run) for run in runs}) == 3
        assert len({(recipe.exposures, recipe.batch) for run in runs for recipe in run.recipes}) == 1
        assert {run.checkpoints for run in runs} == {sizes.checkpoints}
    factorial = design.factorial(sizes, tasks=["identity"], pretrainings=["none", "faces"])
    assert len({recipe.exposures for run in factorial for recipe in run.recipes}) == 1


def test_networks_are_tested_on_the_set_of_the_profile(bases: Path) -> None:
    runs = design.tolerance_runs(QUICK, architecture="resnet18")
    assert {run.seed for run in runs} == set(range(QUICK.tested_seeds))
    source = runs[0].source
    assert isinstance(source, FaceSet)
    assert (source.identities, source.views) == (QUICK.tested_identities, QUICK.tested_views)
    assert PROFILES["full"].tested_identities >= 48
    # the default run is a replication of the full one: same people, same pictures, same training
    assert design.tested(QUICK).identity_views == design.tested(PROFILES["full"]).identity_views


def test_wide_augmentation_changes_nothing_else(bases: Path) -> None:
    run = design.training_runs(QUICK, architecture="resnet18")[0]
    recipe, wide = run.recipes[0], design.with_wide_augmentation(run).recipes[0]
    for name in ("rate", "batch", "decay", "exposures"):
        assert getattr(wide, name) == getattr(recipe, name)
    assert wide.rotation > recipe.rotation and wide.scale > recipe.scale and wide.shift > recipe.shift


def test_photographs_are_cropped_and_aligned_and_rendered_faces_are_not(tmp_path: Path) -> None:
    assert image_sets.image_set("faces") == image_sets.FACES
    for crop, align in ((0.5, False), (1.0, True)):
        with pytest.raises(InputError, match="rendered faces cannot be cropped or aligned"):
            image_sets.image_set("faces", crop, align)
    (tmp_path / "people.csv").touch()
    shown = image_sets.source("identity", TINY, image_sets.image_set(str(tmp_path), 0.6, True))
    assert isinstance(shown, Photographs)
    assert (shown.size, shown.crop, shown.align) == (32, 0.6, True)
    whole = image_sets.source("identity", TINY, str(tmp_path))
    assert isinstance(whole, Photographs)
    # Only where photographs are aligned does what is read depend on the version of OpenCV.
    assert whole.stamp != shown.stamp
    assert whole == replace(shown, crop=1.0, align=False, stamp=whole.stamp)


def test_other_labels_of_rendered_faces_are_asked_of_people_of_their_own() -> None:
    sets = [
        image_sets.source(task, PROFILES["quick"]) for task in ("gender", "identity", "expression", "view")
    ]
    assert sets[2] == sets[3]
    people = [range(each.first, each.first + each.identities) for each in sets[:3]]  # type: ignore[union-attr]
    assert len(set().union(*people)) == sum(map(len, people))
    with pytest.raises(
        InputError, match=r"'smiling', which is no label of rendered faces; expected .*expression"
    ):
        design.training_runs(TINY, tasks=["smiling"])


@pytest.mark.parametrize(
    ("architecture", "width", "size"),
    [("vit_b_16", 1.0, 64), ("inception_v3", 1.0, 48), ("alexnet", 0.25, 24)],
)
def test_an_architecture_that_needs_larger_images_is_refused(
    architecture: str, width: float, size: int
) -> None:
    with pytest.raises(InputError, match=f"{architecture} cannot take images of {size} pixels"):
        design.training_runs(replace(TINY, width=width, size=size), architecture=architecture)


def test_a_task_that_cannot_be_tested_is_refused_before_any_network_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in "abcdef":
        (tmp_path / "images" / person).mkdir(parents=True)
        for view in range(3):
            Image.new("L", (32, 32), 8 * view).save(tmp_path / "images" / person / f"{person}{view}.png")
    rows = "".join(f"{person},{'left' if person < 'c' else 'right'}\n" for person in "abcdef")
    (tmp_path / "people.csv").write_text(f"identity,side\n{rows}")
    monkeypatch.setattr(design.parallel, "parallel_map", lambda *_: pytest.fail("something was trained"))
    runs = design.training_runs(TINY, str(tmp_path), ["identity", "side"], 1, "resnet18")
    with pytest.raises(InputError, match="side 'left' has 2 identities; expected at least 3"):
        design.train_all(runs)
    for task, message in (("gender", "'gender', which is no column"), ("view", "view in")):
        with pytest.raises(InputError, match=message):
            design.train_all(design.training_runs(TINY, str(tmp_path), [task], 1, "resnet18"))
    assert image_sets.compared(TINY, str(tmp_path))[1] is None  # nobody asked for gender


@pytest.mark.parametrize("seeds", [0, -1])
def test_no_seeds_are_refused(seeds: int) -> None:
    with pytest.raises(InputError, match=f"seeds are {seeds}; expected at least 1"):
        design.training_runs(TINY, image_sets.FACES, ["gender"], seeds)


@pytest.mark.parametrize(
    ("pretraining", "seed", "base"),
    [
        ("none", 1, "none"),
        ("objects", 0, "objects-resnet18 #0"),
        ("objects-0", 2, "objects-resnet18 #0"),
        ("objects-1-16", 0, "objects-resnet18-16 #1"),
        ("objects-0-c4", 1, "objects-resnet18-c4 #0"),
        ("imagenet", 0, "imagenet-resnet18"),
        ("folder/mine.pth", 0, "folder/mine.pth"),
    ],
)
def test_a_run_names_its_base_apart_from_what_it_shares_with_others(
    pretraining: str, seed: int, base: str
) -> None:
    (run,) = design.training_runs(PROFILES["smoke"], tasks=["identity"], architecture="resnet18", seeds=1)
    strategy: Strategy = "scratch" if pretraining == "none" else "finetuned"
    assert replace(run, pretraining=pretraining, strategy=strategy, seed=seed).base == base


@pytest.mark.parametrize("task", ["gender", "identity"])
def test_what_a_control_removes_is_measured_on_the_same_faces(task: str) -> None:
    colour, grey = (each(task, PROFILES["quick"]) for each in (image_sets.in_colour, image_sets.as_in_colour))
    assert colour.colour != grey.colour and replace(colour, colour=grey.colour) == grey
