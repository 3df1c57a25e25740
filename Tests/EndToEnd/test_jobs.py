"""Jobs and schedules: what an operator sees of them and does with them, over HTTP and by the command."""

import contextlib
import json
import os
import re
import signal
import subprocess
import uuid

import pytest
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.database import moment
from support.schedules import RETENTION, stop_for_long
from support.server import BINARY, PATIENCE, environment, eventually, run

LATER = 4_102_444_800_000
SCHEDULES = {"accounts.follow_factor_resets", "accounts.rotate_signing_keys", "jobs.prune", RETENTION}


def jobs(server, *arguments):
    return run("jobs", *arguments, folder=server.folder, variables=server.variables)


def administrator(server):
    """The access token of one."""
    email = fresh_email("boss")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    client = server.client()
    accepted = client.post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD})
    assert accepted.status_code == 200
    return client.log_in(email).json()["access_token"]


@contextlib.contextmanager
def worker(server):
    """`gapura worker` on the database of a server; ended in order."""
    process = subprocess.Popen(
        [BINARY, "worker"], cwd=server.folder, env=environment(server.variables), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        yield process
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def insert(server, state="available", kind="test.unknown", queue="test", due=0, error=None):
    """A job of a kind that no program knows, so that it stays as it is."""
    identifier = uuid.uuid4()
    server.database.execute(
        "INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max, fence,"
        " error, created_at, finished_at) VALUES (?, ?, ?, 1, ?, ?, 5, ?, 3, 20, 3, ?, ?, ?)",
        identifier, kind, queue, '{"number": 7}', state, moment(due), error, moment(0),
        moment(LATER) if state in ("discarded", "cancelled", "completed") else None,
    )
    return str(identifier)


def test_a_job_is_listed_retried_and_cancelled(start):
    server = start()
    client, token = server.client(), administrator(server)
    failed = insert(server, state="discarded", error="the mail server said no")
    waiting = insert(server, state="scheduled", due=LATER)
    page = client.get("/jobs", params={"queue": "test", "limit": 1}, headers=bearer(token)).json()
    rest = client.get("/jobs", params={"queue": "test", "cursor": page["next_cursor"]}, headers=bearer(token)).json()
    assert {job["id"] for job in page["data"] + rest["data"]} == {failed, waiting}
    only = client.get("/jobs", params={"state": "discarded"}, headers=bearer(token)).json()["data"]
    assert [job["id"] for job in only] == [failed]
    assert only[0]["arguments"] == {"number": 7}
    assert only[0]["error"] == "the mail server said no"

    answer = client.post(f"/jobs/{failed}/retry", headers=bearer(token))
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "available", 0)
    problem(client.post(f"/jobs/{failed}/retry", headers=bearer(token)), 409, "job_state")
    answer = client.post(f"/jobs/{waiting}/cancel", headers=bearer(token))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    problem(client.post(f"/jobs/{waiting}/cancel", headers=bearer(token)), 409, "job_state")
    problem(client.get(f"/jobs/{uuid.uuid4()}", headers=bearer(token)), 404, "not_found")
    problem(client.get("/jobs", params={"state": "lost"}, headers=bearer(token)), 422, "validation_failed")
    lines = client.get("/audit", params={"subject": f"job:{failed}"}, headers=bearer(token)).json()["data"]
    assert [line["action"] for line in lines] == ["job.retried"]


def test_a_queue_is_paused_and_resumed(start):
    server = start()
    client, token = server.client(), administrator(server)
    insert(server, queue="mail")

    def mail():
        queues = client.get("/jobs/queues", headers=bearer(token)).json()["data"]
        return next(queue for queue in queues if queue["name"] == "mail")

    assert mail()["paused_at"] is None
    assert mail()["jobs"]["available"] == 1
    for _ in range(2):
        assert client.post("/jobs/queues/mail/pause", headers=bearer(token)).status_code == 204
    assert mail()["paused_at"] is not None
    assert client.post("/jobs/queues/mail/resume", headers=bearer(token)).status_code == 204
    assert mail()["paused_at"] is None
    lines = client.get("/audit", params={"subject": "job_queue:mail"}, headers=bearer(token)).json()["data"]
    assert [line["action"] for line in lines] == ["job_queue.resumed", "job_queue.paused"]
    problem(client.post("/jobs/queues/a%20b/pause", headers=bearer(token)), 404, "not_found")


def test_jobs_are_for_people_with_the_permission(start):
    server = start()
    client = server.client()
    problem(client.get("/jobs"), 401, "unauthenticated")
    _, tokens = sign_in(server, make_person(server))
    token = tokens["access_token"]
    problem(client.get("/jobs", headers=bearer(token)), 403, "permission_denied")
    problem(client.post("/jobs/queues/mail/pause", headers=bearer(token)), 403, "permission_denied")


def test_the_command_does_the_same(start):
    server = start()
    failed = insert(server, state="discarded", error="no")
    listed = json.loads(jobs(server, "list", "--json", "--state", "discarded").stdout)
    assert [(job["id"], job["error"]) for job in listed] == [(failed, "no")]
    assert failed in jobs(server, "list", "--queue", "test").stdout
    assert jobs(server, "retry", failed).returncode == 0
    result = jobs(server, "retry", failed)
    assert (result.returncode, "is available" in result.stderr) == (1, True)
    assert jobs(server, "cancel", failed).returncode == 0
    assert jobs(server, "cancel", str(uuid.uuid4())).returncode == 1
    assert jobs(server, "cancel", "7").returncode == 64
    assert jobs(server, "list", "--state", "lost").returncode == 64
    assert [jobs(server, "pause", "webhooks").returncode for _ in range(2)] == [0, 1]
    assert [jobs(server, "resume", "webhooks").returncode for _ in range(2)] == [0, 1]
    # One that only the jobs of another version name is there too.
    assert jobs(server, "pause", "test").returncode == 0
    for verb in ["pause", "resume"]:
        result = jobs(server, verb, "webhook")
        expected = "gapura: there is no queue webhook; there are default, test, webhooks"
        assert (result.returncode, result.stderr.strip()) == (1, expected)
    client, token = server.client(), administrator(server)
    for subject, actions in [
        (f"job:{failed}", ["job.cancelled", "job.retried"]),
        ("job_queue:webhooks", ["job_queue.resumed", "job_queue.paused"]),
    ]:
        lines = client.get("/audit", params={"subject": subject}, headers=bearer(token)).json()["data"]
        assert [(line["action"], line["actor"]) for line in lines] == [(action, "system") for action in actions]


def test_schedules_that_were_missed_run_once_and_are_counted(start):
    server = start()
    stop_for_long(server, *SCHEDULES)
    server.start()
    done = eventually(
        lambda: SCHEDULES <= {kind for kind, _ in completed(server)} and completed(server), "the jobs"
    )
    # A minute may have begun meanwhile, whose tick is another one.
    assert len(done) == len({kind for kind, _ in done}) or len({tick for _, tick in done}) > 1
    figures = server.client().get("/metrics").text
    assert int(re.search(r'^job_runs_total\{outcome="completed"\} (\d+)$', figures, re.MULTILINE)[1]) >= 3
    assert 'job_runs_total{outcome="failed"} 0' in figures


def completed(server):
    """Kind and tick of the jobs of schedules that are done."""
    return server.database.rows(
        "SELECT kind, tick FROM jobs WHERE schedule IS NOT NULL AND state = 'completed' ORDER BY kind, tick"
    )


@pytest.mark.only_on("postgres")
def test_three_processes_have_one_run_of_each_tick(start):
    server = start()
    stop_for_long(server, *SCHEDULES)
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(worker(server))
        server.start()
        done = eventually(
            lambda: SCHEDULES <= {kind for kind, _ in completed(server)} and completed(server), "the jobs"
        )
        assert len(done) == len(set(done)), done
        assert server.database.rows(
            "SELECT count(*) FROM jobs WHERE schedule IS NOT NULL AND (state = 'discarded' OR attempts > 1)"
        ) == [(0,)]


def test_clean_ups_are_jobs_that_an_operator_sees(start):
    server = start()
    person = make_person(server)
    server.database.execute(
        "INSERT INTO dead_letters (id, group_name, source, type, subject, time, data, attempts, error, buried_at)"
        " VALUES (?, 'access', '/gapura/accounts', 'user.deleted', ?, ?, '{}', 20, 'no', ?)",
        uuid.uuid4(), uuid.uuid4(), moment(0), moment(0),
    )
    stop_for_long(server, *SCHEDULES)
    server.start()
    eventually(lambda: server.database.rows("SELECT count(*) FROM dead_letters") == [(0,)], "that it is pruned")
    client, token = server.client(), administrator(server)
    jobs = eventually(
        lambda: client.get("/jobs", params={"kind": RETENTION}, headers=bearer(token)).json()["data"], "its job"
    )
    assert {(job["schedule"], job["queue"]) for job in jobs} == {(RETENTION, "default")}
    assert sign_in(server, person)


@pytest.mark.only_on("postgres")
def test_a_worker_does_the_jobs_of_a_server_without_them(start):
    server = start()
    stop_for_long(server, *SCHEDULES)
    with worker(server):
        eventually(lambda: SCHEDULES <= {kind for kind, _ in completed(server)}, "the jobs")
    assert server.database.rows("SELECT count(*) FROM job_workers") == [(0,)]
