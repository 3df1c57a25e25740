"""Sign-in beside libsodium's own loop, and registration without the cost of the hash."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from . import client
from .load import Load, drive
from .programs import SCRATCH, gapura
from .report import ratio, table, with_spread

PEERS = Path(__file__).parent / "peers"
SCRIPT = Path(__file__).parent / "post.lua"
EMAIL = "ayu@example.com"
DRAIN_TIMEOUT_SECONDS = 120


def sodium_loop() -> Path:
    program = SCRATCH / "sodium_loop"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libsodium"], check=True, capture_output=True, text=True).stdout.split()
    compiler = os.environ.get("CC") or shutil.which("cc") or "clang"
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), str(PEERS / "sodium_loop.c"), "-pthread", *flags],
        check=True)
    return program


def rows(database: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def measure_sign_in(binary: Path, folder: Path, rounds: int, seconds: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    loop = sodium_loop()
    threads = len(os.sched_getaffinity(0))
    body = json.dumps({"email": EMAIL, "password": client.PASSWORD})
    load = Load(seconds=seconds, connections=4 * threads, script=SCRIPT, arguments=(body,))
    ours, theirs, our_cost, their_cost = [], [], [], []
    with gapura(binary, folder, ARGON2_CONCURRENCY=str(threads)) as program:
        client.verified_user(program.url, EMAIL)
        (password_hash,), = rows(folder / "data/gapura.db", "SELECT password_hash FROM users")
        for _ in range(rounds):
            output = subprocess.run(
                [str(loop), password_hash, client.PASSWORD, str(threads), str(seconds)], check=True,
                capture_output=True, text=True, timeout=seconds + 30).stdout
            per_second, milliseconds = map(float, output.split())
            theirs.append(per_second)
            their_cost.append(milliseconds)
            result = drive(program, "/login", load)
            ours.append(result.per_second)
            our_cost.append(result.server_microseconds / 1000)
    cost = password_hash.split("$")[3]
    return (
        f"### Password sign-in, Argon2id {cost}, {threads} at once\n\n"
        + table(
            ["what", "per second (range)", "of the loop", "bar", "processor ms each (range)", "of the loop's"],
            [
                ["libsodium's loop", with_spread(theirs), "1.00", "", with_spread(their_cost), "1.00"],
                [
                    "`POST /login`", with_spread(ours), f"{ratio(ours, theirs):.2f}", "0.95",
                    with_spread(our_cost), f"{ratio(our_cost, their_cost):.2f}",
                ],
            ]))


def measure_registration(binary: Path, folder: Path, rounds: int, seconds: int) -> str:
    body = json.dumps({"email": "%ADDRESS%", "password": client.PASSWORD, "first_name": "Ayu"})
    load = Load(seconds=seconds, connections=64, script=SCRIPT, arguments=(body,))
    speeds, each, drains, latencies = [], [], [], []
    for _ in range(rounds):
        shutil.rmtree(folder, ignore_errors=True)
        with gapura(binary, folder, ARGON2_MEMORY="8KiB", ARGON2_ITERATIONS="1") as program:
            result = drive(program, "/register", load)
            speeds.append(result.per_second)
            each.append(result.server_microseconds)
            latencies.append(result.p99_milliseconds)
            drains.append(drain_seconds(folder / "data/gapura.db"))
    return (
        "### Registration with the least hash (8 KiB, one pass), 64 connections\n\n"
        + table(
            ["what", "per second (range)", "server µs each", "p99 ms", "until every mail is sent, s"],
            [["`POST /register`", *(with_spread(figures) for figures in (speeds, each, latencies, drains))]]))


def drain_seconds(database: Path) -> float:
    """How long the mails go on after the last registration."""
    start = time.monotonic()
    while time.monotonic() - start < DRAIN_TIMEOUT_SECONDS:
        (left,), = rows(
            database,
            "SELECT (SELECT count(*) FROM outbox_events) + (SELECT count(*) FROM notifications WHERE state = 'queued')")
        if left == 0:
            return time.monotonic() - start
        time.sleep(0.1)
    raise RuntimeError(f"{left} events or mails are left after {DRAIN_TIMEOUT_SECONDS} s")
