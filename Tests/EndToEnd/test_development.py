"""The surfaces of development: for the developer only; and the log, which tells nothing of a person."""

import json
import time

import pytest

from support import raw
from support.client import bearer, fresh_email, problem
from support.server import eventually

# The mailbox and what is logged of a database are tested on both.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

# Development surfaces


@pytest.mark.parametrize("path", ["/dev/mailbox", "/dev/mailbox.json"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "10.0.0.1"},
        {"X-Forwarded-For": ""},
        {"Forwarded": "for=10.0.0.1"},
        {"X-Real-IP": "10.0.0.1"},
        {"X-Forwarded-Host": "a"},
        {"Via": "1.1 proxy"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
    ],
)
def test_development_surfaces_are_not_there_for_others(client, path, headers):
    problem(client.get(path, headers=headers | {"Accept": "application/json"}), 404, "not_found")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:9999", "[::1]", "[::1]:80"])
def test_development_surfaces_are_there_for_the_developer(client, host):
    assert client.get("/dev/mailbox.json", headers={"Host": host}).status_code == 200


@on_both
def test_the_mailbox_is_a_list_with_parts(start):
    client = start().client()
    emails = [fresh_email() for _ in range(7)]
    for email in emails:
        client.register(email)
        client.wait_for_mail(email)
    seen, path = [], "/dev/mailbox.json?limit=3"
    sizes = []
    while path:
        answer = client.get(path)
        sizes.append(len(answer.json()))
        seen += [mail["to"] for mail in answer.json()]
        path = answer.links.get("next", {}).get("url")
    assert sizes == [3, 3, 1]
    assert seen == emails[::-1]


@on_both
def test_the_mailbox_waits_for_the_mail_to_one_address(server):
    client = server.client()
    email, other = fresh_email(), fresh_email()
    client.register(other)
    client.register(email)
    [mail] = client.get("/dev/mailbox.json", params={"to": email, "wait": 5}).json()
    assert mail["to"] == email and mail["links"]


def test_without_a_mail_the_mailbox_answers_an_empty_list_when_the_wait_is_over(client):
    before = time.monotonic()
    assert client.get("/dev/mailbox.json", params={"to": fresh_email(), "wait": 1}).json() == []
    assert time.monotonic() - before >= 1


@on_both
def test_the_parts_of_a_mailbox_of_one_address_are_of_that_address(start):
    client = start().client()
    email = fresh_email()
    client.register(email)
    client.prove(client.link_token(email))
    client.register(fresh_email())
    client.post("/request/login-code", json={"email": email})
    eventually(lambda: len(client.get("/dev/mailbox.json", params={"to": email}).json()) == 3, "the third mail")
    first = client.get("/dev/mailbox.json", params={"to": email, "limit": 2})
    second = client.get(first.links["next"]["url"])
    assert [mail["to"] for mail in first.json() + second.json()] == [email] * 3
    assert "next" not in second.links


@pytest.mark.parametrize("query, field", [("wait=6", "wait"), ("wait=-1", "wait"), ("wait=x", "wait"), ("to=", "to")])
def test_a_bad_wish_at_the_mailbox_is_422(client, query, field):
    assert set(problem(client.get("/dev/mailbox.json?" + query), 422, "validation_failed")["errors"]) == {field}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=", "limit=1.5", "limit=99999999999999999999"]
)
def test_a_bad_limit_of_a_list_is_422(client, query):
    assert set(problem(client.get("/dev/mailbox.json?" + query), 422, "validation_failed")["errors"]) == {"limit"}


# What is never logged


@on_both
def test_the_log_has_no_query_password_token_or_address_of_a_person(start):
    server = start(LOG_LEVEL="debug")
    client = server.client()
    email = fresh_email("wanda.private")
    password = "a very private password"
    client.register(email, password, first_name="Wanda-Firstname")
    token = client.link_token(email)
    client.get("/verify", params={"token": token})
    client.prove(token)
    tokens = client.log_in(email, password, headers={"X-Token-Delivery": "body", "User-Agent": "agent-of-wanda"}).json()
    client.log_in(email, "wrong private password")
    client.me(tokens["access_token"])
    client.get("/me", headers={"Cookie": f"gapura_session={tokens['access_token']}"})
    client.get("/nothing", params={"code": "query-value"}, headers={"Authorization": "Basic basic-value"})
    client.post("/login", data=b'{"email": "broken-body', headers={"Content-Type": "application/json"})
    client.post("/request/verify", json={"email": email})
    client.get("/verify", params={"token": token[:-1] + "!"})
    raw.exchange(server, b"GET /me?q=query-value HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    client.post("/logout", headers=bearer(tokens["access_token"]))
    assert server.stop() == 0
    log = "\n".join(json.dumps(line, ensure_ascii=False) for line in server.log)
    assert "/login" in log and "request_id" in log
    secrets = [
        email,
        email.split("@")[0],
        "wanda",
        "private",
        password,
        token,
        token.split(".")[1],
        tokens["access_token"],
        tokens["access_token"].split(".")[2],
        tokens["refresh_token"],
        "query-value",
        "basic-value",
        "broken-body",
        "gapura_session=",
    ]
    assert [secret for secret in secrets if secret.lower() in log.lower()] == []


def test_requests_are_logged_with_their_id_at_debug_level(start):
    server = start(LOG_LEVEL="debug")
    server.client().get("/nothing", headers={"X-Request-Id": "walk-0001"})
    line = server.wait_for(
        lambda: next((line for line in server.log if line.get("request_id") == "walk-0001"), None), "the request's line"
    )
    assert (line["method"], line["route"], line["status"]) == ("GET", "unmatched", 404)
