"""Redis is emptied, stopped, frozen or failed over in the middle of a load on three processes: what still holds."""

import json
import re
import socket
import subprocess
import threading
import time
from contextlib import ExitStack

import pytest
from support import raw
from support.client import fresh_email
from support.receiver import Receiver
from support.redis import KEY, Redis, asked, health, offices_of, used
from support.server import eventually
from test_quota import LIMIT, Shop
from test_webhooks import ALLOWED, Staff

CONNECTIONS = 30
REQUESTS_EACH = 33
# Of the 50 that pass, when it happens.
MIDDLE = 20
# What was counted without Redis is there again within so many seconds.
RETURN = 10


class Load:
    """A thousand requests, one after the other on each of many connections to the three processes."""

    def __init__(self, servers, visitor):
        self.servers, self.visitor = servers, visitor
        # By process.
        self.answers = [[] for _ in servers]
        self.slowest = 0.0
        self._passed = 0
        self._lock = threading.Lock()
        self._middle = threading.Event()

    def run(self, disturb):
        """Calls `disturb` once in the middle, while the load goes on."""
        threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        assert self._middle.wait(60)
        disturb()
        for thread in threads:
            thread.join()
        return [answer for answers in self.answers for answer in answers]

    def _ask(self, number):
        process = number % len(self.servers)
        with raw.Connection(self.servers[process]) as connection:
            for _ in range(REQUESTS_EACH):
                began = time.monotonic()
                answer = json.loads(connection.send(self.visitor.request("check")).read().body)
                took = time.monotonic() - began
                with self._lock:
                    self.slowest = max(self.slowest, took)
                    self.answers[process].append(answer)
                    self._passed += answer["allowed"]
                    if self._passed >= MIDDLE:
                        self._middle.set()

    @property
    def most(self):
        """What `fast` may give at most: what Redis has counted, and from what each process knew the rest of it."""
        counted = max(answer["limit"]["used"] for answers in self.answers for answer in answers if not answer["degraded"])
        floors = [
            max((answer["limit"]["used"] for answer in answers if not answer["degraded"]), default=0)
            for answers in self.answers
        ]
        return counted + sum(LIMIT - floor for floor in floors)


def known(servers, amount=LIMIT, durability="fast"):
    """Somebody whom each process has counted once."""
    visitor = Shop(servers[0]).visitor(amount, durability)
    eventually(lambda: all(asked(server, visitor, dry_run=True)["allowed"] for server in servers), "the plan")
    for server in servers:
        assert asked(server, visitor)["allowed"]
    return visitor


def at_once(servers, visitor, connections=30, each=10):
    """The answers to requests that are all sent before any of them is read."""
    with ExitStack() as stack:
        opened = [stack.enter_context(raw.Connection(servers[number % 3])) for number in range(connections)]
        for connection in opened:
            connection.send(visitor.request("check") * each)
        return [json.loads(connection.read().body) for connection in opened for _ in range(each)]


def count_passed(answers):
    return sum(answer["allowed"] for answer in answers)


@pytest.fixture
def redis():
    with Redis() as server:
        yield server


def pipe(redis, *words):
    """Sends a command at once: a program of its own would come too late."""
    with socket.create_connection(("127.0.0.1", redis.port), timeout=60) as connection:
        text = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        connection.sendall(f"*{len(words)}\r\n{text}".encode())
        return connection.recv(1000)


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("what", ["the counter's keys", "everything"])
def test_of_a_counter_that_is_lost_in_the_middle_at_most_one_more_passes_for_each_process(start, tmp_path, redis, what):
    offices = offices_of(start, tmp_path, f"{redis.url}?timeout=10000")
    visitor = known(offices)
    keys = redis.ask("KEYS", "q1:*").split()
    assert keys
    command = ["FLUSHALL"] if what == "everything" else ["DEL", *keys]
    load = Load(offices, visitor)
    answers = load.run(lambda: pipe(redis, *command))
    assert len(answers) == CONNECTIONS * REQUESTS_EACH
    assert not any(answer["degraded"] for answer in answers)
    assert LIMIT <= count_passed(answers) + 3 <= LIMIT + 3
    assert [used(server, visitor) for server in offices] == [count_passed(answers) + 3] * 3


@pytest.mark.only_on("postgres")
def test_with_redis_stopped_in_the_middle_a_strict_limit_is_exact(start, tmp_path, redis):
    offices = offices_of(start, tmp_path, redis.url)
    visitor = known(offices, durability="strict")
    answers = Load(offices, visitor).run(redis.stop)
    assert count_passed(answers) + 3 == LIMIT
    assert not any(answer["degraded"] for answer in answers)
    redis.start()
    eventually(lambda: [used(server, visitor) for server in offices] == [LIMIT] * 3, "the sum", RETURN)


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_with_redis_away_in_the_middle_a_fast_limit_goes_on_from_what_each_process_knows(start, tmp_path, redis, how):
    offices = offices_of(start, tmp_path, f"{redis.url}?timeout=500")
    visitor = known(offices)
    load = Load(offices, visitor)
    answers = load.run(redis.stop if how == "stopped" else redis.freeze)
    passed = count_passed(answers) + 3
    assert LIMIT <= passed <= load.most
    # Whoever was answered without Redis was told so, and nobody waited for it for long.
    degraded = [answer for answer in answers if answer["degraded"]]
    assert len(degraded) > CONNECTIONS
    counted = [answer["limit"]["used"] for answer in answers if answer["allowed"] and not answer["degraded"]]
    assert len(counted) == len(set(counted)) <= LIMIT
    assert load.slowest < 10
    for server in offices:
        eventually(lambda server=server: health(server) == "unreachable", "the loss of Redis")
    lines = offices[0].client().get("/metrics").text.splitlines()
    assert "redis_connected 0" in lines
    assert any(line.startswith("quota_degraded_decisions_total ") and line.split()[1] != "0" for line in lines)
    if how == "stopped":
        redis.start()
    else:
        redis.thaw()

    def sums():
        return health(offices[0]) == "ok" and {used(server, visitor) for server in offices}

    # Of a server without data, what was under way as it went may count twice, in favour of the limit.
    slack = CONNECTIONS if how == "stopped" else 0
    eventually(lambda: (found := sums()) and len(found) == 1 and passed <= min(found) <= passed + slack, "the sum", RETURN)
    for server in offices:
        line = server.wait_for_log("Redis can be reached again")
        assert line["outage_ms"] > 0
        answer = asked(server, visitor)
        assert not answer["allowed"] and not answer["degraded"]
    assert "redis_connected 1" in offices[0].client().get("/metrics").text.splitlines()


@pytest.mark.only_on("postgres")
def test_a_replica_that_sentinel_promotes_goes_on_where_the_master_was(start, tmp_path, redis):
    with Redis("--replicaof", f"127.0.0.1 {redis.port}") as replica, Redis(watching=redis.port) as sentinel:
        eventually(lambda: "state=online" in redis.ask("INFO", "replication"), "the replica")
        eventually(lambda: "slave" in sentinel.ask("SENTINEL", "REPLICAS", "gapura"), "Sentinel to find it")
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/gapura?timeout=10000"
        offices = offices_of(start, tmp_path, url)
        visitor = known(offices)
        for number in range(17):
            assert asked(offices[number % 3], visitor)["allowed"]
        assert int(redis.ask("WAIT", "1", "60000")) == 1
        # The last 15 never arrive at the replica.
        replica.freeze()
        for number in range(15):
            assert asked(offices[number % 3], visitor)["limit"]["used"] == 21 + number
        redis.stop()
        for server in offices:
            eventually(lambda server=server: health(server) == "unreachable", "the loss of the master")
        replica.thaw()
        for server in offices:
            eventually(lambda server=server: health(server) == "ok", "the promotion")
        answers = at_once(offices, visitor)
        assert not any(answer["degraded"] for answer in answers)
        assert LIMIT <= 35 + count_passed(answers) <= LIMIT + 3
        assert "role:master" in replica.ask("INFO", "replication")


@pytest.fixture
def certificate(tmp_path):
    """Of `localhost`, signed by itself: its file and its key's."""
    files = tmp_path / "redis.pem", tmp_path / "redis.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True)
    return files


@pytest.mark.only_on("postgres")
def test_over_tls_limits_and_quotas_are_counted_with_a_server_that_is_trusted_and_with_no_other(
        start, tmp_path, certificate):
    file, key = map(str, certificate)
    options = ["--tls-cert-file", file, "--tls-key-file", key, "--tls-ca-cert-file", file, "--tls-auth-clients", "no"]
    with Redis(*options) as redis:
        url = f"rediss://localhost:{redis.port}"
        offices = offices_of(start, tmp_path, f"{url}?ca={file}&timeout=10000", RATE_LIMIT="5/10m",
                             RATE_LIMIT_ADDRESS="1000/1m")
        email = fresh_email()
        tried = [offices[number % 3].client().log_in(email).status_code for number in range(7)]
        assert tried == [401] * 5 + [429] * 2
        visitor = known(offices, amount=4)
        assert [asked(server, visitor)["allowed"] for server in offices] == [True, False, False]
        stranger = start(REDIS_URL=url)
        stranger.expected_errors.add("Redis cannot be reached")
        assert health(stranger) == "unreachable"
        assert "certificate" in stranger.wait_for_log("Redis cannot be reached")["reason"]


class OldServer:
    """Says that it is a Redis of before 6.2."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        greeting = ["server", "redis", "version", "6.0.16", "mode", "standalone", "role", "master"]
        text = "".join(f"${len(word)}\r\n{word}\r\n" for word in greeting)
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                if b"HELLO" in connection.recv(1000):
                    connection.sendall(f"*{len(greeting)}\r\n{text}".encode())
                    connection.recv(1000)

    def close(self):
        self._socket.close()


@pytest.mark.database_plays_no_part
def test_an_older_server_is_refused_by_its_version(start):
    old = OldServer()
    try:
        server = start(REDIS_URL=old.url)
        server.expected_errors.add("Redis cannot be reached")
        line = server.wait_for_log("Redis cannot be reached")
        assert line["reason"] == "the server is version 6.0.16, and 6.2 or newer is needed"
        assert health(server) == "unreachable"
    finally:
        old.close()


@pytest.mark.only_on("postgres")
def test_a_job_that_one_process_queues_wakes_the_workers_of_the_others(start, redis):
    receiver = Receiver()
    try:
        server = start(REDIS_URL=redis.url, MASTER_KEY=KEY, **ALLOWED)
        eventually(lambda: health(server) == "ok", "the connection to Redis")
        server.expected_errors.add("Redis cannot be reached")
        staff = Staff(server)
        webhook = staff.add(receiver.does("/x", 204))
        with socket.create_connection(("127.0.0.1", redis.port), timeout=60) as connection:
            connection.sendall(b"*2\r\n$10\r\nPSUBSCRIBE\r\n$8\r\ngapura:*\r\n")
            heard = connection.recv(1000)
            server.client().register(fresh_email())
            # Other processes look for events, too; whichever is announced first.
            while not {b" jobs:webhooks", b" gapura_events"} <= set(re.findall(rb" [a-z_:]+(?=\r\n)", heard)):
                heard += connection.recv(1000)
        assert staff.wait_for_attempt(webhook)["state"] == "delivered"
    finally:
        receiver.close()
