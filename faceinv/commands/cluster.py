"""``faceinv cluster``: workers on this machine, or jobs of Slurm."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from faceinv.errors import InputError
from faceinv.runtime.cluster import GPU
from faceinv.runtime.devices import gpus
from faceinv.runtime.environment import DEVICE_VARIABLE
from faceinv.runtime.locations import CACHE_VARIABLE, cache_setting
from faceinv.runtime.parallel import worker_count

SCHEDULER = "tcp://SCHEDULER:8786"
"""Stands for the address of the scheduler in a script that is only printed."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""Dask's workers compute in a thread of their own, whose large blocks glibc would return to the system in any
case (see `faceinv.runtime.kept_memory`); with one arena for all threads it reuses them."""
UNPROFILED = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
"""Without it, dask looks at each worker's thread a hundred times a second, which costs training a tenth."""


@dataclass(frozen=True)
class SlurmJobs:
    """Jobs of Slurm, each of which starts workers.

    Attributes
    ----------
    partition : where they run
    gpus : GPUs of a job, each with a worker of its own; without any, each core has a worker
    cores : cores of a job
    memory : of a job, such as ``"16GB"``
    time : longest duration of a job, such as ``"08:00:00"``
    account : whom the time is counted against, if jobs must say so
    jobs : number of jobs
    """

    partition: str
    gpus: int = 0
    cores: int = 4
    memory: str = "16GB"
    time: str = "08:00:00"
    account: str | None = None
    jobs: int = 1

    @property
    def options(self) -> dict[str, Any]:
        """Options of dask-jobqueue."""
        workers = self.gpus or self.cores
        exported = {
            CACHE_VARIABLE: cache_setting(),
            **dict.fromkeys(ONE_THREAD, "1"),
            **ONE_ARENA,
            **UNPROFILED,
        }
        if self.gpus:
            exported[DEVICE_VARIABLE] = "cuda"
        return {
            "queue": self.partition,
            "account": self.account,
            "cores": workers,  # threads of all workers: each has one
            "processes": workers,
            "memory": self.memory,
            "walltime": self.time,
            "job_cpu": max(self.cores, workers),
            "job_extra_directives": [f"--gres=gpu:{self.gpus}"] if self.gpus else [],
            "worker_extra_args": ["--resources", f"{GPU}=1"] if self.gpus else [],
            "job_script_prologue": [f"export {name}='{value}'" for name, value in exported.items()],
            "job_name": "faceinv",
            "python": sys.executable,
        }


def slurm_script(jobs: SlurmJobs) -> str:
    """The script of one job, with `SCHEDULER` in place of an address."""
    with installed():
        from dask_jobqueue.slurm import SLURMJob

        return SLURMJob(scheduler=SCHEDULER, name="faceinv", **jobs.options).job_script()


@contextmanager
def slurm_workers(jobs: SlurmJobs) -> Iterator[str]:
    """The address of a scheduler on this machine whose workers are jobs of Slurm, which end with it."""
    with installed():
        from dask_jobqueue import SLURMCluster

    try:
        with SLURMCluster(n_workers=0, **jobs.options) as cluster:
            cluster.scale(jobs=jobs.jobs)
            yield cluster.scheduler_address
    except (OSError, RuntimeError) as error:
        raise InputError(f"jobs could not be submitted ({error}); expected a machine with Slurm") from error


@contextmanager
def local_workers(count: int | None = None, port: int = 0) -> Iterator[str]:
    """The address of a scheduler and workers on this machine, which end with this process.

    Parameters
    ----------
    count : of workers; by default one a core, or one a GPU
    port : of the scheduler; 0 takes any free one
    """
    with installed():
        import dask
        from distributed import LocalCluster

    with (
        dask.config.set(
            {
                "distributed.nanny.pre-spawn-environ": dict.fromkeys(ONE_THREAD, "1") | ONE_ARENA,
                "distributed.worker.profile.enabled": False,
            }
        ),
        LocalCluster(
            n_workers=count or worker_count(),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            scheduler_port=port,
            dashboard_address=None,
            resources={GPU: 1} if gpus() else {},
            silence_logs=50,
        ) as cluster,
    ):
        yield cluster.scheduler_address


@contextmanager
def installed() -> Iterator[None]:
    """Say in a sentence what to install where dask is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; clusters need: pip install 'faceinv[cluster]'"
        ) from error
