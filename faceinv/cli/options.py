"""Options shared by several commands."""

import math
import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from faceinv.errors import InputError
from faceinv.runtime.environment import DEVICE_VARIABLE, SCHEDULER_VARIABLE, WORKERS_VARIABLE


class RegistryName(click.ParamType):
    """The name of an entry of a registry, which is imported only when it is needed, as some take seconds.

    Parameters
    ----------
    module : module of the registry
    registry : name of the registry in the module, a mapping by name
    """

    name = "name"

    def __init__(self, module: str, registry: str) -> None:
        self.module, self.registry = module, registry

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check that the registry has an entry of this name."""
        names = list(getattr(import_module(self.module), self.registry))
        if value not in names:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}.", param, ctx)
        return value


class Number(click.FloatRange):
    """A finite number in a range; of itself, click takes nan for a number in any range."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Check that the number is finite and in the range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class ChapterCommand(click.Command):
    """A command that sets parameters of a chapter, and says how, to those who write one as an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; see `click.Command.parse_args`."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            name = error.option_name.lstrip("-").replace("-", "_")
            how = f"{error.message} A parameter of the chapter is set by: -p {name} VALUE."
            raise click.NoSuchOption(error.option_name, how, error.possibilities, ctx) from error


def _by_name(_: click.Context, __: click.Parameter, given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    names = [name for name, _ in given]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InputError(f"parameter {twice[0]} is given {names.count(twice[0])} times; expected it once")
    return dict(given)


def parameter_option(metavar: str, text: str, required: bool = False) -> Callable[[Any], Any]:
    """The option that sets parameters of a chapter, as text by name."""
    return click.option(
        "-p",
        "--parameter",
        "given",
        type=(str, str),
        multiple=True,
        required=required,
        callback=_by_name,
        metavar=metavar,
        help=text,
    )


composite_option = click.option(
    "--composite",
    default="epsilon-plus-flat",
    show_default=True,
    help="Name of the composite: which LRP rule is used in which layer.",
)


def port_option(default: int) -> Callable[[Any], Any]:
    """The option of a server's port."""
    text = "Port of the server; 0 takes any free port."
    return click.option(
        "--port", type=click.IntRange(0, 65535), default=default, show_default=True, help=text
    )


def set_variable(ctx: click.Context, name: str, value: object) -> None:
    """Set an environment variable while a command runs, for it and for all processes that it starts."""
    if value is None:
        return
    before = os.environ.get(name)
    os.environ[name] = str(value)

    def restore() -> None:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before

    ctx.call_on_close(restore)


def _set_device(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value not in (None, "auto", "cpu") and not os.environ.get(SCHEDULER_VARIABLE):
        from faceinv.runtime.devices import check_device  # PyTorch takes a second to import

        check_device(str(value))
    set_variable(ctx, DEVICE_VARIABLE, value)
    if address := ctx.meta.get(SCHEDULER_VARIABLE):  # its workers must have the device
        from faceinv.runtime.cluster import connected

        try:
            connected(address)
        except InputError:
            ctx.close()  # click does not, where a command has not begun
            raise


device_option = click.option(
    "--device",
    expose_value=False,
    callback=_set_device,
    help="Where networks compute: auto (a GPU if there is one), cpu, cuda, cuda:1 or mps.",
)


def _set_scheduler(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    set_variable(ctx, SCHEDULER_VARIABLE, value)
    ctx.meta[SCHEDULER_VARIABLE] = value


def _set_workers(ctx: click.Context, _: click.Parameter, value: int | None) -> None:
    set_variable(ctx, WORKERS_VARIABLE, value)


def grid_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where the networks of a grid compute."""
    options = (
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            is_eager=True,
            expose_value=False,
            callback=_set_scheduler,
            help="Compute on the workers of a scheduler, such as tcp://127.0.0.1:8786 (see faceinv cluster).",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            expose_value=False,
            callback=_set_workers,
            help="Number of workers on this machine; by default one a core or GPU.",
        ),
        device_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


against_option = click.option(
    "--against",
    default="none",
    show_default=True,
    type=RegistryName("faceinv.lrp.contrasts", "CONTRASTS"),
    help="Classes that the class is contrasted with: none, softmax (the others, by their probability) or "
    "runner-up (the strongest of them).",
)

start_option = click.option(
    "--start",
    default="absolute",
    show_default=True,
    type=RegistryName("faceinv.lrp.starts", "STARTS"),
    help="What propagation starts from: absolute (never negative, so that most relevant comes first), logit "
    "(positive relevance speaks for the class), or one (the same for every image).",
)


def photograph_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that set how photographs are cropped and aligned."""
    options = (
        click.option(
            "--crop",
            type=Number(0, 1, min_open=True),
            default=1.0,
            show_default=True,
            help="Fraction of the central square that is kept.",
        ),
        click.option(
            "--align",
            is_flag=True,
            help="Detect the eyes and align them with those of rendered faces (needs faceinv[photographs]).",
        ),
        click.option(
            "--eyes",
            metavar="X1,Y1,X2,Y2",
            help="Align one image by its eyes, in pixels; the eye on the left of the picture comes first.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
