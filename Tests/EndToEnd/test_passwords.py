"""Setting a forgotten password, changing one: which sessions end, and who wins."""

import pytest

from support import mails
from support.account import NEW_PASSWORD, ask, new_password, refresh, token_login
from support.client import PASSWORD, at_once, bearer, problem, sign_in
from support.store import MINUTE, Store


@pytest.fixture
def store(server):
    return Store(server)


def test_a_reset_link_sets_the_password_once_and_ends_every_session(server, store, person):
    client = server.client()
    sessions = [token_login(server, person.email) for _ in range(3)]
    ask(client, "/forget-password", person.email)
    token = mails.token(client, person.email, mails.RESET)
    assert "1 hour" in mails.wait_for(client, person.email, mails.RESET)["text"]

    # What cannot be a password does not use the link up.
    for weak in ("short", person.email, "x" * 257):
        answer = new_password(client, token, weak)
        problem(answer, 422, "validation_failed")
    answers = at_once(4, lambda _: new_password(server.client(), token))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    for access, refresh_token in sessions:
        problem(client.me(access), 401, "unauthenticated")
        problem(refresh(server, refresh_token), 401, "session_revoked")
    problem(client.log_in(person.email), 401, "invalid_credentials")
    assert client.log_in(person.email, NEW_PASSWORD).status_code == 200
    mails.wait_for(client, person.email, mails.CHANGED)
    assert {data["reason"] for _, data in store.events(person.id, "session.revoked")} == {"password_changed"}
    assert len(store.events(person.id, "password.changed")) == 1


def test_a_reset_cancels_what_was_mailed_before(server, store, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    ask(client, "/forget-password", person.email)
    link = mails.token(client, person.email, mails.CODE)
    token = mails.token(client, person.email, mails.RESET)
    store.age_links(person.id, MINUTE)
    ask(client, "/forget-password", person.email)
    assert new_password(client, mails.token(client, person.email, mails.RESET, 2)).status_code == 200
    problem(new_password(client, token), 400, "invalid_token")
    problem(client.post("/login/link", json={"token": link}), 401, "invalid_token")


def test_changing_the_password_ends_the_other_sessions_and_gives_this_one_new_tokens(server, store, person):
    browser, tokens = sign_in(server, person)
    others = [token_login(server, person.email) for _ in range(2)]
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    problem(browser.post("/change-password", json=body | {"current_password": "wrong"}), 403, "wrong_password")
    problem(browser.post("/change-password", json=body | {"new_password": "short"}), 422, "validation_failed")
    problem(browser.post("/change-password", json=body | {"new_password": person.email}), 422, "validation_failed")
    foreign = {"Origin": "https://evil.example"}
    problem(browser.post("/change-password", json=body, headers=foreign), 403, "origin_not_allowed")
    assert browser.get("/me").status_code == 200 and store.events(person.id, "password.changed") == []

    copied = browser.cookies["gapura_session"]
    assert browser.post("/change-password", json=body).status_code == 200
    problem(server.client().me(copied), 401, "unauthenticated")
    assert browser.get("/me").status_code == 200
    assert browser.post("/refresh-token").status_code == 200
    for access, refresh_token in others:
        problem(browser.me(access), 401, "unauthenticated")
        problem(refresh(server, refresh_token), 401, "session_revoked")
    problem(server.client().log_in(person.email), 401, "invalid_credentials")
    assert server.client().log_in(person.email, NEW_PASSWORD).status_code == 200
    assert mails.wait_for(browser, person.email, mails.CHANGED)["links"] == []


def test_of_two_changes_of_the_password_at_once_one_wins(server, person):
    sessions = [token_login(server, person.email)[0] for _ in range(4)]
    passwords = [f"the password of session {number}" for number in range(4)]
    answers = at_once(4, lambda number: server.client().post(
        "/change-password", json={"current_password": PASSWORD, "new_password": passwords[number]},
        headers=bearer(sessions[number]),
    ))
    winners = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    assert len(winners) == 1 and {answer.status_code for answer in answers} <= {200, 401, 403}
    for number in range(4):
        expected = number in winners
        assert (server.client().log_in(person.email, passwords[number]).status_code == 200) == expected
        problem(server.client().me(sessions[number]), 401, "unauthenticated")
    renewed = answers[winners[0]].json()["access_token"]
    assert server.client().me(renewed).status_code == 200
