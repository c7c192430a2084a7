"""Commands that execute chapters, and build and serve the book."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faceinv.cli.options import (
    ChapterCommand,
    Number,
    RegistryName,
    device_option,
    grid_options,
    parameter_option,
    port_option,
)
from faceinv.errors import InputError

if TYPE_CHECKING:
    from faceinv.book.forecast import Forecast

RUNS = Path("runs")
"""Default output folder of runs."""


@click.command()
@click.option(
    "--profile",
    type=RegistryName("faceinv.experiments.profiles", "PROFILES"),
    help="Size of the run: smoke, quick, full, paper or another profile; the chapters' default is quick.",
)
@click.option("--open", "open_", is_flag=True, help="Open the book in the browser when it is built.")
@click.option(
    "--ship",
    "shipped",
    is_flag=True,
    help="With --profile full: copy the tables, with checksums, to the full run that ships as evidence.",
)
@click.option("--pdf", is_flag=True, help="Print the book to _build/faceinv.pdf as well, by a browser.")
@grid_options
def book(profile: str | None, open_: bool, shipped: bool, pdf: bool) -> None:
    """Execute the chapters that changed and build the book in _build/html.

    If a chapter fails, the build stops and shows the cell and its traceback. Results are cached, so that the
    next build resumes from there. The last line says how many numbers of this run agree with the evidence,
    the full run that ships with the book.
    """
    from faceinv.book.build import build_book
    from faceinv.book.chapters import list_chapters
    from faceinv.book.pages.includes import replication
    from faceinv.book.paths import FULL, find_root
    from faceinv.book.shipping import ship, shortcomings

    if shipped and profile != FULL:
        raise InputError("only a full run can be shipped; expected --profile full with --ship")
    root = find_root()
    _adopt_tables(root, profile)
    if pdf:
        from faceinv.book.pdf import find_browser, write_pdf

        find_browser()  # before anything is computed

    def forecast() -> Forecast:
        from faceinv.commands.plan import forecast_of  # PyTorch takes seconds to import

        return forecast_of(root, profile)

    index = build_book(root, profile, forecast)
    if shipped:
        click.echo(f"shipped: {', '.join(ship(root))}")
        for sentence in shortcomings(root):
            click.echo(f"note: {sentence}")
        index = build_book(root, profile)  # again, because pages show the shipped run
    if pdf:
        click.echo(f"printed: {write_pdf(root)}")
    click.echo(f"the book is at {index}")
    click.echo(f"{replication(root, list_chapters(root)).sentence()}.")
    if open_:
        webbrowser.open(index.as_uri())


@click.command(
    epilog="""
\b
Examples:
  faceinv plan
  faceinv plan --profile paper
  faceinv plan --profile paper --images-per-second 500
"""
)
@click.option(
    "--profile",
    type=RegistryName("faceinv.experiments.profiles", "PROFILES"),
    help="Size of the run, as of `faceinv book`; by default the chapters' own.",
)
@device_option
@click.option("--workers", type=click.IntRange(1), help="Number of workers; by default one a core or GPU.")
@click.option(
    "--images-per-second",
    type=Number(0, min_open=True),
    help="Images of vgg16_bn a second that a GPU which is not here trains, at the profile's size.",
)
def plan(profile: str | None, workers: int | None, images_per_second: float | None) -> None:
    """Say what `faceinv book` would compute, what is there already, and how long it takes; start nothing.

    Steps are timed on this machine for half a minute at most. For GPUs that are not here, hours rest on
    assumptions, which are printed.
    """
    from faceinv.book.paths import find_root
    from faceinv.book.plan import measured_times, plan_book, rendering_seconds
    from faceinv.commands.plan import (
        CALIBRATION_SECONDS,
        assumptions,
        hours_elsewhere,
        plan_text,
    )
    from faceinv.runtime.devices import devices, requested_device

    names, root = devices(requested_device()), find_root()
    _adopt_tables(root, profile)
    planned = plan_book(root, profile)
    keys = planned.keys
    precision = planned.sizes.precision
    times = measured_times(keys, names[0], CALIBRATION_SECONDS, precision) if keys else {}
    rendering = rendering_seconds(planned.missing)
    count = workers or (len(names) if names[0] != "cpu" else None)
    click.echo(plan_text(planned, times, names[0], rendering, count))
    if names[0] == "cpu":
        click.echo(hours_elsewhere(planned, rendering, images_per_second))
        if not images_per_second:
            click.echo(assumptions(planned))


@click.command(
    epilog="""
\b
Examples:
  faceinv evidence --hours 2
  faceinv evidence --profile smoke
"""
)
@click.option(
    "--profile",
    type=RegistryName("faceinv.experiments.profiles", "PROFILES"),
    default="full",
    show_default=True,
    help="Size of the run.",
)
@click.option(
    "--hours",
    type=Number(0, min_open=True),
    help="Begin no further table after so many hours; by default, go on until all are there.",
)
@grid_options
def evidence(profile: str, hours: float | None) -> None:
    """Compute the full run network by network, in instalments.

    Each network of chapters 9 to 15 is trained and measured, and in chapter 4 the masks of all methods; what
    was measured is written to an archive in book/results/networks, far smaller than the weights. Commit it,
    and any machine with the same version of the code goes on from there. `faceinv book --profile full` reads
    these tables, and trains the networks that are missing.
    """
    from faceinv.book.paths import find_root
    from faceinv.commands.evidence import compute_instalment
    from faceinv.experiments.profiles import profile as sizes_of

    for sentence in compute_instalment(find_root(), sizes_of(profile), hours).sentences():
        click.echo(sentence)


@click.command(
    cls=ChapterCommand,
    epilog="""
\b
Examples:
  faceinv run 03_relevance -p profile smoke
  faceinv run 04_masking -p task identity -p seeds 5 --out trial
""",
)
@click.argument("chapter", required=False)
@parameter_option("NAME VALUE", "Set a parameter.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Output folder; by default runs, or runs/NAME=VALUE if parameters are set.",
)
@click.option("--list", "list_", is_flag=True, help="List the parameters of CHAPTER instead of executing it.")
@grid_options
def run(chapter: str | None, given: dict[str, str], out: Path | None, list_: bool) -> None:
    """Execute one CHAPTER, with other parameters if given; without CHAPTER, list the chapters.

    The executed notebook, a stand-alone page of it, and the tables of the chapter are written to OUT/CHAPTER:
    by default to runs/CHAPTER, or if parameters are set to a folder such as runs/seeds=5/CHAPTER, so that no
    run overwrites another. Write lists as 0.1,0.2 and None as none.
    """
    from faceinv.book.chapters import find_chapter, list_chapters
    from faceinv.book.parameters import parse_parameters, read_parameters
    from faceinv.book.paths import find_root
    from faceinv.commands.sweep import folder_name, run_once

    root = find_root()
    if chapter is None:
        for found in list_chapters(root):
            click.echo(f"{found.name:<24} {found.title}")
        return
    found = find_chapter(root, chapter)
    known = read_parameters(found.notebook)
    if list_:
        for parameter in known:
            click.echo(f"{parameter.name}: {parameter.type} = {parameter.default}\n    {parameter.help}")
        return
    values = parse_parameters(known, given, chapter)
    _adopt_tables(root, values.get("profile"))
    executed = run_once(found, values, RUNS / folder_name(values) if out is None else out)
    click.echo(f"{executed}\n{executed.with_suffix('.html')}")


@click.command(
    cls=ChapterCommand,
    epilog="""
\b
Examples:
  faceinv sweep 04_masking -p fill mean,blur,noise
  faceinv sweep 03_relevance -p profile smoke -p composite epsilon,deep-taylor -p against none,softmax
  faceinv sweep 02_networks -p tasks 'gender;identity;gender,identity'
""",
)
@click.argument("chapter")
@parameter_option(
    "NAME VALUES", "Values of a parameter, separated by commas; separate lists by semicolons.", required=True
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=RUNS,
    show_default=True,
    help="Output folder.",
)
@grid_options
def sweep(chapter: str, given: dict[str, str], out: Path) -> None:
    """Run CHAPTER with each combination of parameter values, and join its tables.

    Each run is written to its own folder, such as OUT/fill=blur/04_masking. The tables of all runs are joined
    in OUT/fill=mean+blur+noise/04_masking: one for each table of the chapter, whose first columns are the
    parameters that vary. An interrupted sweep resumes where it stopped, and finished runs are not repeated.
    `faceinv run CHAPTER --list` lists the parameters.
    """
    from faceinv.book.chapters import find_chapter
    from faceinv.book.parameters import read_parameters
    from faceinv.book.paths import find_root
    from faceinv.commands.sweep import parse_sweep, run_sweep

    found = find_chapter(find_root(), chapter)
    chosen = parse_sweep(read_parameters(found.notebook), given, chapter)
    for table in run_sweep(found, chosen, out):
        click.echo(table)


def _adopt_tables(root: Path, profile: str | None) -> None:
    """Let chapters read the tables of single networks that ship, if they are of the profile that runs."""
    from faceinv.book.paths import FULL

    if profile == FULL:
        from faceinv.book.network_tables import adopt_tables

        if count := adopt_tables(root, profile):
            click.echo(
                f"{count:,} tables of single networks that ship are used; their networks are not trained"
            )


@click.command()
@port_option(8000)
@click.option("--open", "open_", is_flag=True, help="Open the book in the browser.")
def serve(port: int, open_: bool) -> None:
    """Serve the built book on this machine only, until Ctrl-C.

    The explorer on the book's first page needs a server, because browsers do not let a page that was opened
    as a file load the networks.
    """
    from faceinv.book.paths import HTML, find_root
    from faceinv.commands.book_server import LOOPBACK, BookServer, kernels_of

    site = find_root() / HTML
    with BookServer(site, port, kernels_of(site)) as server:
        address = f"http://{LOOPBACK}:{server.port}/"
        click.echo(f"the book is at {address}; Ctrl-C stops")
        if open_:
            webbrowser.open(address)
        server.serve_forever()
