from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from simulated_tables import simulated_masks as simulated

from faceinv.data.faces.face_set import FaceSet
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.conditions import OWN, condition_label, relation
from faceinv.experiments.explanations import explain, held_out
from faceinv.experiments.relevance.generalization import (
    CONSENSUS,
    READ_CONTROLS,
    cross_evaluations,
    differences,
    evaluate_masks,
    explanation,
    explanations,
    generalization,
    masks_for,
    pairs,
)
from faceinv.experiments.relevance.map_agreement import compare_maps
from faceinv.experiments.relevance.other_faces import other_faces
from faceinv.experiments.sizes import Profile
from faceinv.metrics.bootstrap import Bootstrap
from faceinv.metrics.map_similarity import rank_correlation, top_overlap
from faceinv.models.architectures import Network
from faceinv.models.training_config import TrainingConfig
from faceinv.models.training_runs import TrainingRun, splits, train
from faceinv.perturbations import masks

PROFILE = Profile(
    "tiny", size=32, samples=1, people=10, people_views=2, identities=4, identity_views=6, seeds=2
)
FRACTIONS = (0.1, 0.3)
CONDITIONS = ("task",)


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture(scope="module")
def runs(store: object) -> list[TrainingRun]:
    return design.training_runs(replace(PROFILE, exposures=64), architecture="resnet18")


@pytest.fixture(scope="module")
def tables(runs: list[TrainingRun]) -> list[pd.DataFrame]:
    return [
        evaluate_masks(each) for each in cross_evaluations(runs, CONDITIONS, fractions=FRACTIONS, images=5)
    ]


@pytest.mark.slow
def test_every_reader_reads_every_mask(runs: list[TrainingRun], tables: list[pd.DataFrame]) -> None:
    for run, table in zip(runs, tables, strict=True):
        count = table.groupby(["maker", "maker_seed", "maker_task"]).ngroups
        assert count == len(runs) + len(runs) + len(READ_CONTROLS) + len(CONSENSUS)
        assert set(table["fraction"]) == set(FRACTIONS)
        assert set(table["identity"]) <= set(splits(run).test.table["identity"])
        assert (table["seen"] == 0).all()
        assert table["reader"].eq(run.task).all() and table["reader_seed"].eq(run.seed).all()
        counts = table.drop_duplicates(["relation", "maker", "maker_seed", "maker_task"])[
            "relation"
        ].value_counts()
        assert counts[OWN] == 1 and counts["other seed"] == 1 and counts["other task"] == 2
        assert counts["untrained"] == 4


def test_answers_are_those_of_the_reader_to_the_makers_mask(
    runs: list[TrainingRun], tables: list[pd.DataFrame]
) -> None:
    reading = cross_evaluations(runs, CONDITIONS, fractions=FRACTIONS, images=5)[2]
    reader, maker = runs[2], runs[1]
    network, stimuli = train(reader).network, held_out(explanation(reading, maker))
    assert stimuli.table.equals(held_out(explanation(reading, reader)).table)
    inputs = network.prepare(stimuli.images)
    mask = masks.keep(explain(explanation(reading, maker)), 0.3)
    answers = network.logits(masks.apply(inputs, mask)).argmax(1).numpy()
    correct = answers == stimuli.labels("identity", network.specification.classes)
    rows = tables[2].query("maker == 'gender' and maker_seed == 1 and fraction == 0.3").set_index("identity")
    for name, index in stimuli.table.groupby("identity").indices.items():
        assert rows.loc[name, "correct"] == correct[index].mean()


def test_the_weighted_mean_is_balanced_accuracy(runs: list[TrainingRun], tables: list[pd.DataFrame]) -> None:
    reading = cross_evaluations(runs, CONDITIONS, images=5)[0]
    stimuli = held_out(explanation(reading, runs[0]))
    network = train(runs[0]).network
    answers = masks.answers_by_fraction(
        network,
        network.prepare(stimuli.images),
        stimuli.labels("gender"),
        {"own": explain(explanation(reading, runs[0]))},
        (0.3,),
        ("most",),
    )
    rows = tables[0].query("relation == @OWN and fraction == 0.3")
    found = np.average(rows["correct"], weights=rows["weight"])
    assert found == pytest.approx(masks.accuracy_by_fraction(answers)["balanced_accuracy"].iloc[0])


def test_one_forward_pass_an_image_fraction_and_mask(
    runs: list[TrainingRun], tables: list[pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = cross_evaluations(runs, CONDITIONS, fractions=(0.2, 0.25), images=4)[0]
    for each in explanations([reading]):
        explain(each)
    seen: list[int] = []
    original = Network.logits

    def counted(network: Network, inputs: torch.Tensor, *rest: Any) -> torch.Tensor:
        seen.append(len(inputs))
        return original(network, inputs, *rest)

    monkeypatch.setattr(Network, "logits", counted)
    evaluate_masks(reading)
    assert sum(seen) == 4 * 2 * (4 + 4 + len(READ_CONTROLS) + len(CONSENSUS))
    seen.clear()
    evaluate_masks(reading)
    assert not seen  # kept


def test_own_test_images_are_not_explained_twice(runs: list[TrainingRun]) -> None:
    plan = cross_evaluations(runs, CONDITIONS)
    assert explanation(plan[0], runs[1]).on is None
    assert len(explanations(plan)) == 2 * 2 * len(runs)  # two test sets; trained and untrained


def test_the_consensus_leaves_the_reader_out(runs: list[TrainingRun]) -> None:
    reading = cross_evaluations(runs, CONDITIONS, fractions=(0.2,), images=4)[0]
    found: dict[str, np.ndarray] = {}
    for names, scores in masks_for(reading):
        found[str(names["maker"])] = scores
    expected = -np.mean([masks.ranks(explain(explanation(reading, maker))) for maker in runs[1:]], axis=0)
    assert np.array_equal(masks.ranks(found["consensus"]), masks.ranks(expected))
    two = replace(reading, voters=(runs[0], runs[2]))
    found = {str(names["maker"]): scores for names, scores in masks_for(two)}
    expected = -masks.ranks(explain(explanation(reading, runs[2])))
    assert np.array_equal(masks.ranks(found["consensus"]), masks.ranks(expected))
    with pytest.raises(InputError, match="voters of the consensus are no makers"):
        replace(reading, mask_sources=tuple(runs[:2]), voters=(runs[2],))


def test_maps_are_compared_face_by_face_and_with_another_face(runs: list[TrainingRun]) -> None:
    reading = cross_evaluations(runs, CONDITIONS, images=4)[0]
    table = compare_maps(reading)
    own, other = (explain(explanation(reading, run)) for run in runs[:2])
    identity = held_out(explanation(reading, runs[0])).table["identity"].to_numpy()
    rows = table[table["relation"] == "other seed"]
    rows = rows.set_index(["face", "measure", "identity", "other_identity"])["value"].sort_index()
    same = np.arange(len(identity))
    for face, compared in (("same face", [same]), ("another face", other_faces(identity))):
        for against in compared:
            for measure, values in (
                ("rank correlation", rank_correlation(own, other[against])),
                ("overlap of the top tenth", top_overlap(own, other[against], 0.1)),
            ):
                expected = pd.Series(values).groupby([identity, identity[against]]).mean()
                assert rows[face, measure][expected.index].to_numpy() == pytest.approx(
                    expected.to_numpy(), abs=0.01
                )
    assert set(table["relation"]) >= {"untrained", "local contrast", "other task"}


def faces_cell(**changes: object) -> TrainingRun:
    return replace(TrainingRun(FaceSet(4, 4), "gender", 0, (TrainingConfig(),)), **changes)  # type: ignore[arg-type]


def test_relations_name_what_differs() -> None:
    a = faces_cell()
    names = ("architecture", "task")
    assert relation(a, a, names) == OWN
    assert relation(faces_cell(seed=1), a, names) == "other seed"
    assert relation(faces_cell(task="identity", seed=1), a, names) == "other task"
    assert (
        relation(faces_cell(task="identity", architecture="vgg16"), a, names) == "other architecture and task"
    )
    assert condition_label(a, names) == "vgg16_bn, gender"
    with pytest.raises(InputError, match="no 'colour'"):
        relation(a, faces_cell(seed=1), ("colour",))
    with pytest.raises(InputError, match=r"fraction to keep is 2\.0; expected a number from 0 to 1"):
        cross_evaluations([a], ("task",), fractions=(0.1, 2.0))
    with pytest.raises(InputError, match="each once"):
        cross_evaluations([a, faces_cell(architecture="vgg16")], ("task",))


def test_generalization_is_the_share_of_the_own_masks_gain() -> None:
    shares = {"other": 0.5, "untrained": 0.25}
    table = simulated(
        lambda maker, s, reader, t: shares.get(maker, 0.8 if maker == reader else 0.5), noise=0.01
    )
    boot = generalization(table, ["relation"], draws=300)
    found = boot.interval().set_index("relation")
    assert found.loc[OWN, ["estimate", "low", "high"]].tolist() == pytest.approx([1, 1, 1])
    assert found.loc["other seed", "estimate"] == pytest.approx(0.8, abs=0.02)
    assert found.loc["other task", "estimate"] == pytest.approx(0.5, abs=0.02)
    assert (found["low"] <= found["estimate"]).all() and (found["estimate"] <= found["high"]).all()
    above = generalization(table, ["relation"], "untrained", draws=300).interval().set_index("relation")
    assert above.loc["other seed", "estimate"] == pytest.approx(0.8 / 0.25, rel=0.05)
    assert above.loc[OWN, "estimate"] == pytest.approx(4, rel=0.05)
    assert "local contrast" not in above.index


def test_nothing_is_a_share_of_chance() -> None:
    table = simulated(lambda maker, *_: 0.0 if maker == "untrained" else 0.8, noise=0.02)
    found = generalization(table, ["relation"], "untrained", draws=200).interval()
    assert found[["estimate", "low", "high"]].isna().all().all()


def test_differences_are_in_points_of_accuracy() -> None:
    table = simulated(lambda maker, s, reader, t: 0.8 if maker == reader else 0.5, noise=0.01)
    found = differences(table, ["relation"], draws=200).interval().set_index("relation")
    assert found.loc[OWN, ["estimate", "low", "high"]].tolist() == [0, 0, 0]
    assert found.loc["other seed", "estimate"] == pytest.approx(-0.2 * 0.4, abs=0.01)
    assert found.loc["other task", "estimate"] == pytest.approx(-0.5 * 0.4, abs=0.01)


def test_intervals_know_that_makers_are_a_sample_too() -> None:
    rng = np.random.default_rng(1)
    good = rng.normal(0.6, 0.2, 8)  # how good a mask the makers of each seed make, for all readers alike
    table = simulated(lambda maker, s, *_: good[s], seeds=8)
    boot = generalization(table, ["maker", "reader"], draws=4000)
    across = boot.interval().set_index(["maker", "reader"]).loc[("gender", "identity")]
    assert across["se"] == pytest.approx(good.std(ddof=1) / np.sqrt(8), rel=0.1)
    assert boot.estimate["gender", "identity"] == pytest.approx(good.mean())


def errors(boot: Bootstrap) -> dict[str, float]:
    """Standard errors by relation."""
    return dict(boot.interval().set_index("relation")["se"])


def test_a_network_is_one_network_in_both_roles() -> None:
    """Networks that make good masks and need good ones: the two cancel, and so they must in the interval."""
    rng = np.random.default_rng(1)
    good = rng.normal(0, 0.1, 8)
    cancelling = simulated(lambda maker, s, reader, t: 0.6 + good[s] - good[t], seeds=8)
    adding = simulated(lambda maker, s, reader, t: 0.6 + good[s] + good[t], seeds=8)
    spread = [errors(differences(table, ["relation"]))["other seed"] for table in (cancelling, adding)]
    assert spread[0] == pytest.approx(0, abs=1e-9)
    assert spread[1] == pytest.approx(2 * 0.4 * good.std(ddof=1) / np.sqrt(8), rel=0.06)


def test_own_masks_are_own_masks_whatever_is_left_out() -> None:
    rng = np.random.default_rng(1)
    table = simulated(lambda *_: 0.5, seeds=3)
    own = table["relation"] == OWN
    table.loc[own, "correct"] += rng.normal(0, 0.05, own.sum())  # readers differ with their own masks
    boot = generalization(table, ["relation"])
    assert np.allclose(boot.left_out[OWN,], 1) and boot.left_out.notna().all(axis=None)


def test_a_reader_that_ignores_the_image_has_no_generalization() -> None:
    table = simulated(lambda *_: 0.5).assign(correct=0.5)
    found = generalization(table, ["relation"], draws=100).interval()
    assert found["estimate"].isna().all() and found["low"].isna().all()


def test_a_mask_without_a_maker_is_as_uncertain_as_its_readers() -> None:
    good = np.random.default_rng(1).normal(0.6, 0.2, 8)
    table = simulated(lambda maker, s, reader, t: good[t], seeds=8)
    expected = 0.4 * good.std(ddof=1) / np.sqrt(8)
    assert errors(differences(table, ["relation"]))["local contrast"] == pytest.approx(expected, rel=0.02)


def test_the_own_mask_counts_as_a_relation_only() -> None:
    table = simulated(lambda *_: 0.5)
    assert generalization(table, ["maker"], draws=10).estimate.to_numpy() == pytest.approx(0.5)


def test_pairs_are_ratios_of_balanced_gains() -> None:
    table = simulated(lambda maker, s, reader, t: 0.7 if maker == "gender" else 0.3)
    found = pairs(table)
    assert len(found) == 2 * 4 * (3 * 4 + len(READ_CONTROLS) + len(CONSENSUS))
    assert found.query("maker == 'gender' and relation == 'other task'")[
        "generalization"
    ].to_numpy() == pytest.approx(0.7)
    blind = table.assign(correct=table["correct"].where(table["reader"] != "identity", 0.5))
    assert pairs(blind).query("reader == 'identity'")["generalization"].isna().all()


def test_a_reader_without_its_own_mask_is_told() -> None:
    table = simulated(lambda *_: 0.5)
    with pytest.raises(InputError, match="own masks of the reader 'identity'"):
        pairs(table[(table["relation"] != OWN) | (table["reader"] == "gender")])
    with pytest.raises(InputError, match="own, untrained"):
        generalization(table, ["relation"], "best")  # type: ignore[arg-type]


def test_networks_count_alike_whatever_the_number_of_their_classes() -> None:
    """Masks of others are no use to gender and all that identity needs: half of the networks are served."""
    table = simulated(lambda maker, seed, reader, other: float(reader == "identity"))
    of_identity = table["reader"] == "identity"
    chance = np.where(of_identity, 1 / 16, 1 / 2)
    above = (table["correct"] - 0.5) / 0.5  # .8 with the own mask
    table = table.assign(
        correct=chance + (1 - chance) * above, chance=chance, weight=np.where(of_identity, 16 / 6, 2 / 6)
    )
    found = generalization(table.assign(all="all"), ["all"], draws=50).estimate
    assert found.item() == pytest.approx(0.5)
