"""The command line: ``faceinv``."""

import sys
import webbrowser
from pathlib import Path

import click

from faceinv.errors import InputError, RunError

EXAMPLES = """
\b
Examples:
  faceinv book                               execute what changed, build the book
  faceinv book --profile full --open         the long run, then open it
  faceinv run                                which chapters there are
  faceinv run 04_masking --list              which parameters a chapter has
  faceinv run 04_masking -p seeds 5          one chapter with other parameters
  faceinv pretrain resnet18 objects          what networks begin with, made anew
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="faceinv")
def commands() -> None:
    """Where networks read a face: a living book, its chapters, and the pieces they are made of."""


@commands.command()
@click.option(
    "--profile",
    type=click.Choice(["smoke", "quick", "full", "paper"]),
    help="How much to run; each chapter's own default is quick.",
)
@click.option("--open", "open_", is_flag=True, help="Open the book in the browser when it is built.")
def book(profile: str | None, open_: bool) -> None:
    """Execute the chapters that changed and build the book in _build/html.

    A chapter that fails stops the build with its cell and traceback. What was computed before a stop is
    kept: the next build goes on from there.
    """
    from faceinv.book import build_book  # Jupyter takes a second to import, which --help should not
    from faceinv.chapters import find_root

    index = build_book(find_root(), profile)
    click.echo(f"the book is at {index}")
    if open_:
        webbrowser.open(index.as_uri())


@commands.command(
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
    "--out", type=click.Path(path_type=Path), default="runs", show_default=True, help="Folder to write to."
)
@click.option("--list", "list_", is_flag=True, help="List the parameters of CHAPTER and execute nothing.")
def run(chapter: str | None, given: tuple[tuple[str, str], ...], out: Path, list_: bool) -> None:
    """Execute one CHAPTER with other parameters; without CHAPTER, list the chapters.

    The executed notebook, the same as a stand-alone page, and the tables of the chapter are written to
    OUT/CHAPTER. Lists are given as 0.1,0.2 and absence as none.
    """
    from faceinv.chapters import execute, find_chapter, find_root, list_chapters
    from faceinv.page import write_page
    from faceinv.parameters import parse_parameters, read_parameters

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
    executed = out / chapter / f"{chapter}.ipynb"
    execute(found, values, executed, out)
    click.echo(f"{executed}\n{write_page(executed)}")


@commands.command(
    epilog="""
\b
Examples:
  faceinv pretrain resnet18 objects
  faceinv pretrain vgg16_bn faces --seed 1 --share 1/16 --out bases
"""
)
@click.argument("architecture")
@click.argument("set", metavar="SET")
@click.option("--seed", default=0, show_default=True, help="Of the weights, the order and the augmentation.")
@click.option("--share", default="1", show_default=True, help="Of the images that is learned from, as 1/16.")
@click.option("--exposures", type=int, help="Images shown in all; by default a million and a half.")
@click.option("--device", help="Such as cpu or cuda; by default a GPU, if there is one.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to; by default where the package looks."
)
def pretrain(
    architecture: str,
    set: str,
    seed: int,
    share: str,
    exposures: int | None,
    device: str | None,
    out: Path | None,
) -> None:
    """Pretrain a network of ARCHITECTURE on SET, which is objects or faces.

    The set is rendered on first use and kept. A stopped run goes on from its last pass over the images.
    """
    from faceinv.models import pretraining as made  # PyTorch takes a second to import

    base = made.Pretraining(architecture, set, seed, made.parse_share(share), exposures or made.EXPOSURES)
    click.echo(made.pretrain(base, out or made.BASES, device, progress=True))


def main() -> None:
    """Run the command; what is the user's to mend is told in one line, with status 2."""
    try:
        sys.exit(commands(standalone_mode=False))
    except (InputError, click.UsageError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        stop(message, 2)
    except (KeyboardInterrupt, click.Abort):
        stop("stopped; what was computed is kept, and the next run goes on from there.", 130)
    except RunError as error:
        stop(str(error), 1)


def stop(message: str, status: int) -> None:
    """Print one message on standard error and leave with a status."""
    click.echo(f"faceinv: {message}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
