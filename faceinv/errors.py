"""Errors that the command line reports without a traceback."""


class InputError(ValueError):
    """Invalid input; the message is one sentence: what is wrong, where, and what was expected.

    The command line prints the message and exits with status 2; computed results stay in the cache.
    """


class RunError(RuntimeError):
    """A chapter or the build failed; the message is complete, so that no traceback is shown.

    The command line prints the message and exits with status 1.
    """
