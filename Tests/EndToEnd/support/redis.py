"""Redis servers that tests start, stop and fault, and servers of Gapura that share one."""

import os
import signal
import subprocess
from pathlib import Path

from support.client import bearer
from support.server import eventually

SCRIPT = Path(__file__).parents[3] / "scripts" / "redis"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Redis:
    """A Redis server of the test's own; `Redis(watching=port)` is a Sentinel of the master on that port."""

    def __init__(self, *options, watching=None):
        kind = ["watch"] if watching is None else ["sentinel", str(watching)]
        self._process = subprocess.Popen(
            [SCRIPT, *kind, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        self.folder = self._process.stdout.readline().strip()
        assert self.folder, "Redis did not start"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def stop(self):
        subprocess.run([SCRIPT, "stop", self.folder, "KILL"], check=True)

    def start(self):
        subprocess.run([SCRIPT, "start", self.folder], check=True, stdout=subprocess.DEVNULL)

    def freeze(self):
        """It keeps its connections and answers nothing, as a machine that swaps."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        os.kill(int((Path(self.folder) / "pid").read_text()), number)

    def ask(self, *words):
        done = subprocess.run(
            ["redis-cli", "-u", self.url, "--no-auth-warning", *words], check=True, capture_output=True, text=True)
        return done.stdout

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)


def health(server):
    answer = server.client().get("/health/ready")
    assert answer.status_code == 200
    return answer.json()["redis"]


def offices_of(start, folder, url, **variables):
    """Three processes over one PostgreSQL and this Redis, once they have found it."""
    folder = folder / "shared"
    (folder / "data").mkdir(parents=True)
    servers = [
        start(folder=folder, MASTER_KEY=KEY, APP_URL="http://gate.example", REDIS_URL=url, **variables)
        for _ in range(3)
    ]
    for server in servers:
        eventually(lambda server=server: health(server) == "ok", "the connection to Redis")
        server.expected_errors.add("Redis cannot be reached")
    return servers


def asked(server, visitor, **fields):
    answer = server.client().post(
        "/access/check", json=visitor.question(**fields), headers={"X-Api-Key": visitor.shop.key})
    assert answer.status_code == 200, answer.text
    return answer.json()


def used(server, visitor):
    answer = server.client().get("/usage/me", headers=bearer(visitor.token))
    assert answer.status_code == 200, answer.text
    [window] = [use for use in answer.json()["windows"] if use["limit"] == visitor.amount]
    return window["used"]
