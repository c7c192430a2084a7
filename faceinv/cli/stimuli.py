"""The command that renders faces as an open data set."""

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
    help="Which set: frontal, views, turntable or another; the options below change it.",
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
