"""The names of environment variables: unique, and each one read by a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from functions.aws.settings import SETTING_READERS, SettingError
from functions.core import environment
from functions.core.machine_memory import LAMBDA_MEMORY_VARIABLE

NAMES = [value for name, value in vars(environment).items() if name.endswith("_VARIABLE")]


class Recording(Mapping[str, str]):
    """An empty environment that remembers the names that were looked up."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_each_name_is_used_once_and_shows_whose_it_is() -> None:
    assert len(NAMES) == len(set(NAMES)) > 0
    assert all(name.startswith("DESPLIEGUE_") for name in NAMES)


def test_every_variable_is_read_by_a_setting_and_no_other_is() -> None:
    recording = Recording()
    for read in SETTING_READERS.values():
        with suppress(SettingError):
            read(recording)
    assert recording.names == {*NAMES, LAMBDA_MEMORY_VARIABLE}  # the latter is set by Lambda
