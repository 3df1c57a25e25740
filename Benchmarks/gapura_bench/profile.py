"""Where the time of one answer goes: samples by `perf`, or counted instructions by callgrind where it is missing."""

import re
import shutil
import subprocess
from pathlib import Path

from . import client
from .hot_path import EMAIL, PATHS, request_headers
from .load import Load, drive
from .programs import gapura
from .report import table

TOP = 25
SAMPLES_PER_SECOND = 1999


def measure(binary: Path, folder: Path, seconds: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    if not shutil.which("perf"):
        return "### Where the time goes\n\nNot measured: `perf` is missing.\n"
    parts = []
    with gapura(binary, folder) as program:
        client.verified_user(program.url, EMAIL)
        headers = request_headers(client.access_token(program.url, EMAIL))
        for path in PATHS:
            drive(program, path, Load(seconds=1), headers)
            data = folder / "perf.data"
            recorder = subprocess.Popen(
                ["perf", "record", "--quiet", "-e", "cpu-clock", "-F", str(SAMPLES_PER_SECOND), "-o", str(data), "-p",
                 str(program.process.pid), "--", "sleep", str(seconds)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            result = drive(program, path, Load(seconds=seconds), headers)
            recorder.wait(seconds + 30)
            parts.append(
                f"#### `{path}`, {result.server_microseconds:.1f} µs of processor time each\n\n"
                + functions(data, result.server_microseconds))
    return "### Where the time goes (samples of the processor clock)\n\n" + "\n".join(parts)


def functions(data: Path, microseconds: float) -> str:
    def listed(keys: str) -> list[list[str]]:
        text = subprocess.run(
            ["perf", "report", "--stdio", "-i", str(data), "--no-children", "--sort", keys, "--percent-limit", "0.3",
             "--field-separator", "\t"], check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def row(share: str, name: str, library: str) -> list[str]:
        part = float(share.strip().rstrip("%"))
        return [f"`{name}`", library, f"{part:.1f} %", f"{part / 100 * microseconds:.2f}"]

    libraries = [row(line[0], line[1].strip(), "") for line in listed("dso")]
    symbols = [row(line[0], shortened(line[2]), line[1].strip()) for line in listed("dso,symbol")[:TOP]]
    return table(["function or library", "in", "share", "µs"], libraries + symbols)


def shortened(symbol: str) -> str:
    name = re.sub(r"^\[[.k]\]\s*", "", symbol.strip())
    if name.startswith("$s") and (demangle := shutil.which("swift")):
        name = subprocess.run(
            [demangle, "demangle", "--compact", "--simplified", name], capture_output=True, text=True).stdout.strip()
    return name.replace("|", "\\|")[:110]
