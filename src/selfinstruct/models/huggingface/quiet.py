"""Loading through transformers without what it prints, and with its errors as ours."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from selfinstruct.errors import ConfigError, SelfInstructError

__all__ = ["quiet_transformers"]


@contextmanager
def quiet_transformers(what: str) -> Iterator[None]:
    """While it lasts, no warnings and no progress bars. Anything that goes wrong is a `ConfigError`: what a
    library raises over a damaged or an unknown kind of file is of no class in particular.

    what: that is being loaded, for the message.
    """
    os.environ.setdefault("TQDM_DISABLE", "1")  # what reads a GGUF file counts on, whatever it is told
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SelfInstructError:
        raise
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise ConfigError(f"transformers cannot load {what}: {reason}") from error
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
