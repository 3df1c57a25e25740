"""Writes while the clean-up works off what strangers left behind."""

import shutil
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from . import client
from .programs import gapura
from .report import table

EMAIL = "writer@example.com"
FAILED_SIGN_INS = 200_000
STALE_ACCOUNTS = 2_000
BAR_MILLISECONDS = 100
DONE_TIMEOUT_SECONDS = 600
DAY_MILLISECONDS = 86_400_000


def measure(binary: Path, folder: Path, seconds: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    with gapura(binary, folder) as program:
        client.verified_user(program.url, EMAIL)
        token = client.access_token(program.url, EMAIL)
    database = folder / "data/gapura.db"
    with gapura(binary, folder) as program:
        alone, _ = latencies(program.url, token, lambda elapsed: elapsed >= seconds)
    fill(database)
    with gapura(binary, folder) as program:
        beside, took = latencies(program.url, token, lambda elapsed: left(database) == 0)
    return (
        f"### Writes while {FAILED_SIGN_INS:,} failed sign-ins and {STALE_ACCOUNTS:,} stale accounts are deleted\n\n"
        + table(
            ["`PATCH /me`, one after the other", "writes", "median ms", "p99 ms", "longest ms", "bar"],
            [row("alone", alone), row(f"beside the clean-up, {took:.0f} s", beside)]))


def row(name: str, milliseconds: list[float]) -> list[str]:
    p99 = statistics.quantiles(milliseconds, n=100)[98]
    return [
        name, f"{len(milliseconds):,}", f"{statistics.median(milliseconds):.1f}", f"{p99:.1f}",
        f"{max(milliseconds):.1f}", str(BAR_MILLISECONDS),
    ]


def fill(database: Path) -> None:
    """What is over: attempts of two days ago, accounts that nobody proved for eight days, with a device of each."""
    now = int(time.time() * 1000)
    old, stale = now - 2 * DAY_MILLISECONDS, now - 8 * DAY_MILLISECONDS
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        # A run was missed, which the next start makes up for at once.
        connection.execute("UPDATE job_schedules SET decided_until = 0")
        connection.executemany(
            "INSERT INTO login_attempts (key, window_start, failures, pending, last_failure) VALUES (?, ?, 1, 0, ?)",
            ((f"account:nobody{number}@example.com", old, old) for number in range(FAILED_SIGN_INS)))
        connection.executemany(
            "INSERT INTO login_attempts (key, window_start, failures, pending, last_failure) VALUES (?, ?, 1, 0, ?)",
            ((f"device:stale{number}@example.com:1", now, now) for number in range(STALE_ACCOUNTS)))
        connection.executemany(
            "INSERT INTO users (id, email, email_key, is_active, is_verified, locale, provider, created_at, updated_at)"
            " VALUES (randomblob(16), ?1, ?1, 1, 0, 'en', 'password', ?2, ?2)",
            ((f"stale{number}@example.com", stale) for number in range(STALE_ACCOUNTS)))


def left(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        (count,) = connection.execute(
            "SELECT (SELECT count(*) FROM users WHERE email LIKE 'stale%')"
            " + (SELECT count(*) FROM login_attempts WHERE key LIKE '%nobody%')").fetchone()
        return count


def latencies(url: str, token: str, is_done) -> tuple[list[float], float]:
    """Milliseconds of each write until it is done, which is looked at once a second; and how long that was."""
    headers = {"Authorization": f"Bearer {token}"}
    start = time.monotonic()
    found: list[float] = []
    look = start + 1
    while True:
        begun = time.perf_counter()
        # Another name each time, or nothing would be written. The routes of mails take their time on purpose.
        client.call("PATCH", f"{url}/me", {"first_name": f"Ana {len(found)}"}, headers)
        found.append((time.perf_counter() - begun) * 1000)
        now = time.monotonic()
        if now >= look:
            if is_done(now - start):
                return found, now - start
            look = now + 1
        if now - start > DONE_TIMEOUT_SECONDS:
            raise RuntimeError(f"the clean-up has not ended after {DONE_TIMEOUT_SECONDS} s")
