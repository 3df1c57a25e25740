"""From the start of the process to its first answer, memory when idle, size of the program."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from .programs import START_TIMEOUT_SECONDS, STOP_TIMEOUT_SECONDS, free_port, gapura
from .report import table, with_spread

IDLE_SECONDS = 5


def measure(binary: Path, folder: Path, rounds: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    with gapura(binary, folder):
        pass  # Migrated now.
    with gapura(binary, folder) as program:
        time.sleep(IDLE_SECONDS)
        memory = program.memory_mebibytes()
    times = [milliseconds_to_first_answer(binary, folder) for _ in range(rounds)]
    private = f"{memory['RssAnon']:.1f} of its own, {memory['RssFile']:.1f} of files"
    return (
        "### Start, memory, size\n\n"
        + table(
            ["what", "figure", "bar"],
            [
                ["start to the first answer, ms (range)", with_spread(times), "100"],
                [f"resident after {IDLE_SECONDS} s idle, MiB", f"{memory['VmRSS']:.1f} ({private})", "40"],
                ["size of the program, MiB", f"{binary.stat().st_size / (1 << 20):.1f}", ""],
            ]))


def milliseconds_to_first_answer(binary: Path, folder: Path) -> float:
    port = free_port()
    environment = {**os.environ, "APP_ENV": "test", "HTTP_PORT": str(port)}
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(binary), "serve"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - start > START_TIMEOUT_SECONDS:
                raise RuntimeError("gapura does not start")
            time.sleep(0.0002)
        return (time.perf_counter() - start) * 1000
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_SECONDS)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT_SECONDS) as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    except ConnectionRefusedError:
        return False
