"""Where networks compute: names of devices, several GPUs, and the environment."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from faceinv.cli.command import commands
from faceinv.errors import InputError
from faceinv.runtime import core_slots, devices, parallel
from faceinv.runtime.core_slots import acquire_slot, release_core
from faceinv.runtime.device_slots import on_free_device
from faceinv.runtime.devices import computing_on, current_device, learning_device


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with two GPUs, and nothing asked for."""
    for name in ("FACEINV_DEVICE", "FACEINV_SCHEDULER", "FACEINV_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FACEINV_CACHE", str(tmp_path))
    monkeypatch.setattr(devices, "gpus", lambda: ["cuda:0", "cuda:1"])


def test_names_stand_for_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.devices("auto") == devices.devices("cuda") == ["cuda:0", "cuda:1"]
    assert devices.devices("cuda:1") == ["cuda:1"] and devices.devices("cpu") == ["cpu"]
    monkeypatch.setattr(devices, "gpus", list)
    assert devices.devices("auto") == ["cpu"]


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cpu:0", "mps:1", "cuda:"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"expected auto, cpu, cuda, cuda:1 \(any number\) or mps"):
        devices.check_device(name)


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="device is 'cuda:2'; this machine has cpu, cuda:0, cuda:1"):
        devices.check_device("cuda:2")


def test_a_thread_computes_on_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_device() == "cuda:0"
    with computing_on("cuda:1"):
        assert current_device() == "cuda:1"
    monkeypatch.setenv("FACEINV_DEVICE", "cpu")
    assert current_device() == learning_device() == "cpu"


def test_with_a_scheduler_the_device_is_that_of_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpus", list)
    monkeypatch.setenv("FACEINV_SCHEDULER", "tcp://somewhere:1")
    monkeypatch.setenv("FACEINV_DEVICE", "cuda")
    assert (current_device(), learning_device()) == ("cpu", "cuda")


def test_each_gpu_has_one_worker(tmp_path: Path) -> None:
    assert parallel.worker_count() == 2
    assert on_free_device(current_device) == "cuda:0"
    with ThreadPoolExecutor(1) as other, acquire_slot(tmp_path / "cores", ["cuda:0"]):
        assert other.submit(on_free_device, current_device).result(10) == "cuda:1"


def test_a_gpu_that_is_left_for_a_while_is_taken_again(tmp_path: Path) -> None:
    names = ["cuda:0", "cuda:1"]
    with acquire_slot(tmp_path, names) as held:
        with release_core(), acquire_slot(tmp_path / "elsewhere", ["free"]):
            pass
        assert held == "cuda:0"
        with acquire_slot(tmp_path, names) as again:
            assert again == held  # the network is on it


def test_the_number_of_workers_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_WORKERS", "5")
    assert parallel.worker_count() == 5
    monkeypatch.setenv("FACEINV_WORKERS", "many")
    with pytest.raises(InputError, match="FACEINV_WORKERS is 'many'; expected a number of workers"):
        parallel.worker_count()


def test_where_a_shared_folder_has_no_locks_slots_are_in_one_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, local = tmp_path / "shared", tmp_path / "local"
    acquire = core_slots.FileLock.acquire

    def refuse(lock: FileLock, *arguments: object, **options: object) -> object:
        if shared in Path(lock.lock_file).parents:
            raise OSError(errno.ENOLCK, "no locks")
        return acquire(lock, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(core_slots.FileLock, "acquire", refuse)
    monkeypatch.setattr(core_slots.platformdirs, "user_runtime_dir", lambda *_, **__: str(local))
    with acquire_slot(shared, ["cuda:0"]) as name:
        assert name == "cuda:0" and list(local.rglob("cuda-0"))


def test_two_jobs_on_a_machine_have_cores_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in core_slots.JOB_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    alone = core_slots.slot_owner()
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    first = core_slots.slot_owner()
    monkeypatch.setenv("SLURM_JOB_ID", "18")
    assert len({alone, first, core_slots.slot_owner()}) == 3


def test_a_command_sets_the_device_and_forgets_it() -> None:
    refused = CliRunner().invoke(commands, ["run", "--list", "--device", "cuda:7"])
    assert isinstance(refused.exception, InputError) and "cuda:7" in str(refused.exception)
    taken = CliRunner().invoke(commands, ["run", "--device", "cpu", "--workers", "1"])
    assert taken.exit_code == 0 and devices.requested_device() == "auto"
