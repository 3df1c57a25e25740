"""The key set and the signed-in user: Gapura, `nginx return 200` and FastAPI, round by round."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from . import client
from .load import Load, Result, drive
from .peers.fastapi import fastapi
from .peers.nginx import nginx
from .programs import Program, gapura
from .report import ratio, table, with_spread

PATHS = ("/.well-known/jwks.json", "/me")
ISSUER = "http://localhost:8080"
# Long enough for a token of 600 bytes.
EMAIL = "a.person.with.a.rather.long.address@department.example.com"


def request_headers(token: str) -> dict[str, str]:
    """With Host, which wrk adds, eight."""
    return {
        "Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Encoding": "gzip, deflate, br",
        "Accept-Language": "en-GB,en;q=0.9", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "Cache-Control": "no-cache", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }


def measure(binary: Path, folder: Path, rounds: int, seconds: int, cores: list[int], load_cores: list[int]) -> str:
    """- cores: of the servers; as many workers each. - load_cores: of wrk."""
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        ours = stack.enter_context(gapura(binary, folder / "gapura", cores))
        client.verified_user(ours.url, EMAIL)
        headers = request_headers(client.access_token(ours.url, EMAIL))
        bodies = {path: client.call("GET", ours.url + path, headers=headers)[0] for path in PATHS}
        keys = folder / "jwks.json"
        keys.write_bytes(bodies[PATHS[0]])
        programs = [
            ours,
            stack.enter_context(nginx(bodies, folder / "nginx", len(cores), cores)),
            stack.enter_context(
                fastapi(folder / "gapura/data/gapura.db", keys, ISSUER, folder / "fastapi", len(cores), cores)),
        ]
        for program in programs:
            check(program, bodies, headers)
        results = run_rounds(programs, headers, rounds, Load(seconds=seconds, cores=load_cores))
    return report(results, bodies, len(headers["Authorization"]) - len("Bearer "), cores, load_cores)


def check(program: Program, bodies: dict[str, bytes], headers: dict[str, str]) -> None:
    """Everybody gives the same answer, or there is nothing to compare."""
    for path, body in bodies.items():
        given, _ = client.call("GET", program.url + path, headers=headers)
        if json.loads(given) != json.loads(body):
            raise RuntimeError(f"{program.name} answers {path} with {given!r}")


def run_rounds(programs, headers, rounds: int, load: Load) -> dict[tuple[str, str], list[Result]]:
    results: dict[tuple[str, str], list[Result]] = {}
    for path in PATHS:
        for program in programs:
            drive(program, path, Load(seconds=1, cores=load.cores), headers)
        for _ in range(rounds):
            for program in programs:
                results.setdefault((path, program.name), []).append(drive(program, path, load, headers))
    return results


def report(results, bodies, token_bytes: int, cores, load_cores) -> str:
    rows = []
    for path, body in bodies.items():
        peer = {name: [result.per_second for result in results[path, name]] for name in ("gapura", "nginx", "fastapi")}
        for name, speeds in peer.items():
            rows.append([
                f"`{path}`", name, with_spread(speeds), f"{ratio(speeds, peer['nginx']):.2f}",
                f"{ratio(speeds, peer['fastapi']):.1f}",
                f"{median(result.server_microseconds for result in results[path, name]):.1f}",
                f"{median(result.p99_milliseconds for result in results[path, name]):.2f}",
            ])
    sizes = ", ".join(f"`{path}` {len(body)} bytes" for path, body in bodies.items())
    where = f"on core {', '.join(map(str, cores))}, wrk on {', '.join(map(str, load_cores))}"
    return (
        f"### Requests, {len(cores)} HTTP thread(s) or worker(s) {where}\n\n"
        f"32 connections, a token of {token_bytes} bytes, 8 request headers; {sizes}.\n\n"
        + table(
            ["answer", "server", "per second (range)", "of nginx", "times FastAPI", "server µs each", "p99 ms"], rows))
