from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated import readings as simulated

from faceinv import design, masking
from faceinv.data.faces import FaceSet
from faceinv.errors import InputError
from faceinv.explanation import explain, held_out
from faceinv.generalization import (
    CONSENSUS,
    OWN,
    differences,
    explanation,
    explanations,
    generalization,
    label,
    masks_for,
    pairs,
    read,
    readings,
    relation,
)
from faceinv.models.architectures import Network
from faceinv.models.cells import Cell, splits, train
from faceinv.models.training import Recipe
from faceinv.profiles import Profile

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
def cells(store: object) -> list[Cell]:
    return design.cells(replace(PROFILE, exposures=64), architecture="resnet18")


@pytest.fixture(scope="module")
def tables(cells: list[Cell]) -> list[pd.DataFrame]:
    return [read(each) for each in readings(cells, CONDITIONS, fractions=FRACTIONS, images=5)]


def test_every_reader_reads_every_mask(cells: list[Cell], tables: list[pd.DataFrame]) -> None:
    for cell, table in zip(cells, tables, strict=True):
        masks = table.groupby(["maker", "maker_seed", "maker_task"]).ngroups
        assert masks == len(cells) + len(cells) + 4 + len(CONSENSUS)
        assert set(table["fraction"]) == set(FRACTIONS)
        assert set(table["identity"]) <= set(splits(cell).test.table["identity"])
        assert (table["seen"] == 0).all()
        assert table["reader"].eq(cell.task).all() and table["reader_seed"].eq(cell.seed).all()
        counts = table.drop_duplicates(["relation", "maker", "maker_seed", "maker_task"])[
            "relation"
        ].value_counts()
        assert counts[OWN] == 1 and counts["other seed"] == 1 and counts["other task"] == 2
        assert counts["untrained"] == 4


def test_answers_are_those_of_the_reader_to_the_makers_mask(
    cells: list[Cell], tables: list[pd.DataFrame]
) -> None:
    reading = readings(cells, CONDITIONS, fractions=FRACTIONS, images=5)[2]
    reader, maker = cells[2], cells[1]
    network, stimuli = train(reader).network, held_out(explanation(reading, maker))
    assert stimuli.table.equals(held_out(explanation(reading, reader)).table)
    inputs = network.prepare(stimuli.images)
    mask = masking.keep(explain(explanation(reading, maker)), 0.3)
    answers = network.logits(masking.apply(inputs, mask)).argmax(1).numpy()
    correct = answers == stimuli.labels("identity", network.specification.classes)
    rows = tables[2].query("maker == 'gender' and maker_seed == 1 and fraction == 0.3").set_index("identity")
    for name, index in stimuli.table.groupby("identity").indices.items():
        assert rows.loc[name, "correct"] == correct[index].mean()


def test_the_weighted_mean_is_balanced_accuracy(cells: list[Cell], tables: list[pd.DataFrame]) -> None:
    reading = readings(cells, CONDITIONS, images=5)[0]
    stimuli = held_out(explanation(reading, cells[0]))
    network = train(cells[0]).network
    answers = masking.answers_by_fraction(
        network,
        network.prepare(stimuli.images),
        stimuli.labels("gender"),
        {"own": explain(explanation(reading, cells[0]))},
        (0.3,),
        ("most",),
    )
    rows = tables[0].query("relation == @OWN and fraction == 0.3")
    found = np.average(rows["correct"], weights=rows["weight"])
    assert found == pytest.approx(masking.accuracy_by_fraction(answers)["balanced_accuracy"].iloc[0])


def test_one_forward_pass_an_image_fraction_and_mask(
    cells: list[Cell], tables: list[pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = readings(cells, CONDITIONS, fractions=(0.2, 0.25), images=4)[0]
    for each in explanations([reading]):
        explain(each)
    seen = []
    original = Network.logits
    monkeypatch.setattr(
        Network, "logits", lambda self, x, *rest: seen.append(len(x)) or original(self, x, *rest)
    )
    read(reading)
    assert sum(seen) == 4 * 2 * (4 + 4 + 4 + len(CONSENSUS))
    seen.clear()
    read(reading)
    assert not seen  # kept


def test_own_test_images_are_not_explained_twice(cells: list[Cell]) -> None:
    plan = readings(cells, CONDITIONS)
    assert explanation(plan[0], cells[1]).on is None
    assert len(explanations(plan)) == 2 * 2 * len(cells)  # two test sets; trained and untrained


def test_the_consensus_leaves_the_reader_out(cells: list[Cell]) -> None:
    reading = readings(cells, CONDITIONS, fractions=(0.2,), images=4)[0]
    masks: dict[str, np.ndarray] = {}
    for names, scores in masks_for(reading):
        masks[str(names["maker"])] = scores
    expected = -np.mean([masking.ranks(explain(explanation(reading, maker))) for maker in cells[1:]], axis=0)
    assert np.array_equal(masking.ranks(masks["consensus"]), masking.ranks(expected))


def faces_cell(**changes: object) -> Cell:
    return replace(Cell(FaceSet(4, 4), "gender", 0, (Recipe(),)), **changes)  # type: ignore[arg-type]


def test_relations_name_what_differs() -> None:
    a = faces_cell()
    names = ("architecture", "task")
    assert relation(a, a, names) == OWN
    assert relation(faces_cell(seed=1), a, names) == "other seed"
    assert relation(faces_cell(task="identity", seed=1), a, names) == "other task"
    assert (
        relation(faces_cell(task="identity", architecture="vgg16"), a, names) == "other architecture and task"
    )
    assert label(a, names) == "vgg16_bn, gender"
    with pytest.raises(InputError, match="no 'colour'"):
        relation(a, faces_cell(seed=1), ("colour",))
    with pytest.raises(InputError, match=r"fraction to keep is 2\.0; expected a share from 0 to 1"):
        readings([a], ("task",), fractions=(0.1, 2.0))
    with pytest.raises(InputError, match="each once"):
        readings([a, faces_cell(architecture="vgg16")], ("task",))


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
    across = boot.draws["gender", "identity"]
    assert across.std() == pytest.approx(good.std(ddof=1) / np.sqrt(8), rel=0.1)
    assert boot.estimate["gender", "identity"] == pytest.approx(good.mean())


def test_the_own_mask_counts_as_a_relation_only() -> None:
    table = simulated(lambda *_: 0.5)
    assert generalization(table, ["maker"], draws=10).estimate.to_numpy() == pytest.approx(0.5)


def test_pairs_are_ratios_of_balanced_gains() -> None:
    table = simulated(lambda maker, s, reader, t: 0.7 if maker == "gender" else 0.3)
    found = pairs(table)
    assert len(found) == 2 * 4 * (3 * 4 + 6)
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
