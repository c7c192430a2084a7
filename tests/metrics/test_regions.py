import numpy as np
import pytest

from faceinv.data.stimuli import REGIONS
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.explanations import Explanation
from faceinv.experiments.relevance.facial_regions import MAPS, regional
from faceinv.experiments.sizes import Profile
from faceinv.metrics.regions import atlas, region_shares

EYE, NOSE = REGIONS.index("eye"), REGIONS.index("nose")


def test_share_area_and_density_of_a_written_out_example() -> None:
    maps = np.array([[[1.0, -2.0], [0.0, 1.0]]])
    regions = np.array([[[EYE, EYE], [NOSE, 0]]], np.uint8)
    found = region_shares(maps, regions).set_index("region")
    assert found.loc["eye", ["share", "area", "density"]].tolist() == [0.75, 0.5, 1.5]
    assert found.loc["nose", ["share", "area", "density"]].tolist() == [0, 0.25, 0]
    assert found.loc["background", "density"] == 1
    assert found.loc["mouth", "share"] == 0 and np.isnan(found.loc["mouth", "density"])


def test_shares_and_areas_sum_to_one_and_even_relevance_has_density_one() -> None:
    rng = np.random.default_rng(0)
    regions = rng.integers(0, len(REGIONS), (5, 8, 8)).astype(np.uint8)
    table = region_shares(rng.normal(size=(5, 8, 8)), regions)
    assert table.groupby("image")[["share", "area"]].sum().to_numpy() == pytest.approx(1)
    even = region_shares(np.full((5, 8, 8), -3.0), regions)
    assert even["density"].dropna().to_numpy() == pytest.approx(1)
    assert even["share"].to_numpy() == pytest.approx(even["area"].to_numpy())


def test_a_certain_atlas_is_a_region_map() -> None:
    rng = np.random.default_rng(1)
    regions = rng.integers(0, len(REGIONS), (8, 8)).astype(np.uint8)
    maps = rng.normal(size=(3, 8, 8))
    certain = (regions == np.arange(len(REGIONS))[:, None, None]).astype(np.float32)
    by_map = region_shares(maps, np.broadcast_to(regions, maps.shape))
    assert np.allclose(region_shares(maps, certain)["share"], by_map["share"])


def test_no_relevance_has_no_share() -> None:
    assert region_shares(np.zeros((1, 4, 4)), np.zeros((1, 4, 4), np.uint8))["share"].isna().all()


def test_wrong_shapes_are_told() -> None:
    with pytest.raises(InputError, match="same height and width"):
        region_shares(np.zeros((2, 4, 4)), np.zeros((2, 5, 5), np.uint8))


@pytest.mark.slow
def test_table_of_a_network(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    tiny = Profile("tiny", size=32, samples=1, identities=3, identity_views=4, seeds=1, exposures=32)
    run = design.training_runs(tiny, tasks=("identity",), architecture="resnet18")[0]
    table = regional(Explanation(run, images=3), conditions=("task", "architecture"))
    assert len(table) == 3 * len(MAPS) * len(REGIONS)
    assert set(table["maps"]) == set(MAPS)
    assert set(table["regions"]) == {"exact"} and set(table["architecture"]) == {"resnet18"}
    areas = table.pivot_table(index=["identity", "region"], columns="maps", values="area")
    assert areas.eq(areas["trained"], axis=0).all().all()
    trained, untrained = (table[table["maps"] == name]["share"].to_numpy() for name in MAPS[:2])
    assert not np.allclose(trained, untrained)


def test_the_atlas_knows_a_face(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setattr("faceinv.data.sources.CHUNK", 24)  # render in this process
    found = atlas(32, samples=1)
    assert found.shape == (len(REGIONS), 32, 32)
    assert np.allclose(found.sum(axis=0), 1)
    rows = np.arange(32)[:, None]
    height = {
        name: (found[REGIONS.index(name)] * rows).sum() / found[REGIONS.index(name)].sum()
        for name in ("brow", "eye", "nose", "mouth", "chin")
    }
    assert list(height.values()) == sorted(height.values())  # brows above eyes above the nose ...
    eyes = found[EYE]
    assert eyes[:, :16].sum() == pytest.approx(eyes[:, 16:].sum(), rel=0.2)
