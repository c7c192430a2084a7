"""Grids on a scheduler: the same results, whatever becomes of the workers; problems in one sentence."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from conftest import write_chapter

from faceinv.cli.command import commands
from faceinv.commands.cluster import ONE_ARENA, UNPROFILED, SlurmJobs, local_workers, slurm_script
from faceinv.errors import InputError
from faceinv.experiments import design
from faceinv.experiments.sizes import Profile
from faceinv.models.training_runs import learning_curves
from faceinv.runtime import cluster, kept_memory, locations, parallel, shared_cache

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two workers on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEINV_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("FACEINV_DEVICE", "cpu")
        with local_workers(2) as address:
            patch.setenv("FACEINV_SCHEDULER", address)
            yield address


def process_of(item: int) -> tuple[int, int, str | None]:
    return item * item, os.getpid(), os.environ.get("FACEINV_SCHEDULER")


def dies_once(item: tuple[int, str]) -> int:
    """Its number; the second kills its worker, unless it did so before."""
    number, folder = item
    Path(folder, f"{number}-{time.time_ns()}").touch()
    if number == 1 and not Path(folder, "killed").exists():
        Path(folder, "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def environment_of(item: int) -> dict[str, str]:
    return dict(os.environ)


def fresh_pages(size: int) -> list[int]:
    """How often each of some allocations of so many bytes, one after the other, takes a fresh page."""
    found = []
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.zeros(size, dtype=torch.uint8)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return found


def refuses(item: int) -> int:
    raise InputError(f"{item} is no good")


@pytest.mark.slow
def test_items_are_computed_by_the_workers_in_order(scheduler: str) -> None:
    found = parallel.parallel_map(process_of, range(6), "squares")
    assert [square for square, _, _ in found] == [0, 1, 4, 9, 16, 25]
    assert os.getpid() not in {process for _, process, _ in found}
    assert {address for *_, address in found} == {None}  # a worker is no client
    assert cluster.where() == "2 workers of a scheduler (cpu)"


@pytest.mark.slow
@pytest.mark.skipif(kept_memory._functions() is None, reason="this C library cannot keep memory")
def test_workers_reuse_memory_and_have_one_thread(scheduler: str) -> None:
    """Dask would have each large tensor mapped anew, which makes training up to twice as slow."""
    (found,) = parallel.parallel_map(environment_of, [0], "environment")
    assert found["OMP_NUM_THREADS"] == "1"
    ((first, *later),) = parallel.parallel_map(fresh_pages, [256 * 2**20], "memory")
    assert min(later) < 0.1 * first  # of some, a small block of another thread may have taken the place


@pytest.mark.slow
def test_an_error_of_a_worker_is_that_of_the_grid(scheduler: str) -> None:
    with pytest.raises(InputError, match="3 is no good"):
        parallel.parallel_map(refuses, [3], "refusing")


@pytest.mark.slow
def test_a_function_that_workers_lack_is_one_sentence(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask would wait for its results forever."""
    (tmp_path / "only_here.py").write_text("def double(item):\n    return 2 * item\n")
    monkeypatch.syspath_prepend(tmp_path)
    double = importlib.import_module("only_here").double
    with pytest.raises(
        InputError, match=r"cannot load only_here\.double \(ModuleNotFoundError: .*PYTHONPATH"
    ):
        parallel.parallel_map(double, [1], "doubling")


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_only_what_it_was_computing(scheduler: str, tmp_path: Path) -> None:
    items = [(number, str(tmp_path)) for number in range(4)]
    assert parallel.parallel_map(dies_once, items, "dying") == [0, 1, 2, 3]
    assert (tmp_path / "killed").exists()


@pytest.mark.slow
def test_networks_of_two_workers_are_those_of_this_process(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = Profile("tiny", size=32, samples=1, identities=4, identity_views=6, exposures=32)
    runs = design.training_runs(sizes, tasks=["identity"], seeds=3, architecture="resnet18")

    def tables() -> list[str]:
        design.train_all(runs)
        learned = [learning_curves(run).to_csv() for run in runs]
        return learned + [answers.to_csv() for answers in design.all_answers(runs)]

    there = tables()
    monkeypatch.delenv("FACEINV_SCHEDULER")
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setenv("FACEINV_WORKERS", "1")
    assert tables() == there


@pytest.mark.slow
def test_a_chapter_through_papermill_itself_computes_on_the_workers(scheduler: str, tmp_path: Path) -> None:
    code = """
import operator
from faceinv.runtime import cluster, parallel
print(parallel.parallel_map(operator.neg, [1, 2], "negative"), cluster.where())
"""
    write_chapter(tmp_path / "01_a.ipynb", code)
    command = [sys.executable, "-m", "papermill", "01_a.ipynb", "executed.ipynb", "--no-progress-bar"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert "[-1, -2] 2 workers of a scheduler (cpu)" in (tmp_path / "executed.ipynb").read_text()


def test_a_scheduler_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.3)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(InputError, match=f"the scheduler {address} does not answer"):
            cluster.connected(address)


def test_a_command_asks_the_scheduler_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no command asks one that it was not given."""
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.3)
    monkeypatch.delenv("FACEINV_SCHEDULER", raising=False)
    refused = CliRunner().invoke(commands, ["run", "--list", "--scheduler", "tcp://127.0.0.1:1"])
    assert isinstance(refused.exception, InputError) and "does not answer" in str(refused.exception)
    assert "FACEINV_SCHEDULER" not in os.environ
    assert CliRunner().invoke(commands, ["run"]).exit_code == 0


class Workers:
    """A client whose workers say what they are given to say."""

    def __init__(self, resources: dict[str, float] | None = None, **said: object) -> None:
        self.said, self.resources = said, resources or {}

    def run(self, function: Any, *arguments: Any, on_error: str) -> dict[str, object]:
        found = function(*arguments)
        return {"tcp://w:1": found | self.said if isinstance(found, dict) else found}

    def scheduler_info(self, _: int) -> dict[str, Any]:
        return {"workers": {"tcp://w:1": {"resources": self.resources}}}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setenv("FACEINV_DEVICE", "cpu")
    return monkeypatch


def test_a_scheduler_that_ends_is_one_sentence(asked: pytest.MonkeyPatch) -> None:
    def lost(**_: object) -> Any:
        raise distributed.client.FutureCancelledError("a-network", "scheduler-connection-lost")

    asked.setattr(cluster, "connected", cache(lambda _: Workers()))
    asked.setattr(cluster, "parallel_config", lambda **_: nullcontext())
    asked.setattr(cluster, "Parallel", lost)
    with pytest.raises(InputError, match="the scheduler tcp://w:1 ended; what was computed is kept"):
        list(cluster.results_of(abs, [1], "tcp://w:1"))


def test_workers_must_be_like_this_process(asked: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cluster.check_workers(Workers())
    with pytest.raises(InputError, match="the worker tcp://w:1 has another version of faceinv"):
        cluster.check_workers(Workers(version="other"))
    with pytest.raises(InputError, match=f"does not see the cache {tmp_path}"):
        cluster.check_workers(Workers(sees=False))
    assert not list(tmp_path.glob("seen-by-workers-*"))


def test_workers_must_reach_the_address_of_the_cache(asked: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked.setattr(locations.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "mine"))
    address = (tmp_path / "shared").as_uri()
    asked.setenv("FACEINV_CACHE", address)
    mark = locations.cache_folder() / "mark"
    assert not cluster.report(address, str(mark))["sees"]
    mark.touch()
    shared_cache.upload(mark)
    asked.setattr(locations.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "theirs"))
    assert cluster.report(address, str(mark))["sees"]
    assert not cluster.report("nonsense://bucket", str(mark))["sees"]
    assert os.environ["FACEINV_CACHE"] == address
    cluster.check_workers(Workers())
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["mark"]


def test_gpus_are_asked_for_as_a_resource(asked: pytest.MonkeyPatch) -> None:
    assert not cluster.on_gpus(Workers({"GPU": 1.0}))
    asked.setenv("FACEINV_SCHEDULER", "tcp://w:1")
    asked.setenv("FACEINV_DEVICE", "cuda")
    assert cluster.on_gpus(Workers({"GPU": 1.0}))
    with pytest.raises(InputError, match="no worker offers the resource GPU"):
        cluster.check_workers(Workers())
    asked.setenv("FACEINV_DEVICE", "auto")
    assert cluster.on_gpus(Workers({"GPU": 1.0})) and not cluster.on_gpus(Workers())


@pytest.mark.slow
def test_a_slurm_job_starts_a_worker_for_each_gpu(asked: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = slurm_script(SlurmJobs("gpu", gpus=2, cores=8, time="04:00:00")).splitlines()
    for line in (
        "#SBATCH -p gpu",
        "#SBATCH --gres=gpu:2",
        "#SBATCH --cpus-per-task=8",
        "#SBATCH -t 04:00:00",
    ):
        assert line in lines
    assert f"export FACEINV_CACHE='{tmp_path}'" in lines and "export FACEINV_DEVICE='cuda'" in lines
    kept = ONE_ARENA | UNPROFILED
    assert all(f"export {name}='{value}'" in lines for name, value in kept.items())
    assert "--nworkers 2" in lines[-1] and "--resources GPU=1" in lines[-1]
    without = slurm_script(SlurmJobs("cpu", cores=3))
    assert "gres" not in without and "--nworkers 3" in without
