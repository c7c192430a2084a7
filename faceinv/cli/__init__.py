"""The command line: ``faceinv``."""

from faceinv.cli.command import main

__all__ = ["main"]
