"""Rotation of refresh tokens: one unit of work with four statements and its signature."""

import shutil
from pathlib import Path

from . import client
from .load import Load, drive
from .programs import gapura
from .report import table, with_spread

EMAIL = "ayu@example.com"
SCRIPT = Path(__file__).parent / "refresh.lua"
CONNECTIONS = 64


def measure(binary: Path, folder: Path, rounds: int, seconds: int) -> str:
    speeds, each, latencies = [], [], []
    for _ in range(rounds):
        shutil.rmtree(folder, ignore_errors=True)
        with gapura(binary, folder, ARGON2_MEMORY="8KiB", ARGON2_ITERATIONS="1") as program:
            client.verified_user(program.url, EMAIL)
            tokens = tuple(client.refresh_token(program.url, EMAIL) for _ in range(2 * CONNECTIONS))
            load = Load(seconds=seconds, connections=CONNECTIONS, script=SCRIPT, arguments=tokens)
            result = drive(program, "/refresh-token", load)
            speeds.append(result.per_second)
            each.append(result.server_microseconds)
            latencies.append(result.p99_milliseconds)
    return (
        f"### Refresh, {2 * CONNECTIONS} sessions, {CONNECTIONS} connections\n\n"
        + table(
            ["what", "per second (range)", "server µs each", "p99 ms"],
            [["`POST /refresh-token`", *(with_spread(figures) for figures in (speeds, each, latencies))]]))
