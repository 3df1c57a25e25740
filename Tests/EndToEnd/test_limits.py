"""The limits of the sign-in routes, and whom they count."""

import pytest
import requests

from support.client import PASSWORD, fresh_email, make_person, problem, sign_in
from support.server import LISTED_ORIGIN, eventually

pytestmark = pytest.mark.database_plays_no_part


def attempt(client, email, forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.log_in(email, "wrong password", headers=headers)


def test_the_sixth_attempt_of_a_minute_is_told_when_to_come_back(start):
    client = start(RATE_LIMIT="5/1m").client()
    email = fresh_email()
    for _ in range(5):
        problem(attempt(client, email), 401, "invalid_credentials")
    answer = attempt(client, email)
    problem(answer, 429, "too_many_attempts")
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert answer.headers["RateLimit"] == f'"login";r=0;t={seconds}'
    assert answer.headers["RateLimit-Policy"] == '"login";q=5;w=60'


def test_in_development_many_people_sign_in_from_one_machine_and_each_account_has_its_limit(start):
    client = start(RATE_LIMIT=None).client()
    assert [attempt(client, fresh_email()).status_code for _ in range(20)] == [401] * 20
    email = fresh_email()
    assert [attempt(client, email).status_code for _ in range(6)] == [401] * 5 + [429]


def test_each_sign_in_route_counts_by_itself(start):
    client = start(RATE_LIMIT="2/1m").client()
    routes = [
        ("/login", {"email": fresh_email(), "password": PASSWORD}, 401),
        ("/request/verify", {"email": fresh_email()}, 202),
        ("/administrator/accept", {"token": "x", "password": PASSWORD}, 400),
    ]
    for path, body, status in routes:
        assert [client.post(path, json=body).status_code for _ in range(3)] == [status, status, 429]
    statuses = [client.register(fresh_email()).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]


def test_what_is_no_sign_in_route_has_no_limit(start):
    client = start(RATE_LIMIT="1/1m").client()
    for path in ["/.well-known/jwks.json", "/verify?token=x", "/me", "/health/live"]:
        assert 429 not in {client.get(path).status_code for _ in range(5)}
    assert 429 not in {client.prove("x").status_code for _ in range(5)}


def test_one_account_is_limited_wherever_the_attempts_come_from(start):
    client = start(RATE_LIMIT="3/1m", TRUSTED_PROXIES="127.0.0.0/8").client()
    email = fresh_email()
    statuses = [attempt(client, email.upper() if n % 2 else email, f"198.51.100.{n}").status_code for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert attempt(client, fresh_email(), "198.51.100.1").status_code == 401


@pytest.mark.parametrize(
    "forwarded, same",
    [
        (["198.51.100.1", "198.51.100.2"], False),
        (["198.51.100.1", "203.0.113.7,198.51.100.1"], True),
        (["203.0.113.7, 198.51.100.1", "203.0.113.8, 198.51.100.1"], True),
        (["198.51.100.1, 127.0.0.5", "198.51.100.2, 127.0.0.5"], False),
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"], True),
        (["2001:db8:0:1::1", "2001:db8:0:2::1"], False),
        (["unknown, 198.51.100.1", "198.51.100.1"], True),
        (["::ffff:198.51.100.1", "198.51.100.1"], True),
    ],
)
def test_behind_a_trusted_proxy_the_last_untrusted_hop_is_limited(start, forwarded, same):
    client = start(RATE_LIMIT="1/1m", TRUSTED_PROXIES="127.0.0.0/8").client()
    statuses = [attempt(client, fresh_email(), hop).status_code for hop in forwarded]
    assert statuses == [401, 429 if same else 401]


def test_without_a_trusted_proxy_forwarded_headers_free_nobody_and_are_complained_about(start):
    server = start(RATE_LIMIT="2/1m")
    client = server.client()
    statuses = [attempt(client, fresh_email(), f"198.51.100.{n}").status_code for n in range(3)]
    assert statuses == [401, 401, 429]
    warnings = [line for line in server.log if "TRUSTED_PROXIES" in line["message"]]
    assert [(line["level"], line["peer"]) for line in warnings] == [("warning", "127.0.0.1")]


def test_an_audience_behind_one_address_can_have_a_limit_of_its_own(start):
    client = start(RATE_LIMIT="2/1m", RATE_LIMIT_ADDRESS="4/1m").client()
    email = fresh_email()
    assert [attempt(client, email).status_code for _ in range(3)] == [401, 401, 429]
    assert attempt(client, fresh_email()).status_code == 401
    assert attempt(client, fresh_email()).status_code == 429


def test_a_limit_ends_with_its_window(start):
    client = start(RATE_LIMIT="1/2s").client()
    email = fresh_email()
    assert attempt(client, email).status_code == 401
    assert attempt(client, email).status_code == 429
    eventually(lambda: attempt(client, email).status_code == 401, "the end of the window")


def test_a_limited_request_still_has_every_header(start):
    client = start(RATE_LIMIT="1/1m").client()
    attempt(client, fresh_email())
    answer = requests.post(
        client.url + "/login",
        json={"email": fresh_email(), "password": "x"},
        headers={"Origin": LISTED_ORIGIN},
        timeout=60,
    )
    problem(answer, 429, "too_many_attempts")
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED_ORIGIN
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_person_of_a_walk_is_only_limited_by_attempts(start):
    server = start(RATE_LIMIT="5/1m")
    person = make_person(server)
    browser, _ = sign_in(server, person)
    assert {browser.get("/me").status_code for _ in range(20)} == {200}
