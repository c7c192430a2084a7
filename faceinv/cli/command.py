"""The command `faceinv`, its exit status and error messages."""

import sys

import click

from faceinv.cli import book, networks, stimuli
from faceinv.errors import InputError, RunError

EXAMPLES = """
\b
Examples:
  faceinv book                               execute the chapters that changed, build the book
  faceinv book --profile full --open         the full run; then open the book
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
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="faceinv")
def commands() -> None:
    """Where networks read a face, and how invariant that reading is: build the book, run its chapters."""


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
    """Run the command; errors of input are reported in one line, with exit status 2."""
    try:
        sys.exit(commands(standalone_mode=False))
    except (InputError, click.UsageError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        stop(message, 2)
    except (KeyboardInterrupt, click.Abort):
        stop("interrupted; results are cached, and the next run resumes from there.", 130)
    except RunError as error:
        stop(str(error), 1)


def stop(message: str, status: int) -> None:
    """Print a message on standard error and exit with a status."""
    click.echo(f"faceinv: {message}", err=True)
    sys.exit(status)
