"""What the gate adds to a request through nginx: the shipped configuration beside nginx without `auth_request`."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from . import client, open_load
from .access import AMOUNT, PATH, SERVICE, compare_decisions, peer, prepare
from .hot_path import request_headers
from .load import Load, drive
from .open_load import Latencies
from .peers.gateway import gateway
from .peers.nginx import nginx
from .programs import Program, gapura
from .report import difference, ratio, table, with_spread

ALONE, GATED, FASTAPI = "nginx alone", "nginx, Gapura's gate", "nginx, FastAPI's gate"
TARGET = f"{PATH}?page=2"
CONNECTIONS = 64


@dataclass
class Way:
    """From the client to the service and back."""

    name: str
    port: int
    programs: list[Program]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        return sum(program.cpu_seconds() for program in self.programs)


def measure(
    binary: Path, folder: Path, rounds: int, seconds: int, cores: list[int], load_cores: list[int], rate: int,
    limited: bool
) -> str:
    """- cores: of nginx, the gate and the service together. - load_cores: of the load. - rate: requests per second."""
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        gate = stack.enter_context(gapura(binary, folder / "gapura", cores))
        scene = prepare(gate, binary, folder / "gapura", AMOUNT if limited else None)
        equal = compare_decisions(gate, scene, folder)
        other = stack.enter_context(peer(folder, len(cores), cores))
        # Named apart from the gateway, because the log is.
        service = stack.enter_context(nginx({"/": b"ok", PATH: b"ok"}, folder / "service", len(cores), cores))
        proxy, port = gateway("gateway", folder / "gateway", gate, service, SERVICE["slug"], cores)
        stack.enter_context(proxy)
        other_proxy, other_port = gateway(
            "gateway", folder / "fastapi-gateway", other, service, SERVICE["slug"], cores)
        stack.enter_context(other_proxy)
        ways = [
            Way(ALONE, proxy.port, [proxy, service]), Way(GATED, port, [proxy, service, gate]),
            Way(FASTAPI, other_port, [other_proxy, service, other])]
        headers = request_headers(scene.token)
        check(ways)
        latencies, speeds, costs = run_rounds(ways, headers, rounds, seconds, load_cores, rate)
    where = f"on core {', '.join(map(str, cores))}, the load on {', '.join(map(str, load_cores))}"
    return (
        f"### Through nginx with `auth_request`, {len(cores)} worker(s) of each {where}\n\n"
        f"nginx, the gate and the service share the core(s). An open load of {rate} requests per second (a Poisson "
        f"process over {CONNECTIONS} connections), a token of {len(scene.token)} bytes, 8 request headers; Gapura and "
        f"FastAPI answered {equal} questions alike.\n\n" + latency_table(latencies)
        + "\nAt saturation, by wrk with 32 connections:\n\n" + speed_table(speeds, costs))


def check(ways: list[Way]) -> None:
    """The gates are closed to nobody but those without a credential."""
    for way in ways:
        status, _ = client.status(way.url + TARGET, {})
        if status != (200 if way.name == ALONE else 401):
            raise RuntimeError(f"{way.name} answers {status} to a request without a credential")


def run_rounds(ways: list[Way], headers, rounds: int, seconds: int, load_cores: list[int], rate: int):
    """By way: latencies at the rate, requests per second at saturation, and microseconds of processor each there."""
    latencies: dict[str, list[Latencies]] = {way.name: [] for way in ways}
    speeds: dict[str, list[float]] = {way.name: [] for way in ways}
    costs: dict[str, list[float]] = {way.name: [] for way in ways}

    def ask(way: Way, seconds: int) -> Latencies:
        return open_load.drive(way.url + TARGET, headers, rate, seconds, load_cores, CONNECTIONS)

    for way in ways:
        ask(way, 1)
    for _ in range(rounds):
        for way in ways:
            latencies[way.name].append(ask(way, seconds))
    for _ in range(rounds):
        for way in ways:
            result = drive(way, TARGET, Load(seconds, cores=load_cores), headers)
            speeds[way.name].append(result.per_second)
            costs[way.name].append(result.server_microseconds)
    return latencies, speeds, costs


def latency_table(latencies: dict[str, list[Latencies]]) -> str:
    rows = []
    for name, found in latencies.items():
        row = [name]
        for part in ("p50", "p99"):
            values = [getattr(figures, part) for figures in found]
            alone = [getattr(figures, part) for figures in latencies[ALONE]]
            row += [
                with_spread(values, 3), "" if name == ALONE else f"{difference(values, alone):+.3f}"]
        late = median(figures.late_p99 for figures in found)
        rows.append([*row, f"{median(figures.per_second for figures in found):.0f}", f"{late:.3f}"])
    return table(
        ["way", "p50 ms (range)", "added", "p99 ms (range)", "added", "per second", "began late, p99 ms"], rows)


def speed_table(speeds: dict[str, list[float]], costs: dict[str, list[float]]) -> str:
    return table(
        ["way", "per second (range)", "of nginx alone", "processor µs each, of all programs in the way"],
        [
            [name, with_spread(found), f"{ratio(found, speeds[ALONE]):.2f}", f"{median(costs[name]):.1f}"]
            for name, found in speeds.items()
        ])
