"""What ``python -m faceinv.cli`` does."""

from faceinv.cli import main

main()
