"""Jobs that do nothing, and events from the outbox to a consumer: how many a second, and how soon."""

import json
import os
import re
import shutil
import statistics
import subprocess
import uuid
from pathlib import Path

from .programs import ROOT
from .report import count, ratio, table, with_spread

JOBS = 50_000
EVENTS = 20_000
LATENCIES = 1_000
PGBENCH_CLIENTS = 2
PGBENCH_BATCHES = 25
PGBENCH = ROOT / "Benchmarks/jobs.pgbench.sql"
TIMEOUT_SECONDS = 300


def measure(binary: Path, folder: Path, rounds: int) -> str:
    """On SQLite, and on PostgreSQL if `TEST_DATABASE_URL` names a server, as under `scripts/postgres run`."""
    probe = binary.parent / "DeliveryProbe"
    if not probe.exists():
        raise RuntimeError(
            f"{probe} is missing: swift build -c release --static-swift-stdlib --product DeliveryProbe")
    kinds = [SQLite(binary, folder)]
    if server := os.environ.get("TEST_DATABASE_URL"):
        kinds.append(Postgres(binary, folder, server))
    figures = {kind.name: [one_round(kind, probe) for _ in range(rounds)] for kind in kinds}
    return report(figures) + per_pgbench(figures.get("PostgreSQL"))


class SQLite:
    name = "SQLite"

    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder = binary, folder

    def new(self) -> str:
        """An empty database with the schema."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return migrated(self.binary, self.folder, f"sqlite:{self.folder}/gapura.db")

    def pgbench(self) -> float | None:
        return None


class Postgres:
    name = "PostgreSQL"

    def __init__(self, binary: Path, folder: Path, server: str):
        self.binary, self.folder, self.server = binary, folder, server
        self.made: str | None = None

    def new(self) -> str:
        if self.made:
            self.say(self.server, f"DROP DATABASE {self.made}")
        self.made = f"bench_{uuid.uuid4().hex}"
        self.say(self.server, f"CREATE DATABASE {self.made}")
        head, _, rest = self.server.partition("?")
        url = f"{head.rpartition('/')[0]}/{self.made}" + (f"?{rest}" if rest else "")
        return migrated(self.binary, self.folder, url)

    def say(self, url: str, sql: str) -> str:
        return subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url], check=True, capture_output=True, text=True,
        ).stdout

    def pgbench(self) -> float:
        """Jobs a second of the same statements: a claim and a completion for a thousand jobs."""
        url, worker = self.new(), uuid.uuid4()
        jobs = 1_000 * PGBENCH_BATCHES
        self.say(url, f"INSERT INTO job_workers VALUES ('{worker}', now(), now() + interval '1 hour')")
        self.say(
            url,
            "INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max,"
            " fence, created_at) SELECT gen_random_uuid(), 'probe.noop', 'noop' || client, 1,"
            " jsonb_build_object('number', n), 'available', 5, now(), 0, 20, 0, now()"
            f" FROM generate_series(0, {PGBENCH_CLIENTS - 1}) AS client, generate_series(1, {jobs}) AS n")
        self.say(url, "ANALYZE jobs")
        printed = subprocess.run(
            ["pgbench", "-n", "-M", "simple", "-c", str(PGBENCH_CLIENTS), "-j", str(PGBENCH_CLIENTS),
             "-t", str(PGBENCH_BATCHES), "-D", f"worker='{worker}'", "-f", PGBENCH, url],
            check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS).stdout
        left = int(self.say(url, "SELECT count(*) FROM jobs WHERE state <> 'completed'"))
        if left:
            raise RuntimeError(f"pgbench left {left} jobs:\n{printed}")
        return 1_000 * float(re.search(r"tps = ([\d.]+)", printed)[1])


def migrated(binary: Path, folder: Path, url: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [binary, "migrate", "up"], cwd=folder, check=True, capture_output=True,
        env={**os.environ, "APP_ENV": "test", "DATABASE_URL": url, "DATA_DIR": str(folder)})
    return url


def one_round(kind, probe: Path) -> dict[str, float]:
    def run(what: str, number: int) -> dict[str, float]:
        done = subprocess.run(
            [probe, what, kind.new(), str(number)], check=True, capture_output=True, text=True,
            timeout=TIMEOUT_SECONDS)
        return json.loads(done.stdout.splitlines()[-1])

    jobs, events, latency = run("noop", JOBS), run("events", EVENTS), run("latency", LATENCIES)
    figures = {
        "enqueued": jobs["count"] / jobs["enqueue_seconds"], "jobs": jobs["count"] / jobs["seconds"],
        "events": events["count"] / events["seconds"], "p50": latency["p50"] * 1_000, "p99": latency["p99"] * 1_000,
    }
    if (speed := kind.pgbench()) is not None:
        figures["pgbench"] = speed
    return figures


def report(figures: dict[str, list[dict[str, float]]]) -> str:
    def row(name: str, key: str, bar: str) -> list[str]:
        return [name, *(with_spread([each[key] for each in rounds], 2) for rounds in figures.values()), bar]

    return f"### Jobs and events, {count(JOBS)} and {count(EVENTS)} in a round\n\n" + table(
        ["what", *figures, "bar"],
        [
            row("no-op jobs done per second, one process", "jobs", "10,000"),
            row("jobs put into the queue per second, 500 in a transaction", "enqueued", ""),
            row("events per second from the outbox to a consumer with an inbox", "events", ""),
            row("from commit to the consumer's commit, p50 ms", "p50", ""),
            row("the same, p99 ms", "p99", ""),
        ])


def per_pgbench(rounds: list[dict[str, float]] | None) -> str:
    if not rounds:
        return "\nWithout PostgreSQL: run it under `scripts/postgres run`.\n"
    jobs, plain = [each["jobs"] for each in rounds], [each["pgbench"] for each in rounds]
    return (
        f"\nThe same statements in pgbench, {PGBENCH_CLIENTS} clients, 1,000 jobs in each claim: "
        f"{count(statistics.median(plain))} jobs per second; Gapura has {ratio(jobs, plain):.2f} of that.\n")
