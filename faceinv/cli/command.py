"""The command `faceinv`, and how it ends."""

import sys

import click

from faceinv.cli import book, networks, stimuli
from faceinv.errors import InputError, RunError

EXAMPLES = """
\b
Examples:
  faceinv book                               execute what changed, build the book
  faceinv book --profile full --open         the long run, then open it
  faceinv run                                which chapters there are
  faceinv run 04_masking --list              which parameters a chapter has
  faceinv run 04_masking -p seeds 5          one chapter with other parameters
  faceinv sweep 04_masking -p fill mean,blur          one chapter with each of several
  faceinv serve                              the built book, with its explorer at work
  faceinv explore                            explorers of its networks in JupyterLab
  faceinv stimuli faces --set turntable      faces as an open data set
  faceinv explain me.jpg --network gender.safetensors
  faceinv export gender.safetensors gender.onnx     relevance for any runtime
  faceinv pretrain resnet18 objects          what networks begin with, made anew
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="faceinv")
def commands() -> None:
    """Where networks read a face: a living book, its chapters, and the pieces they are made of."""


for command in (
    book.book,
    book.run,
    book.sweep,
    book.serve,
    networks.explore,
    stimuli.stimuli,
    networks.explain,
    networks.export,
    networks.pretrain,
):
    commands.add_command(command)


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
