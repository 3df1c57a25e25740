"""Programs under measurement: started on free loopback ports, stopped by their process ids."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build" / "bench"
START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 15
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def pinned(cores: list[int] | None) -> list[str]:
    """The prefix that keeps a command on these cores."""
    return ["taskset", "-c", ",".join(map(str, cores))] if cores else []


class Program:
    """One running program with its own group, so that its children end with it."""

    def __init__(self, name: str, command: list[str], port: int, probe: str, folder: Path, environment=None):
        self.name = name
        self.port = port
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        try:
            self._wait(probe)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _wait(self, probe: str) -> None:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at once:\n{self.log.read_text(errors='replace')}")
            try:
                with urllib.request.urlopen(self.url + probe, timeout=1) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                if time.monotonic() > end:
                    raise RuntimeError(f"{self.name} does not answer:\n{self.log.read_text(errors='replace')}")
                time.sleep(0.02)

    def family(self) -> list[int]:
        """The process and its descendants."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the whole family so far."""
        ticks = 0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / CLOCK_TICKS

    def memory_mebibytes(self) -> dict[str, float]:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return {
            name: int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M)[1]) / 1024
            for name in ("VmRSS", "RssAnon", "RssFile")
        }

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def gapura(
    binary: Path, folder: Path, cores=None, name="gapura", under: list[str] | None = None, **variables: str
) -> Program:
    """Gapura on the embedded database of `folder`; `APP_ENV=test` because production refuses `RATE_LIMIT=off`.

    - under: a command that runs it, such as valgrind.
    """
    port = free_port()
    environment = {
        "APP_ENV": "test", "HTTP_PORT": str(port), "APP_URL": "http://localhost:8080", "RATE_LIMIT": "off",
        "LOG_LEVEL": "info", "ACCESS_TOKEN_EXPIRE": "2h", **variables,
    }
    command = pinned(cores) + (under or []) + [str(binary), "serve"]
    return Program(name, command, port, "/health/live", folder, environment)
