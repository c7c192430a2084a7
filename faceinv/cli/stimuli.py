"""The command that renders faces as a data set."""

from dataclasses import replace
from pathlib import Path

import click

from faceinv.cli.options import Number, RegistryName
from faceinv.errors import InputError


@click.command(
    epilog="""
\b
Examples:
  faceinv stimuli faces                              200 people from the front, 4 views each
  faceinv stimuli faces --set turntable --size 224   101 people at 15 yaws from -105 to +105 degrees
  faceinv stimuli faces --identities 12 --colour colour --hair
  faceinv stimuli faces --cause mole --label gender=male --agreement 0.9
  faceinv stimuli pairs --set counterfactual --cause "nose shape" --cause age
"""
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "name",
    type=RegistryName("faceinv.data.faces.face_set", "FACE_SETS"),
    default="frontal",
    show_default=True,
    help="Set of faces: frontal, views, turntable, counterfactual or another; the options below change it.",
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
@click.option(
    "--cause",
    "causes",
    multiple=True,
    type=RegistryName("faceinv.data.faces.causes", "CAUSES"),
    help="What is changed with all else equal; with --set counterfactual, several causes or all.",
)
@click.option("--strength", type=Number(), default=1.0, show_default=True, help="Strength of the change.")
@click.option(
    "--label", metavar="LABEL=VALUE", help="Label that the change agrees with, such as gender=male."
)
@click.option(
    "--agreement", type=Number(), default=1.0, show_default=True, help="Share of people in whom it agrees."
)
def stimuli(
    out: Path,
    name: str,
    causes: tuple[str, ...],
    strength: float,
    label: str | None,
    agreement: float,
    **changes: object,
) -> None:
    """Render a set of faces into the new folder OUT.

    The folder contains the images by identity, an exact region map of each, a table of identities, genders
    and views, a contact sheet, a data card and the licence (CC0). It can be used wherever a folder of
    photographs can. The set counterfactual is written without and with each cause changed, as two such
    folders, with images of where they differ and a table of what was changed.
    """
    from faceinv.commands.export_pairs import write_pairs
    from faceinv.commands.export_stimuli import write_set
    from faceinv.data.faces.face_set import FACE_SETS  # pandas and torch take seconds to import

    given = {key: value for key, value in changes.items() if value is not None}
    faces = replace(FACE_SETS[name], **given)  # type: ignore[arg-type]
    if name == "counterfactual":
        if label is not None:
            raise InputError("pairs have no label, because each face is changed; expected no --label")
        pairs = write_pairs(faces, out, causes, strength)
        count = pairs.counterfactuals.table["cause"].nunique()
        click.echo(f"{len(pairs.differs)} pairs, of {count} causes, are in {out}")
    else:
        if len(causes) > 1:
            raise InputError(
                f"a set of faces has {len(causes)} causes; expected one, or --set counterfactual"
            )
        if causes:
            pair = (None, None) if label is None else tuple(label.partition("=")[::2])
            faces = faces.with_cause(causes[0], strength, label=pair[0], value=pair[1], agreement=agreement)
        elif label is not None:
            raise InputError("the option --label needs a cause; expected --cause")
        written = write_set(faces, out)
        click.echo(f"{len(written)} images of {written.table['identity'].nunique()} people are in {out}")
    click.echo(f"overview: {out / 'contact_sheet.png'}")
