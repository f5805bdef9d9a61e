"""The command line: one thin file a verb. Options, one call, print.

Nothing here decides anything that a Python caller could not have decided alike.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell says of a program that SIGPIPE ended: 128 + 13."""


def main() -> None:
    """The `selfinstruct` command. A mistake that the user can fix prints one message, no traceback; a reader
    that has read enough (`| head`) ends it in silence."""
    try:
        _run()
    except KeyboardInterrupt:  # before a run has begun, or in a verb that only reads
        sys.exit(INTERRUPTED)
    except SystemExit as done:
        if done.code == 1 and isinstance(done.__context__, BrokenPipeError):  # as click and rich end it
            sys.exit(PIPE_CLOSED)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # or it is tried again at the end
        sys.exit(PIPE_CLOSED)


def _run() -> None:
    from selfinstruct.cli.app import app
    from selfinstruct.cli.output import tolerate_narrow_streams
    from selfinstruct.errors import SelfInstructError
    from selfinstruct.requests.signals import taking_signals

    tolerate_narrow_streams()
    try:
        with taking_signals():
            app(prog_name="selfinstruct")
    except SelfInstructError as error:
        from selfinstruct.cli.flags import in_flags

        sys.stderr.write(f"Error: {in_flags(str(error))}\n")
        sys.exit(error.exit_code)
