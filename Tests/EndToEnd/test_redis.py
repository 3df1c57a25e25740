"""Several processes share what they count through Redis, and go on without it."""

import json
from contextlib import ExitStack

import pytest
from support import raw
from support.client import bearer, fresh_email, problem
from support.redis import KEY, Redis, asked, health, offices_of, used
from support.server import PRODUCTION, eventually, run
from test_quota import LIMIT, Shop

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


@pytest.fixture
def offices(start, tmp_path, redis):
    """Three processes that count quota together; patient, for the tests of a busy machine share it."""
    return offices_of(start, tmp_path, f"{redis.url}?timeout=10000")


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("durability", ["fast", "strict"])
def test_of_a_thousand_requests_at_three_processes_exactly_the_limit_passes(offices, durability):
    visitor = Shop(offices[0]).visitor(LIMIT, durability)
    eventually(lambda: all(asked(server, visitor, dry_run=True)["allowed"] for server in offices), "the plan")
    with ExitStack() as stack:
        connections = [stack.enter_context(raw.Connection(offices[number % 3])) for number in range(99)]
        for connection in connections:
            connection.send(visitor.request("check") * 11)
        answers = [json.loads(connection.read().body) for connection in connections for _ in range(11)]
    passed = [answer for answer in answers if answer["allowed"]]
    assert sorted(answer["limit"]["used"] for answer in passed) == list(range(1, LIMIT + 1))
    assert not any(answer["degraded"] for answer in answers)
    assert [used(server, visitor) for server in offices] == [LIMIT] * 3
    # Reports are of the database, which has it a moment later.
    admin = visitor.shop.admin

    def reported():
        days = admin.ok("GET", f"/usage?subject=user:{visitor.id}&service=shop")["data"]
        return sum(day["used"] for day in days)

    eventually(lambda: reported() == LIMIT, "the counts in the database")


@pytest.mark.only_on("postgres")
def test_a_request_of_a_gateway_is_counted_once_on_whichever_process_it_arrives(offices):
    visitor = Shop(offices[0]).visitor(LIMIT, "fast")
    eventually(lambda: all(asked(server, visitor, dry_run=True)["allowed"] for server in offices), "the plan")
    answers = [asked(offices[number % 3], visitor, request="request-0001") for number in range(6)]
    assert all(answer["allowed"] and answer["limit"]["used"] == 1 for answer in answers)
    assert asked(offices[1], visitor, request="request-0002")["limit"]["used"] == 2


@pytest.mark.only_on("postgres")
def test_a_new_plan_holds_at_a_process_that_has_not_heard_of_it(offices):
    visitor = Shop(offices[0]).visitor(1, "fast")
    eventually(lambda: asked(offices[1], visitor, dry_run=True)["allowed"], "the plan")
    assert asked(offices[1], visitor)["allowed"] and not asked(offices[1], visitor)["allowed"]
    limit = {"amount": 3, "window": "day", "scope": "global", "durability": "fast"}
    visitor.shop.admin.ok("PUT", f"/users/{visitor.id}/entitlement", {"plan": "enterprise", "limits": [limit]})
    assert asked(offices[0], visitor)["limit"]["used"] == 2
    answer = asked(offices[1], visitor)
    assert answer["allowed"] and (answer["limit"]["limit"], answer["limit"]["used"]) == (3, 3)


@pytest.mark.only_on("postgres")
def test_a_reset_by_command_reaches_every_process(offices):
    visitor = Shop(offices[0]).visitor(2, "fast")
    eventually(lambda: all(asked(server, visitor, dry_run=True)["allowed"] for server in offices), "the plan")
    assert [asked(server, visitor)["allowed"] for server in offices] == [True, True, False]
    done = run("quota", "reset", visitor.id, folder=offices[0].folder, variables=offices[0].variables)
    assert done.returncode == 0, done.stderr
    assert [asked(server, visitor)["allowed"] for server in offices] == [True, True, False]


@pytest.mark.only_on("postgres")
def test_while_redis_is_away_decisions_go_on_and_say_so_and_all_is_counted_afterwards(offices, redis):
    visitor = Shop(offices[0]).visitor(LIMIT, "fast")
    eventually(lambda: all(asked(server, visitor, dry_run=True)["allowed"] for server in offices), "the plan")
    for server in offices:
        assert asked(server, visitor)["degraded"] is False
    redis.stop()
    for server in offices:
        eventually(lambda server=server: health(server) == "unreachable", "the loss of Redis")
    answers = [asked(offices[number % 3], visitor) for number in range(12)]
    assert all(answer["allowed"] and answer["degraded"] for answer in answers)
    figures = offices[0].client().get("/metrics").text.splitlines()
    assert "quota_degraded_decisions_total 4" in figures
    redis.start()
    for server in offices:
        eventually(lambda server=server: health(server) == "ok", "the return of Redis")
    eventually(lambda: [used(server, visitor) for server in offices] == [15] * 3, "what was counted meanwhile")
    answer = asked(offices[0], visitor)
    assert not answer["degraded"] and answer["limit"]["used"] == 16


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
