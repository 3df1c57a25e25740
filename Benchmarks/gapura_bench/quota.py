"""The access decision with its counters in Redis, beside FastAPI with redis-py on the same Redis and the same cores."""

import json
import os
import shutil
import subprocess
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from . import client
from .access import AMOUNT, CHECK, SCRIPT, Scene, answer, prepare
from .hot_path import ISSUER
from .load import Load, drive
from .peers.fastapi import fastapi
from .programs import CLOCK_TICKS, ROOT, Program, gapura, pinned
from .report import ratio, table, with_spread

BAR = "15"


def measure(binary: Path, folder: Path, rounds: int, seconds: int, cores: list[int], load_cores: list[int]) -> str:
    """On the PostgreSQL that `TEST_DATABASE_URL` names, as under `scripts/postgres run`.

    - cores: of the servers; as many workers each. - load_cores: of wrk and of Redis.
    """
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        raise RuntimeError("quota: run it under `scripts/postgres run`")
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        # The peer reads SQLite, so the people are made there, and moved.
        with gapura(binary, folder / "gapura", cores) as first:
            scene = prepare(first, binary, folder / "gapura", AMOUNT)
            (folder / "jwks.json").write_bytes(client.call("GET", f"{first.url}/.well-known/jwks.json")[0])
        database = moved(binary, folder, server)
        redis, redis_process = stack.enter_context(redis_server(load_cores))
        variables = {"DATABASE_URL": database, "REDIS_URL": f"{redis}?timeout=1000"}
        programs = [
            stack.enter_context(gapura(binary, folder / "gapura", cores, **variables)),
            *(
                stack.enter_context(fastapi(
                    folder / "gapura/data/gapura.db", folder / "jwks.json", ISSUER, folder / "fastapi", len(cores),
                    cores, name, "fastapi_redis", BENCH_REDIS=redis, BENCH_REMEMBER_TOKENS=remembers))
                for name, remembers in [("fastapi", "0"), ("fastapi, tokens remembered", "1")]
            ),
        ]
        rows = compare(programs, scene, redis_process, load_cores, rounds, seconds)
    where = f"on core {', '.join(map(str, cores))}, wrk and Redis on {', '.join(map(str, load_cores))}"
    return (
        f"### Access decision with counters in Redis, {len(cores)} HTTP thread(s) or worker(s) {where}\n\n"
        f"`{CHECK}` of one person with a limit that nobody reaches, 64 connections.\n\n"
        + table(
            ["server", "per second (range)", f"times FastAPI (bar {BAR})", "server µs each", "Redis µs each", "p99 ms"],
            rows))


def moved(binary: Path, folder: Path, server: str) -> str:
    """The URL of a new database with all that the Gapura in `folder` has."""
    name = f"bench_{uuid.uuid4().hex}"
    subprocess.run(["psql", "-XAtq", "-c", f"CREATE DATABASE {name}", server], check=True, capture_output=True)
    head, _, rest = server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{rest}" if rest else "")
    subprocess.run(
        [binary, "copy", "--from", "sqlite:data/gapura.db", "--to", url], cwd=folder / "gapura", check=True,
        capture_output=True, env={"PATH": os.environ["PATH"], "APP_ENV": "test", "APP_URL": ISSUER})
    return url


@contextmanager
def redis_server(cores: list[int]):
    """Its URL, and its process."""
    process = subprocess.Popen(
        pinned(cores) + [str(ROOT / "scripts/redis"), "watch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True)
    try:
        url, folder = process.stdout.readline().strip(), process.stdout.readline().strip()
        if not folder:
            raise RuntimeError("Redis does not start")
        yield url, int((Path(folder) / "pid").read_text())
    finally:
        process.stdin.close()
        process.wait(60)


def compare(
    programs: list[Program], scene: Scene, redis: int, load_cores: list[int], rounds: int, seconds: int
) -> list[list[str]]:
    headers, body = scene.doors()[CHECK]
    load = Load(seconds, 64, load_cores, SCRIPT, (json.dumps(body),))
    results: dict[str, list] = {program.name: [] for program in programs}
    spent: dict[str, list[float]] = {program.name: [] for program in programs}
    for program in programs:
        told = json.loads(answer(program, CHECK, headers, body))
        if told["degraded"] or told["limit"]["limit"] != AMOUNT:
            raise RuntimeError(f"{program.name} does not count: {told}")
        drive(program, CHECK, Load(1, 64, load_cores, SCRIPT, (json.dumps(body),)), headers)
    for _ in range(rounds):
        for program in programs:
            before = processor_seconds(redis)
            result = drive(program, CHECK, load, headers)
            spent[program.name].append(1e6 * (processor_seconds(redis) - before) / result.requests)
            results[program.name].append(result)
    if json.loads(answer(programs[0], CHECK, headers, body))["degraded"]:
        raise RuntimeError("Gapura has lost Redis under the load")
    speeds = {name: [result.per_second for result in found] for name, found in results.items()}
    return [
        [
            name, with_spread(speeds[name]), f"{ratio(speeds[name], speeds['fastapi']):.1f}",
            f"{median(result.server_microseconds for result in found):.1f}", f"{median(spent[name]):.1f}",
            f"{median(result.p99_milliseconds for result in found):.2f}",
        ]
        for name, found in results.items()
    ]


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
