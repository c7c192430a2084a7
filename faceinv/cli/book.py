"""Commands that execute chapters and show the book."""

import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from faceinv.cli.options import RegistryName, port_option
from faceinv.errors import InputError

RUNS = Path("runs")
"""Folder that chapters are run into, unless another is named."""


@click.command()
@click.option(
    "--profile",
    type=RegistryName("faceinv.experiments.profiles", "PROFILES"),
    help="How much to run: smoke, quick, full, paper or another; each chapter's own default is quick.",
)
@click.option("--open", "open_", is_flag=True, help="Open the book in the browser when it is built.")
@click.option("--ship", "shipped", is_flag=True, help="Of a full run: let its tables ship with the book.")
def book(profile: str | None, open_: bool, shipped: bool) -> None:
    """Execute the chapters that changed and build the book in _build/html.

    A chapter that fails stops the build with its cell and traceback. What was computed before a stop is
    kept: the next build goes on from there.
    """
    from faceinv.book.build import build_book, ship
    from faceinv.book.paths import find_root

    if shipped and profile != "full":
        raise InputError("only a full run ships; expected --profile full with --ship")
    root = find_root()
    index = build_book(root, profile)
    if shipped:
        ship(root)
        index = build_book(root, profile)  # with what ships now on its pages
    click.echo(f"the book is at {index}")
    if open_:
        webbrowser.open(index.as_uri())


@click.command(
    epilog="""
\b
Examples:
  faceinv run 03_relevance -p profile smoke
  faceinv run 04_masking -p task identity -p seeds 5 --out trial
"""
)
@click.argument("chapter", required=False)
@click.option(
    "-p",
    "--parameter",
    "given",
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; by default runs, and in it a folder for other parameters than the defaults.",
)
@click.option("--list", "list_", is_flag=True, help="List the parameters of CHAPTER and execute nothing.")
def run(chapter: str | None, given: tuple[tuple[str, str], ...], out: Path | None, list_: bool) -> None:
    """Execute one CHAPTER with other parameters; without CHAPTER, list the chapters.

    The executed notebook, the same as a stand-alone page, and the tables of the chapter are written to
    OUT/CHAPTER: by default to runs/CHAPTER, or with other parameters to a folder such as
    runs/seeds=5/CHAPTER, so that no run overwrites another. Lists are given as 0.1,0.2 and absence as none.
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
    values = parse_parameters(known, dict(given), chapter)
    executed = run_once(found, values, RUNS / folder_name(values) if out is None else out)
    click.echo(f"{executed}\n{executed.with_suffix('.html')}")


@click.command(
    epilog="""
\b
Examples:
  faceinv sweep 04_masking -p fill mean,blur,noise
  faceinv sweep 03_relevance -p profile smoke -p composite epsilon,deep-taylor -p contrastive true,false
  faceinv sweep 02_networks -p tasks 'gender;identity;gender,identity'
"""
)
@click.argument("chapter")
@click.option(
    "-p",
    "--parameter",
    "given",
    type=(str, str),
    multiple=True,
    required=True,
    metavar="NAME VALUES",
    help="Values of a parameter, separated by commas; those that are lists, by semicolons.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=RUNS,
    show_default=True,
    help="Folder to write to.",
)
def sweep(chapter: str, given: tuple[tuple[str, str], ...], out: Path) -> None:
    """Run CHAPTER with each combination of parameters, and put its tables together.

    Each run goes to a folder of its own, such as OUT/fill=blur/04_masking. The tables of all runs are joined
    in OUT/fill=mean+blur+noise/04_masking: for each table of the chapter one, with the parameters that vary
    as its first columns. A stopped sweep goes on where it stopped, and a run that was made before is not
    repeated. `faceinv run CHAPTER --list` lists the parameters.
    """
    from faceinv.book.chapters import find_chapter
    from faceinv.book.parameters import read_parameters
    from faceinv.book.paths import find_root
    from faceinv.commands.sweep import parse_sweep, run_sweep

    found = find_chapter(find_root(), chapter)
    chosen = parse_sweep(read_parameters(found.notebook), dict(given), chapter)
    for table in run_sweep(found, chosen, out):
        click.echo(table)


@click.command()
@port_option(8000)
@click.option("--open", "open_", is_flag=True, help="Open the book in the browser.")
def serve(port: int, open_: bool) -> None:
    """Serve the built book to this machine only, until Ctrl-C.

    The explorer on the book's first page needs it: browsers give networks to no page that is a file.
    """
    from faceinv.book.paths import find_root
    from faceinv.commands.serve import LOOPBACK, book_server

    with book_server(find_root(), port) as server:
        address = f"http://{LOOPBACK}:{server.server_port}/"
        click.echo(f"the book is at {address}; Ctrl-C stops")
        if open_:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
