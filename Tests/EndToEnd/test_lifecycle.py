"""How the process starts, what it tells of itself while it lives, and how it ends."""

import os
import signal
import subprocess
import time

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from support import raw
from support.client import PASSWORD, Page, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.server import BINARY, PATIENCE, PRODUCTION, environment, eventually, run

# A hash long enough to do things while it runs; it is seen by the memory it takes.
SLOW = {"ARGON2_MEMORY": "128MiB", "ARGON2_ITERATIONS": "12"}


def start_slow_registration(server):
    """A registration that is known to be at its hash."""
    before = server.memory_bytes()
    email = fresh_email()
    connection = raw.Connection(server).send(raw.post("/register", {"email": email, "password": PASSWORD}))
    eventually(lambda: server.memory_bytes() > before + (32 << 20), "the hash to run")
    return email, connection


# The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_requests_finish_and_ends_with_0(start, number):
    server = start(**SLOW)
    email, connection = start_slow_registration(server)
    os.kill(server.pid, number)
    answer = connection.read()
    assert answer.status == 201
    assert answer.headers["connection"] == "close"
    assert connection.is_closed
    assert server.wait() == 0
    assert [line["message"] for line in server.log][-2:] == ["stopping", "stopped"]
    server.variables |= {"ARGON2_MEMORY": "64KiB", "ARGON2_ITERATIONS": "1"}
    server.start()
    assert server.client().wait_for_mail(email)


def test_while_it_ends_it_is_not_ready_and_takes_no_connections(start):
    server = start(ADMIN_PORT="0", **SLOW)
    operator = requests.Session()
    ready = f"http://127.0.0.1:{server.admin_port}/health/ready"
    assert operator.get(ready, timeout=PATIENCE).json() == {"status": "ready", "database": "ok"}
    _, connection = start_slow_registration(server)
    os.kill(server.pid, signal.SIGTERM)
    server.wait_for_log("stopping")
    answer = operator.get(ready, timeout=PATIENCE)
    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    eventually(lambda: is_refused(server), "new connections to be refused")
    assert connection.read().status == 201
    operator.close()
    assert server.wait() == 0


def is_refused(server):
    try:
        raw.Connection(server).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_second_signal_ends_it_at_once(start):
    server = start(ARGON2_MEMORY="512MiB", ARGON2_ITERATIONS="100")
    _, connection = start_slow_registration(server)
    os.kill(server.pid, signal.SIGTERM)
    server.wait_for_log("stopping")
    os.kill(server.pid, signal.SIGTERM)
    assert server.wait() == 128 + signal.SIGTERM
    with pytest.raises(raw.Closed):
        connection.read()


def test_when_its_grace_is_over_it_answers_503_and_ends(start):
    server = start(SHUTDOWN_GRACE="100ms", **SLOW)
    _, connection = start_slow_registration(server)
    assert server.stop() == 0
    answer = connection.read()
    assert (answer.status, answer.code) == (503, "shutting_down")
    assert int(answer.headers["retry-after"]) >= 1


def test_idle_connections_do_not_hold_it_up(start):
    server = start(SHUTDOWN_GRACE="1h")
    idle = [raw.Connection(server) for _ in range(20)]
    for connection in idle[:10]:
        connection.send(raw.get()).read()
    assert server.stop() == 0
    assert all(connection.is_closed for connection in idle)


def test_a_half_sent_request_does_not_hold_it_up_beyond_its_grace(start):
    server = start(SHUTDOWN_GRACE="500ms")
    half = raw.Connection(server).send(raw.post("/login", {"email": "a"})[:-3])
    assert server.stop() == 0
    half.close()


@pytest.mark.only_on("sqlite")
def test_no_log_is_left_beside_the_database_after_an_orderly_end(start):
    server = start()
    make_person(server)
    assert server.stop() == 0
    assert sorted(os.listdir(server.data)) == ["gapura.db", "gapura.db.lock", "master.key"]


def test_a_signal_during_the_start_ends_it_in_order_or_at_once(start, effort):
    server = start()
    server.stop()
    for step in range(0, 20, effort(3, 1)):
        with subprocess.Popen(
            [BINARY, "serve"],
            cwd=server.folder,
            env=environment(server.variables | {"HTTP_PORT": "0", "APP_URL": server.url}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            # Later each time, so that the signal finds every step of the start.
            time.sleep(step * 0.003)
            process.terminate()
            try:
                _, log = process.communicate(timeout=PATIENCE)
            finally:
                # One that has missed the signal would stay for ever.
                process.kill()
        # Before it takes signals, the system ends it.
        assert process.returncode in (0, -signal.SIGTERM), log
        assert "rror" not in log
    server.start()
    eventually(lambda: server.client().get("/health/ready").status_code == 200, "the server to be ready")


def test_it_goes_on_when_nobody_reads_its_output(tmp_path):
    variables = {
        "APP_ENV": "development", "HTTP_PORT": "0", "APP_URL": "http://localhost:8080", "ARGON2_MEMORY": "64KiB",
    }
    process = subprocess.Popen(
        [BINARY, "serve"],
        cwd=tmp_path,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ready = next(line for line in process.stderr if " ready " in line)
        port = int(ready.split("port=")[1].split()[0])
        process.stdout.close()
        process.stderr.close()
        url = f"http://127.0.0.1:{port}"
        for number in range(10):
            answer = requests.get(f"{url}/health/live", headers={"X-Forwarded-For": str(number)}, timeout=PATIENCE)
            assert answer.status_code == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


# What it tells of itself


def metrics(url):
    answer = requests.get(url, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families, name, **labels):
    family = families[name.removesuffix("_total")]
    return next(
        sample.value for sample in family.samples if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_metrics_are_read_by_prometheus_own_parser_and_count(start):
    server = start()
    url = server.url + "/metrics"
    me = {"method": "GET", "route": "/me", "status": "4xx"}
    before = metrics(url)
    for _ in range(3):
        server.client().get("/me")
    after = metrics(url)
    assert value(after, "http_requests_total", **me) - value(before, "http_requests_total", **me) == 3
    assert value(after, "process_resident_memory_bytes") > 1 << 20
    assert value(after, "process_open_fds") >= 10
    assert value(after, "process_start_time_seconds") > 1_600_000_000
    assert after["http_request_duration_seconds"].type == "histogram"
    assert all(family.documentation for family in after.values())


def test_metrics_have_no_label_that_a_client_chooses(start):
    server = start()
    client = server.client()
    client.get("/chosen-path?chosen-query", headers={"User-Agent": "chosen-agent"})
    client.get("/dev/mailbox/chosen-id")
    client.request("CHOSEN", "/me")
    text = client.get("/metrics").text
    assert "chosen" not in text.lower()
    assert 'route="unmatched"' in text and 'route="/dev/mailbox/{id}"' in text


def test_it_is_alive_and_ready(client):
    assert client.get("/health/live").json() == {"status": "alive"}
    assert client.get("/health/ready").json() == {"status": "ready", "database": "ok"}


def test_any_free_port_is_taken_and_told(start):
    server = start(HTTP_PORT="0")
    assert server.port > 0
    assert server.client().get("/health/ready").status_code == 200


def test_the_log_is_one_json_object_a_line(start):
    server = start(LOG_LEVEL="debug")
    make_person(server)
    server.stop()
    assert all({"time", "level", "message"} <= set(line) for line in server.log)
    assert {line["level"] for line in server.log} <= {"debug", "info", "warning"}


# Production


def test_production_has_no_development_surfaces(start):
    server = start(base=PRODUCTION)
    client = server.client()
    for path in ["/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/x", "/metrics"]:
        problem(client.get(path), 404, "not_found")
        problem(client.post(path), 404, "not_found")
    assert server.output == []
    assert not [path for path in client.get("/openapi.json").json()["paths"] if "dev" in path or "metrics" in path]


def test_production_shows_its_figures_on_the_admin_port_only(start):
    server = start(base=PRODUCTION)
    admin = f"http://127.0.0.1:{server.admin_port}"
    assert server.admin_port not in (0, server.port)
    assert value(metrics(admin + "/metrics"), "process_open_fds") > 0
    assert requests.get(admin + "/health/ready", timeout=PATIENCE).status_code == 200
    problem(requests.post(admin + "/login", json={}, timeout=PATIENCE), 404, "not_found")


def test_production_says_that_it_sends_no_mails_yet(start):
    server = start(base=PRODUCTION)
    assert server.client().register(fresh_email()).status_code == 201
    assert any(line["level"] == "warning" and "mails stay queued" in line["message"] for line in server.log)


def test_an_administrator_of_production_signs_in_with_secure_cookies(start):
    server = start(base=PRODUCTION)
    email = fresh_email("root")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    assert link.startswith("https://id.example.com/administrator/accept?token=")
    client = server.client()
    path = link.removeprefix("https://id.example.com")
    page = Page(client.get(path))
    assert page.submit(client, "/administrator/accept", password=PASSWORD).status_code == 200
    answer = client.log_in(email)
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 4 and all(cookie.endswith("; HttpOnly; SameSite=Lax; Secure") for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"]
    me = client.me(answer.json()["access_token"])
    assert me.json()["is_admin"] is True
    # Nothing but the way to a second factor is open before there is one.
    problem(client.get("/users", headers=bearer(answer.json()["access_token"])), 403, "mfa_enrolment_required")
    assert token_of(link) not in str(server.log)


def test_production_limits_sign_in_without_being_told(start):
    client = start(base=PRODUCTION).client()
    email = fresh_email()
    assert [client.log_in(email).status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_session_of_before_is_valid_after_an_orderly_restart(start):
    server = start()
    person = make_person(server)
    _, tokens = sign_in(server, person)
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.start()
    assert server.client().me(tokens["access_token"]).status_code == 200
