"""What a person may see, change, take along and have erased."""

import json
import re

import pytest

from support import mails
from support.account import ask, new_password, refresh, token_login, with_code
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in
from support.server import eventually, run
from support.store import HOUR, Store, key


@pytest.fixture
def store(server):
    return Store(server)


def test_a_person_edits_what_is_told_and_nothing_else(server, store, person):
    browser, _ = sign_in(server, person)
    changes = {"username": "ana", "first_name": "Ana", "last_name": "Sukma", "profile_img": "https://example.com/a.png",
               "locale": "ru"}
    answer = browser.patch("/me", json=changes)
    assert answer.status_code == 200
    user = browser.get("/me").json()
    assert answer.json() == user
    assert user["profile"] == {name: changes[name] for name in ("first_name", "last_name", "profile_img")}
    assert (user["username"], user["locale"], user["email"]) == ("ana", "ru", person.email)
    # Null clears, what is absent stays.
    assert browser.patch("/me", json={"last_name": None, "username": None}).status_code == 200
    user = browser.get("/me").json()
    assert (user["profile"]["first_name"], user["profile"]["last_name"], user["username"]) == ("Ana", None, None)
    assert len(store.events(person.id, "user.updated")) == 2
    for wrong in [{"locale": "xx"}, {"first_name": ""}, {"first_name": "x" * 101},
                  {"profile_img": "javascript:alert(1)"}, {"username": 7}]:
        problem(browser.patch("/me", json=wrong), 422, "validation_failed")
    for foreign in [{"email": "x@example.com"}, {"is_admin": True}, {"is_verified": False}, {"blocked_until": None}]:
        browser.patch("/me", json=foreign)
    assert browser.get("/me").json() | {"updated_at": None} == user | {"updated_at": None}
    problem(browser.patch("/me", json=changes, headers={"Origin": "https://evil.example"}), 403, "origin_not_allowed")


def test_a_deactivated_account_is_closed_everywhere(server, store, person):
    client = server.client()
    browser, tokens = sign_in(server, person)
    other, refresh_token = token_login(server, person.email)
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    ask(client, "/forget-password", person.email)
    reset = mails.token(client, person.email, mails.RESET)
    problem(browser.post("/deactivate", json={"password": "wrong"}), 403, "wrong_password")
    assert browser.get("/me").status_code == 200
    answer = browser.post("/deactivate", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert {cookie.name for cookie in browser.cookies} <= {"gapura_device"}
    for token in (tokens["access_token"], other):
        problem(client.me(token), 401, "unauthenticated")
    problem(refresh(server, refresh_token), 401, "session_revoked")
    problem(client.log_in(person.email, "wrong"), 401, "invalid_credentials")
    problem(client.log_in(person.email), 403, "account_inactive")
    problem(with_code(client, person.email, mails.code_of(mail)), 401, "invalid_code")
    link = {"token": mails.token(client, person.email, mails.CODE)}
    problem(client.post("/login/link", json=link), 401, "invalid_token")
    problem(new_password(client, reset), 400, "invalid_token")
    mails.all_sent(client)
    count = len(client.mails(person.email))
    store.age_links(person.id, HOUR)
    for path in ("/request/login-code", "/forget-password", "/request/verify"):
        ask(client, path, person.email)
    # None of them opens it: the owner is shown the way back instead, once.
    mails.wait_for(client, person.email, mails.REACTIVATE)
    mails.all_sent(client)
    assert len(client.mails(person.email)) == count + 1
    assert len(store.events(person.id, "user.deactivated")) == 1


def test_the_export_has_everything_and_no_secret(server, store, person):
    browser, tokens = sign_in(server, person)
    access, refresh_token = token_login(server, person.email)
    assert server.client().post("/logout", headers=bearer(access)).status_code == 204
    problem(browser.log_in(person.email, "wrong"), 401, "invalid_credentials")
    answer = browser.get("/me/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    export = answer.json()
    assert export["user"]["id"] == person.id and export["registered_from"] == "127.0.0.1"
    assert len(export["sessions"]) == 2
    assert all(session["address"] == "127.0.0.1" and session["user_agent"] for session in export["sessions"])
    actions = {entry["action"]: entry for entry in export["audit_trail"]}
    assert {"user.registered", "user.verified", "session.opened", "session.open"} <= set(actions)
    assert actions["session.open"]["outcome"] == "refused" and actions["session.open"]["address"] == "127.0.0.1"
    [(password_hash,)] = store.rows("SELECT password_hash FROM users WHERE id = ?", key(person.id))
    for secret in (password_hash, "$argon2", refresh_token, access, PASSWORD):
        assert secret not in answer.text
    mails.all_sent(server.client())
    modules = browser.get("/me/export").json()["modules"]
    assert set(modules) == {"access", "notifications"}
    assert [message["template"] for message in modules["notifications"]["messages"]] == ["welcome", "verify_email"]
    assert modules["notifications"]["preferences"] == []
    assert modules["notifications"]["suppressed_addresses"] == []
    assert modules["access"] == {"roles": [], "api_keys": [], "entitlement": None, "usage": [], "key_usage": []}
    stranger, _ = sign_in(server, make_person(server))
    assert person.id not in stranger.get("/me/export").text


def test_nobody_erases_an_account_without_the_password_or_a_fresh_code(server, store, person):
    browser, _ = sign_in(server, person)
    for body in [{"password": "wrong"}, {"code": "000000"}]:
        problem(browser.delete("/me", json=body), 403, "wrong_password")
    for body in [{}, {"password": ""}]:
        problem(browser.delete("/me", json=body), 422, "validation_failed")
    foreign = {"Origin": "https://evil.example"}
    problem(browser.delete("/me", json={"password": PASSWORD}, headers=foreign), 403, "origin_not_allowed")
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize("proof", ["password", "code"])
def test_an_erased_account_leaves_nothing_of_the_person(start, proof):
    server = start()
    store = Store(server)
    client = server.client()
    email = fresh_email("erika")
    user_id = client.register(email, first_name="Erika", last_name="Mustermann").json()["id"]
    client.prove(mails.token(client, email, mails.VERIFY))
    browser = server.client()
    browser.headers["User-Agent"] = "Erika's own browser"
    assert browser.log_in(email).status_code == 200
    problem(browser.log_in(email, "wrong"), 401, "invalid_credentials")
    problem(server.client().log_in(email, "wrong"), 401, "invalid_credentials")
    access, _ = token_login(server, email)
    key = {"name": "Erika's phone", "services": ["cvmaker"]}
    assert client.post("/api-keys", json=key, headers=bearer(access)).status_code == 201
    ask(client, "/request/login-code", email)
    code = mails.code_of(mails.wait_for(client, email, mails.CODE))
    body = {"password": PASSWORD} if proof == "password" else {"code": code}
    assert browser.delete("/me", json=body).status_code == 204
    assert [type for type, _ in store.events(user_id)][-1] == "user.deleted"

    eventually(lambda: store.rows("SELECT 1 FROM api_keys WHERE name <> ''") == [], "keys without names")
    # The captured mails are the development's stand-in for the mail server.
    for table in store.database.tables() - {"captured_mails", "test_events"}:
        for row in store.rows(f"SELECT * FROM {table}"):
            for cell in row:
                text = cell if isinstance(cell, str) else ""
                assert email not in text and "Erika" not in text and "Mustermann" not in text, (table, row)
    for table in ("sessions", "refresh_tokens", "login_codes", "profiles", "users"):
        assert store.value(f"SELECT count(*) FROM {table}") == 0
    # The link of the first administrator belongs to nobody yet.
    assert store.value("SELECT count(*) FROM validation_tokens WHERE user_id IS NOT NULL") == 0
    # The log keeps that it was, not who.
    assert "user.erased" in [line[0] for line in store.audit(f"user:{user_id}")]


def test_the_last_administrator_stays(start):
    server = start()
    email = fresh_email("root")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    client = server.client()
    token = link.split("token=")[1]
    assert client.post("/administrator/accept", json={"token": token, "password": PASSWORD}).status_code == 200
    access, _ = token_login(server, email)
    problem(client.delete("/me", json={"password": PASSWORD}, headers=bearer(access)), 409, "last_admin")
    assert client.me(access).status_code == 200


def test_no_mailed_secret_is_at_rest(start):
    server = start()
    store = Store(server)
    client = server.client()
    person = make_person(server)
    later = fresh_email("new")
    access, refresh_token = token_login(server, person.email)
    ask(client, "/request/login-code", person.email)
    ask(client, "/forget-password", person.email)
    client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=bearer(access))
    mail = mails.wait_for(client, person.email, mails.CODE)
    secrets = [
        refresh_token, access, PASSWORD, mails.code_of(mail), mails.token(client, person.email, mails.CODE),
        mails.token(client, person.email, mails.RESET), mails.token(client, later, mails.NEW_ADDRESS),
    ]
    secrets += [secret.split(".")[1] for secret in secrets if secret.count(".") == 1]
    for table in store.database.tables() - {"captured_mails"}:
        for row in store.rows(f"SELECT * FROM {table}"):
            for cell in row:
                text = cell if isinstance(cell, str) else cell.decode("latin-1") if isinstance(cell, bytes) else ""
                for secret in secrets:
                    assert not re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text), (table, secret)
    log = "\n".join(json.dumps(line) for line in server.log)
    assert not [secret for secret in secrets if len(secret) > 6 and secret in log]
