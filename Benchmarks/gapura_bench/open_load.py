"""An open load: requests begin at times that were drawn beforehand, whether or not earlier ones were answered.

Run as a program of its own, on cores of its own; the arguments are one JSON object, the figures another. A closed
load, such as wrk's, asks less while the server is slow, and so leaves the worst out. Here a latency counts from the
moment at which the request was due, as wrk2 does it: also what it waited for a free connection is in it. The times are
a Poisson process, so requests come in small crowds, as people do.
"""

import ctypes
import gc
import json
import random
import select
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from .programs import ROOT, pinned

PR_SET_TIMERSLACK = 29
PATIENCE_SECONDS = 5


@dataclass
class Latencies:
    """In milliseconds, but for the rate."""

    per_second: float
    p50: float
    p99: float
    late_p99: float
    """By how much requests began after they were due: the generator cannot measure better than this."""


def drive(url: str, headers: dict[str, str], rate: int, seconds: int, cores: list[int], connections: int) -> Latencies:
    order = {
        "url": url, "headers": headers, "rate": rate, "seconds": seconds, "connections": connections}
    done = subprocess.run(
        [*pinned(cores), sys.executable, "-m", __name__, json.dumps(order)], cwd=ROOT / "Benchmarks",
        capture_output=True, text=True, timeout=seconds + 30)
    if done.returncode:
        raise RuntimeError(f"{url}: {done.stderr.strip().splitlines()[-1:]}")
    return Latencies(**json.loads(done.stdout))


def main() -> None:
    order = json.loads(sys.argv[1])
    # Timers of select would be 50 µs late by default.
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    address = urlsplit(order["url"])
    lines = [f"GET {address.path}?{address.query} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in order["headers"].items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    connections = [connect(address) for _ in range(order["connections"])]
    # Without a collection in the middle, and the same times in each run.
    gc.disable()
    due = schedule(order["rate"], order["seconds"], random.Random(order["rate"]))
    start = time.perf_counter()
    latencies, lateness = send(connections, request, due)
    took = max(time.perf_counter() - start, order["seconds"])
    print(json.dumps(asdict(Latencies(
        per_second=len(latencies) / took, p50=percentile(latencies, 50), p99=percentile(latencies, 99),
        late_p99=percentile(lateness, 99)))))


def connect(address) -> socket.socket:
    connection = socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def schedule(rate: int, seconds: int, chance: random.Random) -> list[float]:
    """Seconds from the start."""
    times, now = [], 0.0
    while (now := now + chance.expovariate(rate)) < seconds:
        times.append(now)
    return times


def send(connections: list[socket.socket], request: bytes, due: list[float]) -> tuple[list[float], list[float]]:
    """The latency of each request, and how long after it was due it began, in seconds."""
    free = list(connections)
    busy: dict[socket.socket, float] = {}
    latencies, lateness = [], []
    begin = time.perf_counter() + 0.01
    next_one, last_answer = 0, 0.0
    while next_one < len(due) or busy:
        now = time.perf_counter() - begin
        while next_one < len(due) and due[next_one] <= now and free:
            connection = free.pop()
            connection.send(request)
            busy[connection] = due[next_one]
            lateness.append(now - due[next_one])
            next_one += 1
            now = time.perf_counter() - begin
        wait = PATIENCE_SECONDS if next_one == len(due) or not free else max(0.0, due[next_one] - now)
        ready = select.select(list(busy), (), (), wait)[0]
        now = time.perf_counter() - begin
        for connection in ready:
            check(connection.recv(65_536))
            latencies.append(now - busy.pop(connection))
            free.append(connection)
            last_answer = now
        if not ready and busy and now - last_answer > PATIENCE_SECONDS:
            raise RuntimeError("no answer came")
    return latencies, lateness


def check(answer: bytes) -> None:
    """Answers here are small: head and body come in one piece, or this is not the measure for them."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"the answer is {answer[:200]!r}")
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    if int(length) != len(body):
        raise RuntimeError(f"the answer did not come in one piece: {answer[:200]!r}")


def percentile(values: list[float], part: int) -> float:
    """In milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)] * 1000


if __name__ == "__main__":
    main()
