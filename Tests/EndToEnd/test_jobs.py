"""Jobs and schedules: what an operator sees of them and does with them, over HTTP and by the command."""

import json
import os
import signal
import subprocess
import uuid

import pytest
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.database import moment
from support.server import BINARY, PATIENCE, environment, eventually, run

LATER = 4_102_444_800_000


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
    assert [jobs(server, "pause", "mail").returncode for _ in range(2)] == [0, 1]
    assert [jobs(server, "resume", "mail").returncode for _ in range(2)] == [0, 1]


def test_a_schedule_that_was_missed_runs_once_and_is_counted(start):
    server = start()
    eventually(
        lambda: server.database.rows("SELECT count(*) FROM job_schedules")[0][0] == 1, "the schedule of the process"
    )
    assert server.stop() == 0
    server.database.execute("UPDATE job_schedules SET decided_until = ?", moment(1_700_000_000_000))
    server.start()
    done = eventually(
        lambda: server.database.rows(
            "SELECT kind, state FROM jobs WHERE schedule = 'jobs.prune' AND state = 'completed'"
        ),
        "the job",
    )
    assert done == [("jobs.prune", "completed")]
    assert 'jobs{state="completed"}' in server.client().get("/metrics").text


@pytest.mark.only_on("postgres")
def test_a_worker_does_the_jobs_of_a_server_without_them(start):
    server = start()
    eventually(
        lambda: server.database.rows("SELECT count(*) FROM job_schedules")[0][0] == 1, "the schedule of the process"
    )
    assert server.stop() == 0
    server.database.execute("UPDATE job_schedules SET decided_until = ?", moment(1_700_000_000_000))
    worker = subprocess.Popen(
        [BINARY, "worker"], cwd=server.folder, env=environment(server.variables), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        eventually(
            lambda: server.database.rows(
                "SELECT 1 FROM jobs WHERE schedule = 'jobs.prune' AND state = 'completed'"
            ),
            "the job",
        )
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    assert server.database.rows("SELECT count(*) FROM job_workers") == [(0,)]
