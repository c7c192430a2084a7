"""``faceinv plan``: a table of what the book would compute, before anything starts."""

from __future__ import annotations

from pathlib import Path

from joblib import cpu_count

from faceinv.book.forecast import Forecast, duration
from faceinv.book.plan import (
    CHAPTER_SECONDS,
    RENDERING_SECONDS,
    Plan,
    Times,
    image_count,
    likely_times,
    plan_book,
)
from faceinv.experiments import step_times
from faceinv.runtime.cluster import scheduled_workers
from faceinv.runtime.devices import learning_device
from faceinv.runtime.parallel import worker_count

CALIBRATION_SECONDS = 20.0
"""About how long steps are timed, over all architectures."""
GPUS = (1, 8)
"""Numbers of GPUs for which hours are predicted where there is none."""
RATE_ARCHITECTURE = "vgg16_bn"
"""The architecture whose images a second a user can give for a GPU that is not here."""


def plan_text(plan: Plan, times: Times, device: str, rendering: float, workers: int | None = None) -> str:
    """The plan as text: a row a chapter, then totals, memory, disk and hours.

    Parameters
    ----------
    plan : see `faceinv.book.plan.plan_book`
    times : by architecture, on `device`
    device : of this machine
    rendering : seconds an image
    workers : number of workers; by default one a core
    """
    heads = ("chapter", "networks", "kept", "to train", "images shown", "hours of one worker")
    rows: list[tuple[str, ...]] = [heads]
    for chapter in plan.chapters:
        hours = "unchanged" if chapter.unchanged else duration(chapter.seconds(times))
        counts = (len(chapter.networks), chapter.kept, len(chapter.new), chapter.images)
        rows.append((chapter.name, *(f"{count:,}" for count in counts), hours))
    new = plan.new
    total = sum(network.exposures for network in new)
    every = {network.keys: network for chapter in plan.chapters for network in chapter.networks}
    kept = sum(network.is_kept() for network in every.values())
    rows.append(
        (
            "together",
            f"{len(every):,}",
            f"{kept:,}",
            f"{len(new):,}",
            f"{total:,}",
            duration(plan.network_seconds(times)),
        )
    )
    images = sum(map(image_count, plan.missing))
    count = workers or cpu_count()
    lines = [
        *aligned(rows),
        "",
        f"images to render: {images:,} in {len(plan.missing)} sets, {duration(rendering * images)} of a core",
        f"memory: up to {gigabytes(plan.worker_bytes())} a worker; disk: {gigabytes(plan.disk_bytes())} more",
        hours_here(plan, times, device, rendering, count),
    ]
    return "\n".join(lines)


def hours_here(plan: Plan, times: Times, device: str, rendering: float, workers: int) -> str:
    """How long the plan takes on this machine with one worker and with several, and what a second saves."""
    alone, two = (seconds_with(plan, times, rendering, count) for count in (1, 2))
    known = {1: alone, 2: two, workers: seconds_with(plan, times, rendering, workers)}
    parts = [
        f"{count} worker{'s' if count > 1 else ''} {duration(seconds)}" for count, seconds in known.items()
    ]
    return f"on this machine ({device}): {', '.join(parts)}; a second worker saves {duration(alone - two)}"


def hours_elsewhere(plan: Plan, rendering: float, images_per_second: float | None = None) -> str:
    """How long the plan takes on one GPU and on eight, by stated assumptions.

    Parameters
    ----------
    plan, rendering : see `plan_text`
    images_per_second : of vgg16_bn that the GPU trains, at the width and size of the profile; by default from
        an assumed number of operations
    """
    sizes = plan.sizes
    of_rate = (RATE_ARCHITECTURE, sizes.width, sizes.size)
    rate = step_times.RATES["gpu"]
    if images_per_second:
        rate = step_times.operations_from(images_per_second, *of_rate)
    times = {key: step_times.assumed_steps(*key, "gpu", rate) for key in plan.keys}
    parts = [
        f"{count} GPU{'s' if count > 1 else ''} {duration(seconds_with(plan, times, rendering, count))}"
        for count in GPUS
    ]
    vgg = 1 / step_times.assumed_steps(*of_rate, "gpu", rate).training
    source = "as given" if images_per_second else "an assumption, a tenth of an A100's data sheet"
    return (
        f"elsewhere: {', '.join(parts)}, if a GPU sustains {rate / 1e12:.3g} TFLOP/s ({source}), which is "
        f"{vgg:,.0f} images a second of {RATE_ARCHITECTURE} in training; --images-per-second sets another"
    )


def assumptions(plan: Plan) -> str:
    """The images a second in training that a GPU is assumed to reach, by architecture."""
    rates = {key[0]: 1 / step_times.assumed_steps(*key, "gpu").training for key in plan.keys}
    return "assumed of a GPU, images a second in training: " + ", ".join(
        f"{name} {rate:,.0f}" for name, rate in rates.items()
    )


def seconds_with(plan: Plan, times: Times, rendering: float, workers: int) -> float:
    """Time with a number of equal workers, each of which has a device and a core."""
    return (plan.network_seconds(times) + plan.other_seconds(rendering)) / workers


def forecast_of(root: Path, profile: str | None = None) -> Forecast:
    """The plan of a book in one line, and the time of each chapter; nothing is timed for it.

    Step times are those that were measured by the last `faceinv plan` on this machine, or assumed.
    """
    plan = plan_book(root, profile)
    times = likely_times(plan.keys, learning_device(), plan.sizes.precision)
    workers = scheduled_workers() or worker_count()
    every = {network.keys for chapter in plan.chapters for network in chapter.networks}
    executed = [chapter for chapter in plan.chapters if not chapter.unchanged]
    whole = duration(seconds_with(plan, times, RENDERING_SECONDS, workers))
    return Forecast(
        f"plan: {len(executed)} of {len(plan.chapters)} chapters, {len(plan.new)} of {len(every)} networks "
        f"to train, about {whole} with {workers} worker{'s' if workers > 1 else ''}",
        {chapter.name: CHAPTER_SECONDS + chapter.seconds(times) for chapter in executed},
    )


def gigabytes(count: float) -> str:
    """A number of bytes in GB."""
    return f"{count / 1e9:.1f} GB"


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of a table as lines: the first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
