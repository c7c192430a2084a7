"""Entry point of ``python -m faceinv.cli``."""

from faceinv.cli import main

main()
