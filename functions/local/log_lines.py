"""Lines of the logs of a laptop: nothing that was sent begins a line of its own."""

from __future__ import annotations

import logging
import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
INDENT = "    "


class SingleLines(logging.Formatter):
    """A formatter that escapes control characters in messages, and indents tracebacks.

    Reasons of jobs and errors quote headers and cells of files, which could otherwise forge lines and move the cursor
    of a terminal.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _escaped(super().formatMessage(record))

    def formatException(self, ei: logging._SysExcInfoType) -> str:
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"{INDENT}{_escaped(line)}" for line in lines)


def log_to_stderr(level: int, format_: str) -> None:
    """Send the log of this process to standard error in single lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(SingleLines(format_))
    logging.basicConfig(level=level, handlers=[handler])


def _escaped(text: str) -> str:
    return CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
