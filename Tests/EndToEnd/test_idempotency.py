"""`Idempotency-Key`: one effect and one answer for a request that is sent again, whatever happened to the first."""

import random
import threading
import time
import uuid

import pytest
import requests

from support.client import PASSWORD, at_once, fresh_email, problem
from support.database import moment, span
from support.raw import Connection
from support.schedules import RETENTION, stop_for_long
from support.server import eventually
from support.store import HOUR

MARK = "Idempotent-Replayed"


def fresh_key():
    return str(uuid.uuid4())


def register(server, email, key, patience=60, headers=None, **fields):
    return server.client(patience=patience).post(
        "/register",
        json={"email": email, "password": PASSWORD, **fields},
        headers={"Idempotency-Key": key, **(headers or {})},
    )


def assert_same(again, first):
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers[MARK] == "true" and MARK not in first.headers
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


def mail_count(server, email):
    """Behind the mails of two that registered later none can still come; the first one may wait for the claim of a
    process that was killed."""
    server.client().wait_for_mail(email)
    for marker in (fresh_email("marker"), fresh_email("marker")):
        server.client().register(marker)
        server.client().wait_for_mail(marker)
    return len(server.client().mails(email))


def test_a_registration_that_is_sent_again_is_answered_again(server):
    email, key = fresh_email(), fresh_key()
    first = register(server, email, key)
    assert first.status_code == 201
    assert_same(register(server, email, key), first)
    assert_same(register(server, email, f'"{key}"'), first)
    assert mail_count(server, email) == 1
    # With another key it is another registration.
    problem(register(server, email, fresh_key()), 409, "email_taken")


def test_a_registration_of_an_erased_account_is_a_new_one(server):
    email, key = fresh_email(), fresh_key()
    first = register(server, email, key)
    client = server.client()
    assert client.prove(client.link_token(email)).status_code == 200
    assert client.log_in(email).status_code == 200
    assert client.delete("/me", json={"password": PASSWORD}).status_code == 204
    again = register(server, email, key)
    assert again.status_code == 201 and again.json()["id"] != first.json()["id"]
    assert "Idempotent-Replayed" not in again.headers
    assert_same(register(server, email, key), again)


def test_another_request_with_the_key_is_refused_and_changes_nothing(server):
    email, other, key = fresh_email(), fresh_email(), fresh_key()
    assert register(server, email, key).status_code == 201
    problem(register(server, other, key), 422, "idempotency_key_reused")
    problem(register(server, email, key, username="ana"), 422, "idempotency_key_reused")
    assert server.client().register(other).status_code == 201


def test_a_refusal_does_not_use_the_key_up(server):
    email, key = fresh_email(), fresh_key()
    assert server.client().register(email).status_code == 201
    problem(register(server, email, key), 409, "email_taken")
    client = server.client()
    problem(client.post("/register", json={"email": email}, headers={"Idempotency-Key": key}), 422, "validation_failed")
    mended = register(server, fresh_email(), key)
    assert mended.status_code == 201 and MARK not in mended.headers


def test_of_two_at_once_one_runs(server):
    for _ in range(5):
        email, key = fresh_email(), fresh_key()
        answers = at_once(2, lambda _: register(server, email, key))
        made = [answer for answer in answers if answer.status_code == 201 and MARK not in answer.headers]
        assert len(made) == 1
        [other] = [answer for answer in answers if answer is not made[0]]
        if other.status_code != 201:
            problem(other, 409, "idempotency_key_in_use")
            assert other.headers["Retry-After"] == "1"
        assert_same(register(server, email, key), made[0])


@pytest.mark.parametrize(
    "value", [b"", b"a b", b'"', b'"a', b'"a"b', b'""', b'"a\\b"', b"caf\xe9", b"caf\xc3\xa9", b"a\tb", b"k" * 256]
)
def test_garbage_is_no_key(server, value):
    body = b'{"email": "%s", "password": "%s"}' % (fresh_email().encode(), PASSWORD.encode())
    with Connection(server) as connection:
        connection.send(
            b"POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s" % (value, len(body), body)
        )
        answer = connection.read()
    assert (answer.status, answer.code) == (400, "idempotency_key_invalid")


def test_two_headers_are_no_key(server):
    body = b'{"email": "%s", "password": "%s"}' % (fresh_email().encode(), PASSWORD.encode())
    with Connection(server) as connection:
        connection.send(
            b"POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: k\r\nidempotency-key: k\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        answer = connection.read()
    assert (answer.status, answer.code) == (400, "idempotency_key_invalid")


def test_routes_of_signing_in_ignore_the_header(server, person):
    headers = {"Idempotency-Key": fresh_key()}
    answers = [server.client().log_in(person.email, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["access_token"] != answers[1].json()["access_token"]
    assert not any(MARK in answer.headers for answer in answers)
    # Not even what would be no key matters there.
    assert server.client().log_in(person.email, headers={"Idempotency-Key": "a b"}).status_code == 200


def test_the_answer_is_given_again_after_a_restart_and_the_table_tells_nothing(start):
    server = start()
    email, key = fresh_email(), fresh_key()
    first = register(server, email, key)
    assert first.status_code == 201
    server.kill()
    [row] = server.database.rows("SELECT * FROM idempotency_keys")
    for secret in (email, key, PASSWORD, first.json()["id"], "127.0.0.1"):
        assert not any(secret.encode() in value for value in row if isinstance(value, bytes))
    server.start()
    assert_same(register(server, email, key), first)


def test_an_end_between_effect_and_answer_doubles_nothing(start):
    server = start()
    email, key = fresh_email(), fresh_key()
    first = register(server, email, key)
    assert first.status_code == 201
    server.kill()
    # As if the end had come when the account was there and its answer not stored yet.
    server.database.execute("UPDATE idempotency_keys SET status = NULL, answer = NULL")
    server.start()
    waiting = register(server, email, key)
    problem(waiting, 409, "idempotency_key_in_use")
    problem(register(server, fresh_email(), key), 422, "idempotency_key_reused")
    server.kill()
    # As if the lease had ended since.
    server.database.execute("UPDATE idempotency_keys SET lease_until = ?", moment(0))
    server.start()
    again = register(server, email, key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert MARK not in again.headers
    assert_same(register(server, email, key), again)
    assert mail_count(server, email) == 1


def test_whoever_gets_no_answer_asks_again_until_there_is_one_and_has_one_account(start, effort):
    """`kill -9` at any moment, with clients that do what they are told: the same request, with the same key."""
    server = start()
    sent, answered = {}, {}

    def send_until_killed(numbers):
        while server.is_running:
            email = fresh_email(f"c{next(numbers)}")
            sent[email] = fresh_key()
            try:
                answer = register(server, email, sent[email], patience=10)
            except requests.RequestException:
                return
            if answer.status_code == 201:
                answered[email] = answer.json()["id"]

    for _ in range(effort(3, 6)):
        before = len(answered)
        threads = [threading.Thread(target=send_until_killed, args=(iter(range(10**6)),)) for _ in range(6)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(answered) >= before + 10, "some answers", interval=0.002)
        time.sleep(random.random() * 0.02)
        server.kill()
        for thread in threads:
            thread.join()
        server.database.execute("UPDATE idempotency_keys SET lease_until = ?", moment(0))
        server.start()
    unclear = set(sent) - set(answered)
    assert unclear
    for email, key in sent.items():
        answer = register(server, email, key)
        assert answer.status_code == 201, answer.text
        assert answer.json()["id"] == answered.setdefault(email, answer.json()["id"])
    assert len(set(answered.values())) == len(sent)
    assert server.database.rows("SELECT count(*) FROM users") == [(len(sent),)]
    created = "SELECT subject, count(*) FROM audit_entries WHERE action = 'user.registered' GROUP BY subject"
    assert {count for _, count in server.database.rows(created)} == {1}
    assert mail_count(server, random.choice(sorted(unclear))) == 1


def test_what_is_over_is_deleted_and_its_key_is_new(start):
    server = start()
    registrations = [(fresh_email(), fresh_key()) for _ in range(3)]
    for email, key in registrations:
        assert register(server, email, key).status_code == 201
    stop_for_long(server, RETENTION)
    older = "scope IN (SELECT scope FROM idempotency_keys ORDER BY created_at LIMIT 2)"
    server.database.execute(f"UPDATE idempotency_keys SET created_at = created_at - ? WHERE {older}", span(72 * HOUR))
    server.start()
    eventually(lambda: server.database.rows("SELECT count(*) FROM idempotency_keys") == [(1,)], "the clean-up")
    # What the old one made is still there.
    problem(register(server, *registrations[0]), 409, "email_taken")
    assert register(server, *registrations[2]).headers[MARK] == "true"
