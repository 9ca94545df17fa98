"""Ctrl-C is for the process that sweeps, not for its workers."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["uninterrupted_children"]


@contextlib.contextmanager
def uninterrupted_children() -> Iterator[None]:
    """Ignore Ctrl-C while child processes start; they go on ignoring it.

    A terminal sends it to the whole process group. The workers would print traces of their own; the
    process that sweeps stops them anyway. Signals belong to the main thread: elsewhere nothing is
    changed.

    Yields:
        Nothing.

    Example:
        >>> with uninterrupted_children():
        ...     signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        True
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if handler is None else handler)
