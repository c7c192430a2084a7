"""The command line: ``faceinv``."""

import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

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
  faceinv serve                              the built book, with its explorer at work
  faceinv explore                            explorers of its networks in JupyterLab
  faceinv stimuli faces --set turntable      faces as an open data set
  faceinv explain me.jpg --network gender.safetensors
  faceinv export gender.safetensors gender.onnx     relevance for any runtime
  faceinv pretrain resnet18 objects          what networks begin with, made anew
"""


composite_option = click.option(
    "--composite",
    default="epsilon-plus-flat",
    show_default=True,
    help="Rules of the propagation, by name.",
)


def port_option(default: int) -> Callable[[Any], Any]:
    """The option of a server's port."""
    text = "Port to serve at; 0 takes any that is free."
    return click.option(
        "--port", type=click.IntRange(0, 65535), default=default, show_default=True, help=text
    )


contrastive_option = click.option("--contrastive", is_flag=True, help="Explain the class against the others.")


def photograph_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what of a photograph a network is shown."""
    options = (
        click.option(
            "--crop",
            type=click.FloatRange(0, 1, min_open=True),
            default=1.0,
            show_default=True,
            help="Share of the central square that the network sees.",
        ),
        click.option(
            "--align",
            is_flag=True,
            help="Find the eyes and put them where those of rendered faces are (needs faceinv[photographs]).",
        ),
        click.option(
            "--eyes",
            metavar="X1,Y1,X2,Y2",
            help="Align one image by its eyes, in pixels: first the eye at the left of the picture.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


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
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="runs",
    show_default=True,
    help="Folder to write to.",
)
@click.option("--list", "list_", is_flag=True, help="List the parameters of CHAPTER and execute nothing.")
def run(chapter: str | None, given: tuple[tuple[str, str], ...], out: Path, list_: bool) -> None:
    """Execute one CHAPTER with other parameters; without CHAPTER, list the chapters.

    The executed notebook, the same as a stand-alone page, and the tables of the chapter are written to
    OUT/CHAPTER. Lists are given as 0.1,0.2 and absence as none.
    """
    from faceinv.book.chapters import execute, find_chapter, list_chapters
    from faceinv.book.parameters import parse_parameters, read_parameters
    from faceinv.book.paths import find_root
    from faceinv.book.standalone_page import write_page

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


@commands.command()
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


@commands.command(
    epilog="""
\b
Examples:
  faceinv explore
  faceinv explore me.jpg you.jpg --align --networks runs/02_networks
  faceinv explore --networks gender.safetensors --networks identity.safetensors
"""
)
@click.argument("images", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--networks",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A network file or a folder of them, again for more; by default those of the book.",
)
@photograph_options
@click.option("--no-browser", is_flag=True, help="Tell the address instead of opening it.")
@port_option(0)
def explore(
    images: tuple[Path, ...],
    networks: tuple[Path, ...],
    crop: float,
    align: bool,
    eyes: str | None,
    no_browser: bool,
    port: int,
) -> None:
    """Open explorers of networks in JupyterLab, for this machine only, until Ctrl-C.

    They show IMAGES, photographs of faces, or where none is named, rendered faces: what an answer rests on by
    any rules, what becomes of it when the face changes, and how two networks differ.
    """
    from faceinv.commands.serve import explorers, find_networks
    from faceinv.data.photographs.alignment import parse_eyes

    if eyes:
        parse_eyes(eyes)  # what cannot be read is refused before anything starts
    shown = {"crop": crop, "align": align, "eyes": eyes}
    with explorers(find_networks(networks), images, port, not no_browser, shown) as server:
        token = server.identity_provider.token
        address = f"http://{server.ip}:{server.port}{server.default_url}?token={token}"
        click.echo(f"the explorers are at {address}; Ctrl-C stops")
        server.start()


@commands.command(
    epilog="""
\b
Examples:
  faceinv stimuli faces                              200 people from the front, 4 views each
  faceinv stimuli faces --set turntable --size 224   101 people at 15 yaws from -105 to +105 degrees
  faceinv stimuli faces --identities 12 --colour colour --hair
"""
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "name",
    type=click.Choice(["frontal", "views", "turntable"]),
    default="frontal",
    show_default=True,
    help="Which set; the options below change it.",
)
@click.option("--identities", type=int, help="How many people.")
@click.option("--views", type=int, help="Images of each (not of the turntable).")
@click.option("--size", type=int, help="Height and width of the images in pixels.")
@click.option("--samples", type=int, help="Samples a pixel, a square number: 9 is quick, 64 is smooth.")
@click.option("--seed", type=int, help="Which population the people come from.")
@click.option("--first", type=int, help="Index of the first person in it.")
@click.option("--colour", type=click.Choice(["controlled", "grey", "colour"]), help="What the pixels carry.")
@click.option("--hair", is_flag=True, default=None, help="Short hair instead of bald heads.")
def stimuli(out: Path, name: str, **changes: object) -> None:
    """Render a set of faces into the new folder OUT.

    OUT receives the images by identity, an exact region map of each, the table of identities, genders and
    views, a contact sheet, a data card and the licence (CC0). It can be named wherever a folder of
    photographs can.
    """
    from faceinv.commands.export_stimuli import write_set
    from faceinv.data.faces.face_set import FACE_SETS  # pandas and torch take seconds to import

    given = {key: value for key, value in changes.items() if value is not None}
    written = write_set(replace(FACE_SETS[name], **given), out)  # type: ignore[arg-type]
    click.echo(f"{len(written)} images of {written.table['identity'].nunique()} people are in {out}")
    click.echo(f"look at {out / 'contact_sheet.png'}")


@commands.command(
    epilog="""
\b
Examples:
  faceinv explain me.jpg you.jpg --network gender-vgg16_bn-0.safetensors
  faceinv explain *.jpg --network gender.safetensors --composite epsilon-gamma-box --contrastive
  faceinv explain me.jpg --network gender.safetensors --target male --align
  faceinv explain me.jpg --network gender.safetensors --eyes 210,180,302,176 --crop 0.8
The chapter 02_networks writes its networks into book/chapters/02_networks.
"""
)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    required=True,
    help="A network file (.safetensors) written by faceinv.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="heatmaps",
    show_default=True,
    help="Folder to write to.",
)
@composite_option
@contrastive_option
@click.option("--target", help="Class to explain; otherwise what the network answers.")
@photograph_options
@click.option("--colour", is_flag=True, help="Show the network the colours (it was trained on grey images).")
def explain(
    images: tuple[Path, ...],
    network: Path,
    out: Path,
    composite: str,
    contrastive: bool,
    target: str | None,
    crop: float,
    align: bool,
    eyes: str | None,
    colour: bool,
) -> None:
    """Draw which pixels of IMAGES a network's answer rests on.

    OUT receives a picture of each image with its heatmap, all heatmaps as arrays (heatmaps.npz) and the
    answers (answers.csv). Every image is cropped to its central square, or aligned by its eyes; grey levels
    get the mean and the contrast of the faces that the network learned from.
    """
    from faceinv.commands.explain import write_heatmaps
    from faceinv.data.photographs.alignment import parse_eyes
    from faceinv.data.sources import caution
    from faceinv.models.architectures import load

    answering = load(network)
    if text := caution(answering.specification.stimuli):
        click.echo(f"note: {text}", err=True)
    places = parse_eyes(eyes) if eyes else None
    table = write_heatmaps(
        images, answering, out, composite, contrastive, target, crop, colour, align, places
    )
    for row in table.itertuples():
        click.echo(f"{row.file}: {row.answer} ({row.probability:.2f})  {out / str(row.picture)}")


@commands.command(
    epilog="""
\b
Examples:
  faceinv export gender-vgg16_bn-0.safetensors gender.onnx
  faceinv export gender.safetensors --composite epsilon-gamma-box --contrastive gender.onnx
"""
)
@click.argument("network", type=click.Path(path_type=Path))
@composite_option
@contrastive_option
@click.argument("out", type=click.Path(path_type=Path))
def export(network: Path, composite: str, contrastive: bool, out: Path) -> None:
    """Write NETWORK and its relevance as one ONNX graph to OUT.

    The graph takes an image and the number of a class and returns logits and heatmap, in any runtime of ONNX.
    Its weights are stored in half precision. It is checked against faceinv's own relevance, and refused if it
    differs.
    """
    from faceinv.models.architectures import load

    try:
        from faceinv.lrp.onnx.export import export as write
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; graphs need: pip install 'faceinv[book]'"
        ) from error
    accuracy = write(load(network), out, composite, contrastive)
    click.echo(f"{out}: relevance differs by {accuracy.relevance:.1e} (median, relative to the largest)")


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
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; by default where the package looks.",
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
