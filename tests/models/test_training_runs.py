"""Training runs that begin with a base."""

from dataclasses import replace
from pathlib import Path

import joblib
import pytest
import torch

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.profiles import profile
from faceinv.models.architectures import Network, Specification, build, load
from faceinv.models.training import evaluate
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import Strategy, TrainingRun, answers_of, checkpoint, splits, train
from faceinv.models.weights import pretrained
from faceinv.runtime.cache import is_cached

FACES = FaceSet(identities=4, views=6, size=32, samples=1)
SCRATCH = TrainingRun(FACES, "identity", 0, (TrainingConfig(exposures=64, batch=8),), "resnet18")


@pytest.fixture(scope="module", autouse=True)
def places(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("places")
    spec = Specification("resnet18", ("a", "b", "c"), size=32, task="identity", seed=9)
    build(spec).save(folder / "objects-resnet18-0.safetensors", half=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(folder / "cache"))
        patch.setenv("FACEINV_WEIGHTS", str(folder))
        patch.setattr("faceinv.models.weights.BASES", folder)  # in place of those that ship
        yield folder


def first_weights(network: Network) -> torch.Tensor:
    return network.module.get_parameter("conv1.weight")


@pytest.mark.parametrize("strategy", ["finetuned", "frozen"])
def test_what_learns_begins_with_the_base(places: Path, strategy: Strategy) -> None:
    network = train(replace(SCRATCH, pretraining="objects", strategy=strategy)).network
    spec, base = network.specification, load(places / "objects-resnet18-0.safetensors").module.state_dict()
    assert (spec.pretraining, spec.strategy, len(spec.classes)) == ("objects", strategy, 4)
    own = network.module.state_dict()
    same = {name for name in own if name[:3] != "fc." and torch.equal(own[name], base[name])}
    if strategy == "frozen":
        assert same == {name for name in own if not name.startswith("fc.")}
    else:
        assert "conv1.weight" not in same
        far = train(SCRATCH).network.module.state_dict()["conv1.weight"]
        near = (own["conv1.weight"] - base["conv1.weight"]).norm()
        assert near < 0.5 * (far - base["conv1.weight"]).norm()


def test_only_the_hidden_layer_and_the_output_layer_of_a_frozen_network_learn(places: Path) -> None:
    run = replace(SCRATCH, pretraining="objects", strategy="frozen", hidden=24)
    network = train(run).network
    own, base = (
        network.module.state_dict(),
        load(places / "objects-resnet18-0.safetensors").module.state_dict(),
    )
    begun = pretrained("objects", network.specification)[0].module.state_dict()
    assert own["fc.0.weight"].shape[0] == 24 and own["fc.2.weight"].shape == (4, 24)
    for name, value in own.items():
        if name.startswith("fc."):
            assert not torch.equal(value, begun[name]), name
        else:
            assert torch.equal(value, base[name]), name
    assert network.specification.hidden == 24


def test_checkpoints_are_the_weights_after_a_share_of_the_steps() -> None:
    # 12 training images in batches of 8: one step a pass, and five passes
    run = replace(SCRATCH, checkpoints=(0.2, 0.5, 0.99))
    early, middle, late = (first_weights(checkpoint(run, share)) for share in run.checkpoints)
    assert not torch.equal(early, middle) and not torch.equal(middle, late)
    # both begin with the full rate, so that the first of five steps is that of a training of one step
    one_step = replace(SCRATCH, recipes=(replace(run.recipes[0], exposures=12),))
    assert torch.equal(first_weights(train(one_step).network), early)
    # keeping weights on the way changes nothing about where it leads
    assert torch.equal(first_weights(train(run).network), first_weights(train(SCRATCH).network))
    with pytest.raises(
        InputError, match=r"no checkpoint at 0\.3 of the exposures; expected one of 0\.2, 0\.5"
    ):
        checkpoint(run, 0.3)
    for shares in ((0.5, 0.5), (0.0,), (1.0,)):
        with pytest.raises(InputError, match="increasing shares between 0 and 1"):
            replace(SCRATCH, checkpoints=shares)
    with pytest.raises(InputError, match="none for a frozen network"):
        replace(run, pretraining="objects", strategy="frozen")


def test_a_run_names_the_base_of_its_seed(places: Path) -> None:
    finetuned = replace(SCRATCH, pretraining="objects", strategy="finetuned")
    assert (SCRATCH.base, finetuned.base) == ("none", "objects-resnet18 #0")
    assert replace(finetuned, seed=5).base == "objects-resnet18 #0"  # the only base
    other = places / "objects-resnet18-1.safetensors"
    other.write_bytes((places / "objects-resnet18-0.safetensors").read_bytes())
    try:
        bases = [replace(finetuned, seed=seed).base for seed in range(3)]
    finally:
        other.unlink()
    assert bases == ["objects-resnet18 #0", "objects-resnet18 #1", "objects-resnet18 #0"]


def test_scratch_is_what_it_was() -> None:
    spec = train(SCRATCH).network.specification
    assert (spec.pretraining, spec.strategy) == ("none", "scratch")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "thawed"}, "strategy is 'thawed'"),
        ({"strategy": "frozen"}, "strategy is frozen and pretraining none"),
        ({"pretraining": "objects"}, "strategy is scratch and pretraining objects"),
        ({"stages": 2}, "stages are 2; expected none"),
        ({"shots": 0}, "shots are 0; expected at least 1"),
    ],
)
def test_what_does_not_go_together(change: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(SCRATCH, **change)


def test_few_images_are_those_of_each_person_and_the_test_stays_whole() -> None:
    few, whole = (splits(run) for run in (replace(SCRATCH, shots=2), SCRATCH))
    assert set(few.train.table.groupby("identity").size()) == {2}
    assert few.validation.table.groupby("identity").size().max() <= 2
    assert few.test.table.equals(whole.test.table)
    assert train(replace(SCRATCH, shots=2)).curves["validation"].notna().all()


def test_designs_take_a_pretraining() -> None:
    runs = design.training_runs(profile("smoke"), pretraining="faces", strategy="finetuned")
    assert {(run.pretraining, run.strategy) for run in runs} == {("faces", "finetuned")}


def test_networks_of_other_seeds_begin_with_other_bases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEINV_WEIGHTS", str(tmp_path))
    for seed in (0, 1):
        spec = Specification("resnet18", ("a", "b", "c"), size=32, task="identity", seed=seed)
        build(spec).save(tmp_path / f"faces-resnet18-{seed}.safetensors")
    specs = [Specification("resnet18", ("a", "b"), size=32, seed=seed) for seed in range(3)]
    first = [first_weights(pretrained("faces", spec)[0]) for spec in specs]
    assert not torch.equal(first[0], first[1])
    assert torch.equal(first[0], first[2])
    assert torch.equal(first_weights(pretrained("faces-1", specs[0])[0]), first[1])


def test_a_cell_of_other_weights_is_another_cell(places: Path) -> None:
    base = places / "faces-resnet18-0.safetensors"
    spec = Specification("resnet18", ("a", "b", "c"), size=32, task="identity", seed=5)
    runs = []
    for seed in (5, 6):
        build(replace(spec, seed=seed)).save(base)
        runs.append(replace(SCRATCH, pretraining="faces", strategy="finetuned"))
    base.unlink()
    assert runs[0] != runs[1]
    assert joblib.hash(runs[0]) != joblib.hash(runs[1])


def test_who_changes_a_network_changes_nobody_elses() -> None:
    first = train(SCRATCH)
    before = first.network.module.state_dict()["fc.bias"].clone()
    with torch.no_grad():
        first.network.module.get_parameter("fc.bias").add_(1)
    first.curves["validation"] = -1.0
    again = train(SCRATCH)
    assert torch.equal(again.network.module.state_dict()["fc.bias"], before)
    assert (again.curves["validation"] >= 0).all()


def test_answers_are_those_of_the_network_to_its_whole_test_set() -> None:
    told = answers_of(SCRATCH)
    test = splits(SCRATCH).test
    assert told.equals(evaluate(train(SCRATCH).network, test))
    assert len(told) == len(test)
    assert is_cached(answers_of, SCRATCH)
    assert not is_cached(answers_of, replace(SCRATCH, seed=8))
