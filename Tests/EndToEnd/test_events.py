"""The delivery of events for operators: the catalogue, how delivery is, dead letters, over HTTP and by the command."""

import json
import time
import uuid
from datetime import datetime, timezone

import pytest
from jsonschema import Draft202012Validator
from support.client import bearer, make_person, problem, sign_in
from support.database import moment
from support.gateway import Administrator
from support.server import eventually, run


# Letters are kept for 90 days.
RECENTLY = int(time.time()) * 1_000 - 3_600_000


def text_of(milliseconds):
    at = datetime.fromtimestamp((RECENTLY + milliseconds) / 1_000, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def events(server, *arguments):
    return run("events", *arguments, folder=server.folder, variables=server.variables)


def bury(server, group="notifications", kind="user.verified", subject=None, at=0):
    """A dead letter of an event that changes nothing when it is delivered."""
    identifier, subject = uuid.uuid4(), subject or uuid.uuid4()
    server.database.execute(
        "INSERT INTO dead_letters (id, group_name, number, source, type, subject, time, data, reach, attempts, error,"
        " buried_at) VALUES (?, ?, 1, '/gapura/accounts', ?, ?, ?, ?, 'public', 20, 'it failed', ?)",
        identifier, group, kind, subject, moment(0), json.dumps({"user_id": str(subject)}), moment(RECENTLY + at),
    )
    return str(identifier)


def letters(server):
    return server.database.rows("SELECT count(*) FROM dead_letters")[0][0]


@pytest.mark.database_plays_no_part
def test_the_schema_of_a_public_event_is_served_and_its_example_is_valid_by_it(start):
    server = start()
    client = server.client()
    catalogue = json.loads(events(server, "catalogue", "--json").stdout)
    assert {entry["reach"] for entry in catalogue} == {"public", "internal"}
    for entry in catalogue:
        Draft202012Validator.check_schema(entry["schema"])
        Draft202012Validator(entry["schema"], format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            entry["example"]
        )
        answer = client.get(entry["path"])
        if entry["reach"] == "internal":
            problem(answer, 404, "not_found")
            continue
        assert answer.headers["Content-Type"] == "application/schema+json"
        served = answer.json()
        identifier = served.pop("$id")
        assert identifier.startswith("http") and identifier.endswith(entry["path"])
        assert served == entry["schema"]
    problem(client.get("/schemas/events/user.created/2.json"), 404, "not_found")
    assert "user.created (public): " in events(server, "catalogue").stdout


def test_an_operator_sees_how_delivery_is_and_replays_or_discards_dead_letters(start):
    server = start()
    admin = Administrator(server)
    eventually(lambda: len(admin("GET", "/events")["groups"]) == 3, "the groups of the process")
    subject = uuid.uuid4()
    one, other = bury(server, subject=subject, at=1_000), bury(server, subject=subject, at=2_000)
    foreign = bury(server, group="access", at=3_000)
    status = admin("GET", "/events")
    assert status["dead_letters"] == 3
    assert {group["name"]: group["dead_letters"] for group in status["groups"]} == {
        "access": 1, "notifications": 2, "webhooks": 0}
    assert not any(group["is_idle"] for group in status["groups"])

    first = admin("GET", "/events/dead-letters?limit=2")
    rest = admin("GET", f"/events/dead-letters?cursor={first['next_cursor']}")
    assert {letter["event"]["id"] for letter in first["data"] + rest["data"]} == {one, other, foreign}
    found = admin("GET", f"/events/dead-letters?group=notifications&subject={subject}")["data"]
    assert {letter["event"]["id"] for letter in found} == {one, other}
    event = found[0]["event"]
    assert event["data"] == {"user_id": str(subject)} and found[0]["error"] == "it failed"
    assert event["dataschema"].endswith("/schemas/events/user.verified/1.json")
    assert server.client().get(event["dataschema"]).json()["$id"] == event["dataschema"]

    assert admin("POST", f"/events/dead-letters/{one}/replay", {})["count"] == 1
    assert admin("POST", f"/events/dead-letters/{one}/replay", {}, 404)["code"] == "not_found"
    assert admin("POST", "/events/dead-letters/replay", {"group": "notifications"}) == {
        "count": 1, "remaining": 0, "without_group": 0,
    }
    eventually(lambda: server.database.rows("SELECT count(*) FROM parked_events") == [(0,)], "that they are delivered")
    assert admin("POST", f"/events/dead-letters/{foreign}/discard", {})["count"] == 1
    assert letters(server) == 0
    assert admin("POST", "/events/dead-letters/discard", {}, 422)["code"] == "validation_failed"
    for event, action in [(one, "replayed"), (other, "replayed"), (foreign, "discarded")]:
        lines = admin("GET", f"/audit?subject=event:{event}")["data"]
        assert [line["action"] for line in lines] == [f"dead_letter.{action}"]
    figures = server.client().get("/metrics").text
    assert 'event_deliveries_total{group="notifications",outcome="delivered"}' in figures
    assert "events_waiting_seconds" in figures and "events_parked_seconds" in figures


def test_a_letter_whose_group_is_gone_cannot_be_replayed(start):
    server = start()
    admin = Administrator(server)
    lost = bury(server, group="gone")
    assert admin("POST", f"/events/dead-letters/{lost}/replay", {}, 409)["code"] == "consumer_group_gone"
    result = events(server, "replay", "--id", lost)
    assert (result.returncode, "does not exist any more" in result.stderr) == (1, True)
    assert letters(server) == 1
    assert events(server, "discard", "--group", "gone").returncode == 0
    assert letters(server) == 0


def test_dead_letters_are_for_people_with_the_permission(start):
    server = start()
    client = server.client()
    problem(client.get("/events"), 401, "unauthenticated")
    _, tokens = sign_in(server, make_person(server))
    token = tokens["access_token"]
    for path in ("/events", "/events/dead-letters"):
        problem(client.get(path, headers=bearer(token)), 403, "permission_denied")
    for path in ("/events/dead-letters/replay", f"/events/dead-letters/{uuid.uuid4()}/discard"):
        problem(client.post(path, json={"group": "access"}, headers=bearer(token)), 403, "permission_denied")


def test_the_command_does_the_same_and_is_in_the_audit_log(start):
    server = start()
    eventually(lambda: server.database.rows("SELECT count(*) FROM consumer_groups") == [(3,)], "the groups")
    one, other = bury(server, at=1_000), bury(server, at=2_000)
    status = json.loads(events(server, "status", "--json").stdout)
    assert (status["dead_letters"], status["waiting"]) == (2, 0)
    assert "dead letters: 2" in events(server, "status").stdout
    listed = json.loads(events(server, "dead-letters", "--json", "--until", text_of(2_000)).stdout)
    assert [letter["event"]["id"] for letter in listed] == [one]
    assert other in events(server, "dead-letters", "--type", "user.verified").stdout
    assert events(server, "replay").returncode == 64
    assert events(server, "replay", "--from", "yesterday").returncode == 64
    assert events(server, "discard", "--id", "7").returncode == 64
    assert events(server, "replay", "--id", str(uuid.uuid4())).returncode == 1
    assert json.loads(events(server, "replay", "--id", one, "--json").stdout) == {"count": 1, "without_group": 0}
    assert events(server, "discard", "--from", text_of(1_000)).stdout == "discarded 1\n"
    eventually(lambda: server.database.rows("SELECT count(*) FROM parked_events") == [(0,)], "that it is delivered")
    admin = Administrator(server)
    for event, action in [(one, "replayed"), (other, "discarded")]:
        lines = admin("GET", f"/audit?subject=event:{event}")["data"]
        assert [(line["action"], line["actor"]) for line in lines] == [(f"dead_letter.{action}", "system")]
