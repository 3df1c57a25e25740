"""What is stored and remembered of credentials that one network makes up."""

import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from .programs import Program, gapura
from .report import table

SCRIPT = Path(__file__).with_name("bad_credentials.lua")
REQUESTS = 1_000_000
# Of one process that has seen the first of them.
BAR_MEBIBYTES = 64
BAR_ROWS = 1
COUNT_TIMEOUT_SECONDS = 120
ROUNDS_MAX = 1_000


def measure(binary: Path, folder: Path, seconds: int) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    database = folder / "data/gapura.db"
    # In development there is a service to be asked about, and this machine may ask.
    with gapura(binary, folder, APP_ENV="development") as program:
        sent = refused(program, seconds)
        first = program.memory_mebibytes()["VmRSS"]
        most, begun = first, time.monotonic()
        for _ in range(ROUNDS_MAX):
            if sent >= REQUESTS:
                break
            sent += refused(program, seconds)
            most = max(most, program.memory_mebibytes()["VmRSS"])
        took = time.monotonic() - begun
        wait_until_counted(database, sent)
    (rows,), = query(database, "SELECT count(*) FROM audit_entries WHERE outcome = 'refused'")
    (rows_of_minute,), = query(
        database, "SELECT max(rows) FROM (SELECT count(*) AS rows FROM audit_entries WHERE outcome = 'refused'"
        " GROUP BY time / 60000, reason)")
    if rows_of_minute > BAR_ROWS or most - first > BAR_MEBIBYTES:
        raise RuntimeError(f"{rows_of_minute} rows of a minute and reason, {most - first:.0f} MiB more")
    return (
        f"### {sent:,} made-up credentials from one IPv6 /64, each from another address\n\n"
        + table(
            ["what", "measured", "bar"],
            [
                ["requests per second", f"{sent / (took + seconds):,.0f}", ""],
                ["rows in the audit log, all with their counts", f"{rows:,}", ""],
                ["rows of one minute and reason, the most", f"{rows_of_minute:,}", f"{BAR_ROWS}"],
                ["memory after the first load, MiB", f"{first:.0f}", ""],
                ["more at the most, MiB", f"{most - first:.0f}", f"{BAR_MEBIBYTES}"],
            ]))


def refused(program: Program, seconds: int) -> int:
    """How many were sent. Every one has to be refused with a status, not by the connection."""
    path = "/access/forward/cvmaker?dialect=caddy"
    text = subprocess.run(
        ["wrk", "-t1", "-c32", f"-d{seconds}s", "--timeout", "5s", "-s", str(SCRIPT), program.url + path],
        check=True, capture_output=True, text=True, timeout=seconds + 30).stdout
    if bad := re.search(r"Socket errors.*", text):
        raise RuntimeError(f"{program.name}: {bad[0]}")
    sent = int(re.search(r"(\d+) requests in", text)[1])
    if int(re.search(r"Non-2xx or 3xx responses: (\d+)|$", text)[1] or 0) != sent or sent == 0:
        raise RuntimeError(f"{program.name}: not all of {sent} were refused\n{text}")
    return sent


def wait_until_counted(database: Path, sent: int) -> None:
    """Those that wrk left without waiting for their answers are counted too."""
    end = time.monotonic() + COUNT_TIMEOUT_SECONDS
    while (counted := query(database, "SELECT coalesce(sum(count), 0) FROM audit_entries WHERE outcome = 'refused'")
            [0][0]) < sent:
        if time.monotonic() > end:
            raise RuntimeError(f"{counted} of {sent} refusals are in the audit log")
        time.sleep(0.1)


def query(database: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql).fetchall()
