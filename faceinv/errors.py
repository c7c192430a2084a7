"""The one error that is the user's to mend."""


class InputError(ValueError):
    """Something that was handed in is wrong; the message is one sentence: what, where, what was expected.

    The command line prints the message and exits with status 2; nothing that was computed is lost.
    """


class RunError(RuntimeError):
    """A chapter or the build failed; the message tells the whole story, so no traceback is shown besides.

    The command line prints the message and exits with status 1.
    """
