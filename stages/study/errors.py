"""The one error a user is meant to read, and how a stage turns it into a message and exit code 1."""

import os
import sys
from collections.abc import Callable


class StudyError(Exception):
    """Says what is wrong, where (file, line, key) and what to do next; printed without a traceback."""


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage's `main`; a StudyError, a full disk or Ctrl-C becomes one line on stderr and exit code 1."""
    try:
        main()
    except StudyError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: what was finished is kept; run the same command again to go on")
    except OSError as error:
        if error.errno is None:
            raise
        where = f" {error.filename}" if error.filename else ""
        sys.exit(f"error:{where}: {os.strerror(error.errno)}; earlier results are untouched")
