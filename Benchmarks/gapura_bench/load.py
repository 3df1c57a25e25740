"""Load by wrk, with a check that every answer was the right one."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .programs import Program, pinned


@dataclass
class Load:
    seconds: int = 3
    connections: int = 32
    cores: list[int] | None = None
    script: Path | None = None
    arguments: tuple[str, ...] = ()


@dataclass
class Result:
    requests: int
    per_second: float
    p99_milliseconds: float
    server_microseconds: float
    """Processor time of the server for one request."""


UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def drive(program: Program, path: str, load: Load, headers: dict[str, str] | None = None) -> Result:
    command = pinned(load.cores) + [
        "wrk", "--latency", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--timeout", "5s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if load.script:
        command += ["-s", str(load.script)]
    command += [program.url + path, *(["--", *load.arguments] if load.arguments else [])]
    before = program.cpu_seconds()
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=load.seconds + 30).stdout
    spent = program.cpu_seconds() - before
    if bad := re.search(r"(Non-2xx.*|Socket errors.*)", text):
        raise RuntimeError(f"{program.name} {path}: {bad[1]}")
    requests = int(re.search(r"(\d+) requests in", text)[1])
    if requests == 0:
        raise RuntimeError(f"{program.name} {path}: no answers\n{text}")
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return Result(
        requests=requests,
        per_second=float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        p99_milliseconds=float(p99) * UNITS[unit], server_microseconds=spent / requests * 1e6)
