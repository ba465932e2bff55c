"""`python -m tools.rehearsal`: images, bootstrap, deploy, the end-to-end suite, destroy; all on this machine."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tools.rehearsal import emulator, machine
from tools.rehearsal.commands import StepFailedError, run, step
from tools.rehearsal.deployment import AWS_CDK, Cdk, context
from tools.rehearsal.images import Builder
from tools.rehearsal.pip_settings import build_mounts
from tools.rehearsal.places import ROOT, Places


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse; 0 for a success, and for a machine that cannot rehearse, which prints SKIPPED and the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="SUITE", help="pytest's -k: those tests of the suite only")
    parser.add_argument(
        "--keep", action="store_true", help="open a shell before the deployment is destroyed, to look at it"
    )
    parser.add_argument(
        "--from-home",
        action="store_true",
        help="deploy what is in production on this machine, as `make synth` does, not what the checkout has",
    )
    options = parser.parse_args(arguments)
    reason = machine.missing()
    if reason is not None:
        print(f"SKIPPED: rehearsal: {reason}")
        return 0
    places = Places.find()
    try:
        with places.alone():
            places.clear_logs()
            try:
                _install(places)
            except StepFailedError as error:
                print(f"SKIPPED: rehearsal: what it needs could not be installed: {error}")
                return 0
            passed = _rehearse(places, options)
    except StepFailedError as error:
        print(f"FAILED: rehearsal: {error}", file=sys.stderr)
        return 1
    print(f"{'PASSED' if passed else 'FAILED'}: rehearsal; logs in {places.logs}", flush=True)
    return 0 if passed else 1


def _rehearse(places: Places, options: argparse.Namespace) -> bool:
    inside = [sys.executable, "-m", "tools.rehearsal.inside", _prepare(places, is_from_home=options.from_home)]
    inside += ["--only", options.only] if options.only else []
    inside += ["--keep"] if options.keep else []
    return subprocess.run([*machine.ISOLATED, *inside], cwd=ROOT, check=False).returncode == 0  # noqa: S603


def _install(places: Places) -> None:
    """Install the programs that do not belong to this project."""
    with step("packages"):
        machine.install(places)
    with step("emulator"):
        emulator.install(places)
    with step("cdk"):
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(places.node)]
        run([*npm, f"aws-cdk@{AWS_CDK}", emulator.S3_CLIENT], places.log("npm"))


def _prepare(places: Places, *, is_from_home: bool) -> str:
    """Build the images, the last step that needs the network; returns the name of the base image."""
    with step("despliegue build"):
        source = [] if is_from_home else ["--checkout"]
        run([sys.executable, "-m", "model_export.commands.main", "build", *source], places.log("build"), folder=ROOT)
    with build_mounts() as mounts:
        builder = Builder(places, places.container_settings(), mounts)
        with step("base image"):
            base_image = builder.base()
        with step("cdk synth"):
            Cdk(places, context("first", base_image, machine.native_platform())).synth()
        with step("images"):
            built = builder.stack(places.assembly)
        with step("broken images"):
            Cdk(places, context("broken", base_image, machine.native_platform())).synth()
            builder.broken(places.assembly, built)
        for target, name in {"base": base_image, **built}.items():
            print(f"rehearsal: image {target}: {builder.size_mb(name):.0f} MB", flush=True)
    return base_image


if __name__ == "__main__":
    sys.exit(main())
