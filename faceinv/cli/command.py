"""The command `faceinv`, its exit status and error messages."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import click

from faceinv.cli import book, cluster, networks, stimuli
from faceinv.errors import InputError, RunError

EXAMPLES = """
\b
Examples:
  faceinv book                               execute the chapters that changed, build the book
  faceinv book --profile full --open         the full run; then open the book
  faceinv plan --profile paper               what a build would compute, and how long
  faceinv evidence --hours 2                 compute the full run in instalments, network by network
  faceinv cluster local                      start workers; then faceinv book --scheduler tcp://...
  faceinv run                                list the chapters
  faceinv run 04_masking --list              list the parameters of a chapter
  faceinv run 04_masking -p seeds 5          run one chapter with other parameters
  faceinv sweep 04_masking -p fill mean,blur          run one chapter with each of several values
  faceinv serve                              serve the built book, with its explorer
  faceinv explore                            explore the book's networks in JupyterLab
  faceinv stimuli faces --set turntable      render faces as a data set
  faceinv explain me.jpg --network gender.safetensors
  faceinv export gender.safetensors gender.onnx     relevance in any ONNX runtime
  faceinv pretrain resnet18 objects          pretrain a base network
  faceinv judge my_module:method             judge an attribution method of your own
  faceinv tune                               choose learning rates by validation
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="faceinv")
def commands() -> None:
    """Where networks read a face, and how invariant that reading is: build the book, run its chapters."""


for command in (
    book.book,
    book.plan,
    book.evidence,
    book.run,
    book.sweep,
    book.serve,
    cluster.cluster,
    networks.explore,
    stimuli.stimuli,
    networks.explain,
    networks.export,
    networks.pretrain,
    networks.judge,
    networks.tune,
):
    commands.add_command(command)


INTERRUPTED = "interrupted; results are cached, and the next run resumes from there."
PATIENCE = 4.0
"""Seconds after a signal at which the command ends in any case."""


def main() -> None:
    """Run the command; errors of input are reported in one line, with exit status 2."""
    try:
        with interruptible():
            sys.exit(commands(standalone_mode=False))
    except (InputError, click.UsageError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        stop(message, 2)
    except KeyboardInterrupt:
        end(INTERRUPTED, 130)
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):  # which click takes for the end of the input
            raise error.__context__ from None
        end(INTERRUPTED, 130)
    except RunError as error:
        end(str(error), 1)
    except BrokenPipeError:  # who read the output has left, as `head` does
        os._exit(1)
    except OSError as error:
        stop(describe(error), 1)
    except MemoryError:
        stop("this machine is out of memory; expected fewer or smaller images, or networks", 1)


def describe(error: OSError) -> str:
    """An error of the operating system as a sentence."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is not None:
        return (
            f"{os.fsdecode(error.filename)} cannot be used ({reason}); expected a place that can be written"
        )
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the working folder does not exist any more; go to another one"
    return f"the operating system reported an error ({reason})"


@contextmanager
def interruptible() -> Iterator[None]:
    """Let signals that end a process interrupt the command, unless whoever started it ignores them."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is interrupt:
                signal.signal(number, handler)


def interrupt(number: int, _: object) -> None:
    """Interrupt the command at the first signal; end it soon in any case, and at once at the second."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: end(INTERRUPTED, 128 + number))
    timer = Timer(PATIENCE, end, (INTERRUPTED, 128 + number))
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt


def end(message: str, status: int) -> None:
    """Print a message on standard error, and exit without waiting for threads, as those of a dead kernel.

    The processes that this one started end with it.
    """
    with suppress(OSError):
        click.echo(f"faceinv: {message}", err=True)
        sys.stdout.flush()
    os._exit(status)


def stop(message: str, status: int) -> None:
    """Print a message on standard error and exit with a status."""
    click.echo(f"faceinv: {message}", err=True)
    sys.exit(status)
