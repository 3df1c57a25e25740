"""Measures Gapura beside its peers and prints a Markdown report. Everything is on loopback and bounded in time."""

import argparse
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from . import (
    access, bad_credentials, clean_up, delivery, gateway, hot_path, instructions, profile, quota, refresh, sign_in, start)
from .programs import ROOT, SCRATCH

PARTS = ("requests", "access", "gateway", "sign-in", "registration", "refresh", "start", "clean-up", "bad-credentials",
         "profile")
# Only when asked for: they need valgrind, a second program, and a PostgreSQL server.
MORE_PARTS = ("instructions", "delivery", "quota")


def main() -> int:
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART",
        help=f"any of: {', '.join(PARTS)} (default: these); {', '.join(MORE_PARTS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often the peers take turns (default: 5)")
    parser.add_argument("--seconds", type=int, default=3, help="of load in each turn (default: 3)")
    parser.add_argument(
        "--rate", type=int, default=1000, help="gateway: requests per second while latencies count (default: 1000)")
    parser.add_argument(
        "--limited", action="store_true",
        help="access, gateway: the caller has a limit that nobody reaches, so that every answer tells it")
    parser.add_argument(
        "--door", action="append", choices=instructions.DOORS,
        help="instructions: of this answer, by step; may be given again (default: all four)")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/gapura", help="a release build")
    given = parser.parse_args()
    parts = given.parts or PARTS
    if unknown := set(parts) - set(PARTS + MORE_PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if not given.binary.exists():
        parser.error(f"{given.binary} is missing; `make release` builds it")
    binary = given.binary.resolve()
    say(machine())
    for part in parts:
        for report in measured(part, binary, given):
            say(report)
    return 0


def measured(part: str, binary: Path, given: argparse.Namespace):
    folder = SCRATCH / part
    rounds, seconds = given.rounds, given.seconds
    cores = sorted(os.sched_getaffinity(0))
    match part:
        case "requests":
            # wrk apart from a server of one core, then everybody on every core.
            if len(cores) > 1:
                yield hot_path.measure(binary, folder, rounds, seconds, cores[:1], cores[1:2])
            yield hot_path.measure(binary, folder, rounds, seconds, cores, cores)
        case "access":
            if len(cores) > 1:
                yield access.measure(binary, folder, rounds, seconds, cores[:1], cores[1:2], given.limited)
            yield access.measure(binary, folder, rounds, seconds, cores, cores, given.limited)
        case "quota":
            if len(cores) > 1:
                yield quota.measure(binary, folder, rounds, seconds, cores[:1], cores[1:2])
            yield quota.measure(binary, folder, rounds, seconds, cores, cores)
        case "gateway":
            options = given.rate, given.limited
            if len(cores) > 1:
                yield gateway.measure(binary, folder, rounds, seconds, cores[:1], cores[1:2], *options)
            yield gateway.measure(binary, folder, rounds, seconds, cores, cores, *options)
        case "sign-in":
            yield sign_in.measure_sign_in(binary, folder, rounds, seconds)
        case "registration":
            yield sign_in.measure_registration(binary, folder, rounds, seconds)
        case "refresh":
            yield refresh.measure(binary, folder, rounds, seconds)
        case "start":
            yield start.measure(binary, folder, max(rounds, 15))
        case "clean-up":
            yield clean_up.measure(binary, folder, seconds)
        case "bad-credentials":
            yield bad_credentials.measure(binary, folder, seconds)
        case "delivery":
            yield delivery.measure(binary, folder, rounds)
        case "profile":
            yield profile.measure(binary, folder, seconds)
        case "instructions":
            yield instructions.measure(binary, folder, given.door or list(instructions.DOORS))


def machine() -> str:
    processor = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / (1 << 20)
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return (
        f"{len(os.sched_getaffinity(0))} cores ({processor[1] if processor else platform.machine()}), "
        f"{memory:.0f} GiB, Linux {platform.release()}; revision {revision or 'unknown'}; "
        f"load of the machine at the start {os.getloadavg()[0]:.1f}.\n")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"Benchmarks: {error}")
