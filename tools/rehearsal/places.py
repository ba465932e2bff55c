"""The files of the rehearsal: all of them outside the checkout, most of them worth keeping."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.rehearsal.commands import StepFailedError

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "DESPLIEGUE_REHEARSAL_CACHE"


@dataclass(frozen=True, slots=True)
class Places:
    """Paths within the cache `folder`. Deleting it only makes the next rehearsal some minutes longer."""

    folder: Path

    @classmethod
    def find(cls) -> Places:
        """The folder that the environment names, or one in the user's cache."""
        places = cls(Path(os.environ.get(VARIABLE) or Path.home() / ".cache" / "despliegue-rehearsal").resolve())
        places.logs.mkdir(parents=True, exist_ok=True)
        return places

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def emulator(self) -> Path:
        """The virtual environment of the emulator."""
        return self.folder / "emulator"

    @property
    def node(self) -> Path:
        return self.folder / "node"

    @property
    def assembly(self) -> Path:
        """The cloud assembly that the CDK synthesised."""
        return self.folder / "cdk.out"

    @property
    def podman_socket(self) -> Path:
        return self.folder / "podman.sock"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def clear_logs(self) -> None:
        for log in self.logs.glob("*.log"):
            log.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other rehearsals out of this cache while the block runs; raises StepFailedError where one uses it."""
        import fcntl  # not on Windows, whose users still get the message that they cannot rehearse

        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StepFailedError(
                    f"another rehearsal uses {self.folder}: set {VARIABLE} to another folder"
                ) from None
            yield

    def container_settings(self) -> dict[str, str]:
        """Environment variables with which buildah and podman keep all their files in the cache.

        Containers use no control groups, because nothing else runs in these namespaces, nor the host's /etc/hosts.
        """
        storage, containers = self.folder / "storage.conf", self.folder / "containers.conf"
        storage.write_text(
            f'[storage]\ndriver = "overlay"\nrunroot = "{self.folder}/run"\ngraphroot = "{self.folder}/images"\n'
        )
        containers.write_text(
            '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]\ncgroups = "disabled"\n'
            'netns = "private"\nbase_hosts_file = "none"\n'
            '[engine]\nevents_logger = "file"\ncgroup_manager = "cgroupfs"\nruntime = "crun"\n'
        )
        return {"CONTAINERS_STORAGE_CONF": str(storage), "CONTAINERS_CONF": str(containers)}
