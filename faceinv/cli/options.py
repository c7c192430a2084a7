"""Options that several commands have."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click


class RegistryName(click.ParamType):
    """The name of an entry of a registry, which is imported when a name is looked up: some take seconds.

    Parameters
    ----------
    module : where the registry is
    registry : its name there, a mapping by name
    """

    name = "name"

    def __init__(self, module: str, registry: str) -> None:
        self.module, self.registry = module, registry

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name, if it has an entry."""
        names = list(getattr(import_module(self.module), self.registry))
        if value not in names:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}.", param, ctx)
        return value


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
