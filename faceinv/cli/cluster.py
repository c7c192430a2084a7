"""Commands that start workers for grids."""

import time

import click

from faceinv.cli.options import port_option

HOW = "in another terminal: faceinv book --scheduler {0}, or FACEINV_SCHEDULER={0}; Ctrl-C stops"


@click.group()
def cluster() -> None:
    """Start workers that compute for `faceinv book` and `faceinv run` (needs faceinv[cluster])."""


@cluster.command()
@click.option("--workers", type=click.IntRange(1), help="Number of workers; by default one a core or GPU.")
@port_option(8786)
def local(workers: int | None, port: int) -> None:
    """Start workers on this machine, until Ctrl-C."""
    from faceinv.commands.cluster import local_workers

    with local_workers(workers, port) as address:
        click.echo(f"the scheduler is at {address}; {HOW.format(address)}")
        wait()


@cluster.command(
    epilog="""
\b
Examples:
  faceinv cluster slurm --partition gpu --gpus 1 --jobs 8
  faceinv cluster slurm --partition gpu --gpus 1 --jobs 8 --submit
"""
)
@click.option("--partition", required=True, help="Partition of Slurm.")
@click.option("--gpus", type=click.IntRange(0), default=0, show_default=True, help="GPUs of a job.")
@click.option("--cores", type=click.IntRange(1), default=4, show_default=True, help="Cores of a job.")
@click.option("--memory", default="16GB", show_default=True, help="Memory of a job.")
@click.option("--time", "time_", default="08:00:00", show_default=True, help="Longest duration of a job.")
@click.option("--account", help="Account of Slurm, where one is needed.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of jobs.")
@click.option("--submit", is_flag=True, help="Submit the jobs, and wait for work until Ctrl-C.")
def slurm(
    partition: str,
    gpus: int,
    cores: int,
    memory: str,
    time_: str,
    account: str | None,
    jobs: int,
    submit: bool,
) -> None:
    """Print the script of a Slurm job that starts workers or, with --submit, submit such jobs.

    Each GPU of a job has a worker; a job without a GPU has a worker on each core. The scheduler runs here, so
    that this command must go on as long as the work: start it in tmux, or in a job of its own.
    """
    from faceinv.commands.cluster import SlurmJobs, slurm_script, slurm_workers

    wanted = SlurmJobs(partition, gpus, cores, memory, time_, account, jobs)
    if not submit:
        click.echo(slurm_script(wanted))
        return
    with slurm_workers(wanted) as address:
        click.echo(f"the scheduler is at {address}; {HOW.format(address)}")
        wait()


def wait() -> None:
    """Wait until the command is interrupted."""
    while True:
        time.sleep(1)
