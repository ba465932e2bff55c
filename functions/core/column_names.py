"""Names that a column of a model cannot have; every other text is a name."""

from __future__ import annotations

from functions.core.tasks import TASKS, Task

BYTE_ORDER_MARK = "\ufeff"


def name_fault(name: str) -> str:
    """The reason why no file or body can hold a column of this name; empty if it can."""
    if not name.strip():
        return "a column needs a name"
    if "\0" in name:
        return "it holds a NUL character, which no CSV file can hold: rename the column"
    if name != name.strip():
        return f"it begins or ends with spaces, which reading a file removes: call it {name.strip()!r}"
    if name.startswith(BYTE_ORDER_MARK):
        return f"it begins with a byte order mark, which reading a file removes: call it {name[1:]!r}"
    return ""


def reserved_fault(name: str, task: Task) -> str:
    """The reason why no feature or id can have this name; empty if it can.

    An instance with such a key would look like an array of instances. A target may have the name, because targets are
    only sent in arrays of labelled instances.
    """
    return f'a body {{"{name}": [...]}} holds several instances' if name in TASKS[task].body_names else ""


def other_name(name: str) -> str:
    """A name to use instead of a reserved one."""
    return f"{name}_column"
