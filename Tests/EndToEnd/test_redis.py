"""Several processes share what they count through Redis, and go on without it."""

import subprocess
from pathlib import Path

import pytest
from support.client import fresh_email, problem
from support.server import PRODUCTION, eventually, run

SCRIPT = Path(__file__).parents[2] / "scripts" / "redis"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Redis:
    """A Redis server of the test's own."""

    def __init__(self, *options):
        self._process = subprocess.Popen(
            [SCRIPT, "watch", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        self.folder = self._process.stdout.readline().strip()
        assert self.folder, "Redis did not start"

    def stop(self):
        subprocess.run([SCRIPT, "stop", self.folder, "KILL"], check=True)

    def start(self):
        subprocess.run([SCRIPT, "start", self.folder], check=True, stdout=subprocess.DEVNULL)

    def ask(self, *words):
        done = subprocess.run(
            ["redis-cli", "-u", self.url, "--no-auth-warning", *words], check=True, capture_output=True, text=True)
        return done.stdout

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def cluster(start, tmp_path, redis):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    servers = [
        start(
            folder=folder, MASTER_KEY=KEY, APP_URL="http://gate.example", REDIS_URL=redis.url, RATE_LIMIT="5/10m",
            RATE_LIMIT_ADDRESS="1000/1m")
        for _ in range(3)
    ]
    for server in servers:
        eventually(lambda server=server: health(server) == "ok", "the connection to Redis")
        server.expected_errors.add("Redis cannot be reached")
    return servers


def health(server):
    answer = server.client().get("/health/ready")
    assert answer.status_code == 200
    return answer.json()["redis"]


def connected(server):
    figures = server.client().get("/metrics").text.splitlines()
    [value] = [line.split()[1] for line in figures if line.startswith("redis_connected ")]
    return float(value)


def attempts(servers, email, count):
    return [servers[number % len(servers)].client().log_in(email).status_code for number in range(count)]


@pytest.mark.only_on("postgres")
def test_attempts_at_several_processes_count_together(cluster, redis):
    email = fresh_email()
    assert attempts(cluster, email, 8) == [401] * 5 + [429] * 3
    answer = problem(cluster[1].client().log_in(email), 429, "too_many_attempts")
    assert answer is not None
    # What others can read there says nothing of anybody.
    keys = redis.ask("KEYS", "*").split()
    assert keys and all(key.startswith("r:") and len(key) == 34 for key in keys)
    assert [connected(server) for server in cluster] == [1, 1, 1]


@pytest.mark.only_on("postgres")
def test_without_redis_each_process_counts_by_itself_and_all_say_so(cluster, redis):
    redis.stop()
    for server in cluster:
        eventually(lambda server=server: health(server) == "unreachable", "the loss of Redis")
    assert [connected(server) for server in cluster] == [0, 0, 0]
    email = fresh_email()
    assert attempts(cluster[:1], email, 6) == [401] * 5 + [429]
    redis.start()
    for server in cluster:
        eventually(lambda server=server: health(server) == "ok", "the return of Redis")
        server.wait_for_log("Redis can be reached again")
    assert attempts(cluster, fresh_email(), 6) == [401] * 5 + [429]


@pytest.mark.database_plays_no_part
def test_a_server_starts_without_redis_and_finds_it_later(start, redis):
    redis.stop()
    server = start(REDIS_URL=redis.url)
    server.expected_errors.add("Redis cannot be reached")
    assert health(server) == "unreachable"
    redis.start()
    eventually(lambda: health(server) == "ok", "Redis")


@pytest.mark.parametrize(
    "url", ["redis://ana:s3cret", "http://s3cret@h", "redis://h?x=s3cret", "rediss://h?ca=/nowhere/ca.pem"])
def test_a_url_that_cannot_be_used_is_refused_by_its_name_and_not_quoted(tmp_path, url):
    (tmp_path / "data").mkdir()
    done = run("serve", folder=tmp_path, variables=PRODUCTION | {"REDIS_URL": url, "HTTP_PORT": "0"})
    assert done.returncode != 0
    assert "REDIS_URL" in done.stderr and "s3cret" not in done.stderr


@pytest.mark.database_plays_no_part
def test_a_password_appears_in_no_line_of_the_log(start):
    redis = Redis("--requirepass", "s3cret")
    try:
        server = start(REDIS_URL=redis.url.replace("redis://", "redis://:wr0ng@"))
        server.expected_errors.add("Redis cannot be reached")
        assert health(server) == "unreachable"
        server.stop()
        assert "wr0ng" not in server.tail() and "s3cret" not in server.tail()
    finally:
        redis.close()
