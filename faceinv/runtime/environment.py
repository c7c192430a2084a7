"""Environment variables that say where work is done, for the commands, kernels and workers."""

from __future__ import annotations

DEVICE_VARIABLE = "FACEINV_DEVICE"
"""The device of networks, see `faceinv.runtime.devices`."""
SCHEDULER_VARIABLE = "FACEINV_SCHEDULER"
"""Address of a scheduler of dask.distributed, see `faceinv.runtime.cluster`."""
WORKERS_VARIABLE = "FACEINV_WORKERS"
"""Number of workers of a grid on this machine; by default one a core or GPU."""
