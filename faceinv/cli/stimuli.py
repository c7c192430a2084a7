"""The command that renders faces as a data set."""

from dataclasses import replace
from pathlib import Path

import click

from faceinv.cli.options import RegistryName


@click.command(
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
    type=RegistryName("faceinv.data.faces.face_set", "FACE_SETS"),
    default="frontal",
    show_default=True,
    help="Set of faces: frontal, views, turntable or another; the options below change it.",
)
@click.option("--identities", type=int, help="Number of people.")
@click.option("--views", type=int, help="Number of images per person (not for the turntable).")
@click.option("--size", type=int, help="Height and width of the images in pixels.")
@click.option("--samples", type=int, help="Samples per pixel, a square number: 9 is fast, 64 is smooth.")
@click.option("--seed", type=int, help="Seed of the population from which people are drawn.")
@click.option("--first", type=int, help="Index of the first person in the population.")
@click.option(
    "--colour",
    type=click.Choice(["controlled", "grey", "colour"]),
    help="Grey with equal mean and contrast (controlled), grey, or colour.",
)
@click.option(
    "--hair",
    is_flag=False,
    flag_value="varied",
    help="Hair instead of bald heads: any cut on anyone, 'by gender', or one cut such as bob or curls.",
)
def stimuli(out: Path, name: str, **changes: object) -> None:
    """Render a set of faces into the new folder OUT.

    The folder contains the images by identity, an exact region map of each, a table of identities, genders
    and views, a contact sheet, a data card and the licence (CC0). It can be used wherever a folder of
    photographs can.
    """
    from faceinv.commands.export_stimuli import write_set
    from faceinv.data.faces.face_set import FACE_SETS  # pandas and torch take seconds to import

    given = {key: value for key, value in changes.items() if value is not None}
    written = write_set(replace(FACE_SETS[name], **given), out)  # type: ignore[arg-type]
    click.echo(f"{len(written)} images of {written.table['identity'].nunique()} people are in {out}")
    click.echo(f"overview: {out / 'contact_sheet.png'}")
