"""The life of an account, from registration to erasure: codes, links, passwords, addresses, data."""

import hashlib
import hmac
import json
import re

import pytest

from support import forge, mails
from support.client import (
    PASSWORD,
    Page,
    at_once,
    bearer,
    fresh_email,
    make_person,
    problem,
    sign_in,
)
from support.server import eventually, run
from support.store import DAY, HOUR, MINUTE, Store, key

NEW_PASSWORD = "another horse entirely"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def store(server):
    return Store(server)


def token_login(server, email, password=PASSWORD):
    """An app's tokens: access, refresh."""
    answer = server.client().log_in(email, password, headers={"X-Token-Delivery": "body"})
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"], answer.json()["refresh_token"]


def refresh(server, token):
    return server.client().post("/refresh-token", json={"refresh_token": token})


def ask(client, path, email):
    answer = client.post(path, json={"email": email})
    assert (answer.status_code, answer.content) == (202, b""), answer.text


def new_password(client, token, password=NEW_PASSWORD, **options):
    return client.post("/new-password", json={"token": token, "password": password}, **options)


def with_code(client, email, code):
    return client.post("/login/code", json={"email": email, "code": code})


# A whole life


def test_a_life_by_json(server, store):
    client = server.client()
    email, later = fresh_email("ana"), fresh_email("ana.new")

    user = client.register(email, first_name="Ana").json()
    assert client.prove(mails.token(client, email, mails.VERIFY)).json()["is_verified"] is True
    access, _ = token_login(server, email)
    mine = bearer(access)

    edited = client.patch("/me", json={"last_name": "Sukma", "locale": "en"}, headers=mine)
    assert edited.json()["profile"] == {"first_name": "Ana", "last_name": "Sukma", "profile_img": None}

    other, other_refresh = token_login(server, email)
    changed = client.post(
        "/change-password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}, headers=mine
    )
    assert (changed.status_code, changed.content) == (204, b"")
    assert client.me(access).status_code == 200 and client.me(other).status_code == 401
    problem(refresh(server, other_refresh), 401, "session_revoked")
    mails.wait_for(client, email, mails.CHANGED)

    assert client.post("/change-email", json={"email": later, "password": NEW_PASSWORD}, headers=mine).status_code == 202
    mails.wait_for(client, email, mails.NOTICE)
    answer = client.post("/change-email/confirm", json={"token": mails.token(client, later, mails.NEW_ADDRESS)})
    assert (answer.status_code, answer.json()["email"]) == (200, later)
    problem(client.log_in(email, NEW_PASSWORD), 401, "invalid_credentials")

    ask(client, "/request/login-code", later)
    mail = mails.wait_for(client, later, mails.CODE)
    by_code = with_code(server.client(), later, mails.code_of(mail))
    assert by_code.status_code == 200 and by_code.json()["user"]["id"] == user["id"]
    by_link = server.client().post("/login/link", json={"token": mails.token(client, later, mails.CODE)})
    assert by_link.status_code == 200 and by_link.json()["user"]["email"] == later

    ask(client, "/forget-password", later)
    assert new_password(client, mails.token(client, later, mails.RESET), PASSWORD).json()["id"] == user["id"]
    for token in (access, by_code.json()["access_token"], by_link.json()["access_token"]):
        assert client.me(token).status_code == 401
    access, refresh_token = token_login(server, later)

    export = client.get("/me/export", headers=bearer(access)).json()
    assert export["user"]["email"] == later and len(export["sessions"]) == 5

    erased = client.delete("/me", json={"password": PASSWORD}, headers=bearer(access))
    assert (erased.status_code, erased.content) == (204, b"")
    assert client.me(access).status_code == 401
    problem(refresh(server, refresh_token), 401, "invalid_refresh_token")
    problem(client.log_in(later), 401, "invalid_credentials")
    again = client.register(later)
    assert again.status_code == 201 and again.json()["id"] != user["id"]

    told = [type for type, _ in store.events(user["id"])]
    for type in ("user.created", "user.verified", "user.logged_in", "user.updated", "password.changed",
                 "session.revoked", "user.deleted"):
        assert type in told
    assert told[-1] == "user.deleted"


def test_a_life_by_pages(server):
    browser = server.client()
    email, later = fresh_email("budi"), fresh_email("budi.new")

    def press(kind, to, action, **filled):
        page = browser.get(mails.link_of(mails.wait_for(browser, to, kind)), headers=BROWSER)
        assert page.status_code == 200 and to in Page(page).text
        done = Page(page).submit(browser, action, **filled)
        assert done.status_code == 200, done.text
        assert to in Page(done).text and Page(done).forms == []
        return done

    browser.register(email)
    press(mails.VERIFY, email, "/verify")

    ask(browser, "/request/login-code", email)
    press(mails.CODE, email, "/login/link")
    assert browser.get("/me").json()["email"] == email
    assert {cookie.name for cookie in browser.cookies} == {"gapura_session", "refresh_token", "gapura_device"}

    ask(browser, "/forget-password", email)
    press(mails.RESET, email, "/new-password", password=NEW_PASSWORD)
    assert browser.get("/me").status_code == 401

    assert browser.log_in(email, NEW_PASSWORD).status_code == 200
    assert browser.post("/change-email", json={"email": later, "password": NEW_PASSWORD}).status_code == 202
    press(mails.NEW_ADDRESS, later, "/change-email/confirm")
    assert browser.get("/me").json()["email"] == later

    assert browser.delete("/me", json={"password": NEW_PASSWORD}).status_code == 204
    assert {cookie.name for cookie in browser.cookies} <= {"gapura_device"}
    assert browser.get("/me").status_code == 401


# Scanners


def snapshot(store, user_id):
    """Everything a mailed link could change, but for the times of looking."""
    tables = {
        "users": "id", "sessions": "user_id", "validation_tokens": "user_id", "login_codes": "user_id",
        "profiles": "user_id",
    }
    return {table: store.rows(f"SELECT * FROM {table} WHERE {column} = ?", key(user_id)) for table, column in tables.items()}


def test_scanners_that_open_every_link_of_every_mail_change_nothing(server, store):
    client = server.client()
    person = make_person(server)
    later = fresh_email("new")
    access, refresh_token = token_login(server, person.email)
    waiting = fresh_email("waiting")
    waiting_id = client.register(waiting).json()["id"]
    ask(client, "/request/login-code", person.email)
    ask(client, "/forget-password", person.email)
    client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=bearer(access))
    kinds = [(waiting, mails.VERIFY), (person.email, mails.CODE), (person.email, mails.RESET), (later, mails.NEW_ADDRESS)]
    found = [mails.wait_for(client, to, kind) for to, kind in kinds]
    before = snapshot(store, person.id), snapshot(store, waiting_id)

    scanner = server.client()
    for mail in found:
        link = mails.link_of(mail)
        for accept in ("text/html", "*/*", "", "image/png", "text/html, application/json;q=0.1"):
            page = scanner.get(link, headers={"Accept": accept})
            assert page.status_code == 200 and Page(page).forms
            for other in Page(page).links:
                scanner.get(other)
            for form in Page(page).forms:
                assert form["method"] == "post"
                assert scanner.get(form["action"], params=form["fields"]).status_code in (200, 404, 405)
        for accept in ("text/html", "application/json", "*/*"):
            head = scanner.head(link, headers={"Accept": accept})
            assert (head.status_code, head.content) == (200, b"")
            assert scanner.options(link).status_code in (204, 405)
        if "/verify" not in link:
            scanner.get(link, headers={"Accept": "application/json"})
    assert not scanner.cookies
    assert (snapshot(store, person.id), snapshot(store, waiting_id)) == before

    # And each of them still works.
    assert client.prove(mails.token(client, waiting, mails.VERIFY)).status_code == 200
    code = mails.code_of(found[1])
    assert with_code(client, person.email, code).status_code == 200
    assert client.post("/login/link", json={"token": mails.token(client, person.email, mails.CODE)}).status_code == 200
    confirm = {"token": mails.token(client, later, mails.NEW_ADDRESS)}
    assert client.post("/change-email/confirm", json=confirm).status_code == 200
    assert refresh(server, refresh_token).status_code == 200


@pytest.mark.parametrize("kind, path", [
    (mails.CODE, "/request/login-code"), (mails.RESET, "/forget-password"), (mails.NEW_ADDRESS, None),
])
def test_the_pages_have_no_scripts_and_leak_their_token_to_nobody(server, person, kind, path):
    client = server.client()
    to = person.email
    if path:
        ask(client, path, to)
    else:
        to = fresh_email("new")
        access, _ = token_login(server, person.email)
        client.post("/change-email", json={"email": to, "password": PASSWORD}, headers=bearer(access))
    answer = client.get(mails.link_of(mails.wait_for(client, to, kind)))
    assert not Page(answer).tags & {"script", "iframe", "img", "object", "embed"}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/login/link", "/new-password", "/change-email/confirm"])
def test_a_link_that_is_not_ours_or_of_another_purpose_opens_nothing(server, person, path):
    client = server.client()
    access, _ = token_login(server, person.email)
    later = fresh_email("new")
    ask(client, "/request/login-code", person.email)
    ask(client, "/forget-password", person.email)
    client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=bearer(access))
    tokens = {
        "/login/link": mails.token(client, person.email, mails.CODE),
        "/new-password": mails.token(client, person.email, mails.RESET),
        "/change-email/confirm": mails.token(client, later, mails.NEW_ADDRESS),
    }
    own = tokens.pop(path)
    identifier, signature = own.split(".")
    forged = [own[:-2] + ("A" if own[-2] != "A" else "B") + own[-1], identifier + ".", "." + signature, "x"]
    for token in [*forged, *tokens.values()]:
        body = {"token": token, "password": NEW_PASSWORD}
        answer = client.post(path, json=body)
        problem(answer, 401 if path == "/login/link" else 400, "invalid_token")
        page = client.get(path, params={"token": token}, headers=BROWSER)
        assert page.status_code == 400 and "not valid" in Page(page).text
    assert client.me(access).json()["email"] == person.email
    assert client.log_in(person.email).status_code == 200
    assert client.post(path, json={"token": own, "password": NEW_PASSWORD}).status_code == 200


def test_mailed_links_end_with_their_time(start):
    server = start(RESET_TOKEN_EXPIRE="1s")
    client = server.client()
    person = make_person(server)
    access, _ = token_login(server, person.email)
    later = fresh_email("new")
    ask(client, "/request/login-code", person.email)
    ask(client, "/forget-password", person.email)
    client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=bearer(access))
    links = [
        mails.link_of(mails.wait_for(client, to, kind))
        for to, kind in [(person.email, mails.CODE), (person.email, mails.RESET), (later, mails.NEW_ADDRESS)]
    ]
    for link in links:
        path, token = link.removeprefix(server.url).split("?token=")
        eventually(lambda: client.get(link).status_code == 400, "the link to expire")
        problem(client.get(link, headers={"Accept": "application/json"}), 400, "token_expired")
        body = {"token": token, "password": NEW_PASSWORD}
        problem(client.post(path, json=body), 400, "token_expired")
        page = client.get(link, headers=BROWSER)
        assert page.status_code == 400 and "too old" in Page(page).text


# Codes and magic links


def test_a_code_works_once_and_its_link_too(server, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    assert "10 minutes" in mail["text"]
    code, link = mails.code_of(mail), mails.token(client, person.email, mails.CODE)
    answers = at_once(4, lambda _: with_code(server.client(), person.email, code))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    problem(with_code(client, person.email, code), 401, "invalid_code")
    answers = at_once(4, lambda _: server.client().post("/login/link", json={"token": link}))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_the_delivery_is_the_clients_choice_here_too(server, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    app = client.post(
        "/login/code", json={"email": person.email, "code": mails.code_of(mail)}, headers={"X-Token-Delivery": "body"}
    )
    assert "Set-Cookie" not in app.headers and refresh(server, app.json()["refresh_token"]).status_code == 200
    browser = server.client()
    answer = browser.post("/login/link", json={"token": mails.token(client, person.email, mails.CODE)})
    assert "refresh_token" not in answer.json() and browser.post("/refresh-token").status_code == 200


def test_of_two_codes_only_the_newer_works(server, store, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    first = mails.code_of(mails.wait_for(client, person.email, mails.CODE))
    store.age_links(person.id, MINUTE)
    store.age_codes(person.id, MINUTE)
    ask(client, "/request/login-code", person.email)
    second = mails.code_of(mails.wait_for(client, person.email, mails.CODE, 2))
    problem(with_code(client, person.email, first), 401, "invalid_code")
    assert with_code(client, person.email, second).status_code == 200


def test_a_code_is_good_for_10_minutes(start):
    secret = "the validation secret of this test, long enough"
    server = start(VALIDATION_SECRET_KEY=secret)
    store = Store(server)
    client = server.client()
    person = make_person(server)
    ask(client, "/request/login-code", person.email)
    mails.wait_for(client, person.email, mails.CODE)

    def moved(milliseconds):
        """The digits that the same code has with another end."""
        store.change(
            "UPDATE login_codes SET expires_at = expires_at - ? WHERE user_id = ?", milliseconds, key(person.id)
        )
        [(code_id, expiry)] = store.rows("SELECT id, expires_at FROM login_codes WHERE user_id = ?", key(person.id))
        code_id = f"{code_id.hex()[:8]}-{code_id.hex()[8:12]}-{code_id.hex()[12:16]}-{code_id.hex()[16:20]}-{code_id.hex()[20:]}"
        parts = [code_id, "login_code", person.id, person.email, str(expiry)]
        tag = hmac.digest(secret.encode(), b"".join(part.encode() + b"\0" for part in parts), hashlib.sha256)
        return f"{int.from_bytes(tag[:8], 'big') % 1_000_000:06}"

    created, expiry = store.rows("SELECT created_at, expires_at FROM login_codes")[0]
    assert expiry - created == 10 * MINUTE
    problem(with_code(client, person.email, moved(10 * MINUTE)), 401, "invalid_code")
    assert with_code(client, person.email, moved(-10 * MINUTE)).status_code == 200


def test_codes_and_links_go_to_nobody_who_has_no_account(server):
    client = server.client()
    stranger = fresh_email("stranger")
    ask(client, "/request/login-code", stranger)
    ask(client, "/forget-password", stranger)
    mails.all_sent(client)
    assert client.mails(stranger) == []
    problem(with_code(client, stranger, "123456"), 401, "invalid_code")


def test_a_blocked_account_is_told_so_only_after_the_right_code(server, store, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    store.change("UPDATE users SET blocked_until = 9000000000000 WHERE id = ?", key(person.id))
    wrong = "000000" if mails.code_of(mail) != "000000" else "111111"
    problem(with_code(client, person.email, wrong), 401, "invalid_code")
    problem(with_code(client, person.email, mails.code_of(mail)), 403, "account_blocked")


# Passwords


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


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(server, store, person):
    browser, tokens = sign_in(server, person)
    others = [token_login(server, person.email) for _ in range(2)]
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    problem(browser.post("/change-password", json=body | {"current_password": "wrong"}), 403, "wrong_password")
    problem(browser.post("/change-password", json=body | {"new_password": "short"}), 422, "validation_failed")
    problem(browser.post("/change-password", json=body | {"new_password": person.email}), 422, "validation_failed")
    problem(browser.post("/change-password", json=body, headers={"Origin": "https://evil.example"}), 403, "origin_not_allowed")
    assert browser.get("/me").status_code == 200 and store.events(person.id, "password.changed") == []

    assert browser.post("/change-password", json=body).status_code == 204
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
    assert sorted(answer.status_code for answer in answers)[0] == 204
    winners = [number for number, answer in enumerate(answers) if answer.status_code == 204]
    assert len(winners) == 1 and {answer.status_code for answer in answers} <= {204, 401, 403}
    for number in range(4):
        expected = number in winners
        assert (server.client().log_in(person.email, passwords[number]).status_code == 200) == expected
        assert (server.client().me(sessions[number]).status_code == 200) == expected


# Addresses


def test_the_address_changes_when_the_new_one_is_proved_and_not_before(server, store, person):
    client = server.client()
    access, refresh_token = token_login(server, person.email)
    mine = bearer(access)
    later = fresh_email("New.Address")
    problem(client.post("/change-email", json={"email": later, "password": "wrong"}, headers=mine), 403, "wrong_password")
    same = {"email": person.email.upper(), "password": PASSWORD}
    problem(client.post("/change-email", json=same, headers=mine), 409, "email_unchanged")
    assert client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=mine).status_code == 202

    notice = mails.wait_for(client, person.email, mails.NOTICE)
    assert notice["links"] == [] and later not in notice["text"]
    assert client.me(access).json()["email"] == person.email
    assert client.log_in(person.email).status_code == 200
    problem(client.log_in(later), 401, "invalid_credentials")

    # What was mailed to the old address opens the account no more afterwards.
    ask(client, "/forget-password", person.email)
    reset = mails.token(client, person.email, mails.RESET)
    token = mails.token(client, later, mails.NEW_ADDRESS)
    assert client.post("/change-email/confirm", json={"token": token}).json()["email"] == later
    problem(client.post("/change-email/confirm", json={"token": token}), 400, "invalid_token")
    problem(new_password(client, reset), 400, "invalid_token")
    problem(client.log_in(person.email), 401, "invalid_credentials")
    assert client.log_in(later.lower()).status_code == 200
    # The old one is free again.
    assert client.register(person.email).status_code == 201
    assert refresh(server, refresh_token).json()["user"]["email"] == later
    assert "email.changed" in [line[0] for line in store.audit(f"user:{person.id}")]


def test_an_address_that_was_taken_meanwhile_stays_with_who_took_it(server, person):
    client = server.client()
    access, _ = token_login(server, person.email)
    later = fresh_email("wanted")
    assert client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=bearer(access)).status_code == 202
    token = mails.token(client, later, mails.NEW_ADDRESS)
    assert client.register(later).status_code == 201
    problem(client.post("/change-email/confirm", json={"token": token}), 409, "email_taken")
    assert client.me(access).json()["email"] == person.email


def test_of_two_who_want_an_address_at_once_one_gets_it(server):
    client = server.client()
    later = fresh_email("wanted")
    people = [make_person(server) for _ in range(3)]
    for number, person in enumerate(people):
        access, _ = token_login(server, person.email)
        body = {"email": later, "password": PASSWORD}
        assert client.post("/change-email", json=body, headers=bearer(access)).status_code == 202
        mails.wait_for(client, later, mails.NEW_ADDRESS, number + 1)
    links = [mail["links"][0].split("token=")[1] for mail in mails.mails(client, later, mails.NEW_ADDRESS)]
    answers = at_once(3, lambda number: server.client().post("/change-email/confirm", json={"token": links[number]}))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


# The profile, deactivation


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
    answer = browser.post("/deactivate")
    assert answer.status_code == 204
    assert {cookie.name for cookie in browser.cookies} <= {"gapura_device"}
    for token in (tokens["access_token"], other):
        problem(client.me(token), 401, "unauthenticated")
    problem(refresh(server, refresh_token), 401, "session_revoked")
    problem(client.log_in(person.email, "wrong"), 401, "invalid_credentials")
    problem(client.log_in(person.email), 403, "account_inactive")
    problem(with_code(client, person.email, mails.code_of(mail)), 403, "account_inactive")
    problem(client.post("/login/link", json={"token": mails.token(client, person.email, mails.CODE)}), 401, "invalid_token")
    problem(new_password(client, reset), 400, "invalid_token")
    count = len(client.mails(person.email))
    store.age_links(person.id, HOUR)
    for path in ("/request/login-code", "/forget-password", "/request/verify"):
        ask(client, path, person.email)
    mails.all_sent(client)
    assert len(client.mails(person.email)) == count
    assert len(store.events(person.id, "user.deactivated")) == 1


# Data


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
    stranger, _ = sign_in(server, make_person(server))
    assert person.id not in stranger.get("/me/export").text


def test_nobody_erases_an_account_without_the_password_or_a_fresh_code(server, store, person):
    browser, _ = sign_in(server, person)
    for body in [{"password": "wrong"}, {"code": "000000"}]:
        problem(browser.delete("/me", json=body), 403, "wrong_password")
    for body in [{}, {"password": ""}]:
        problem(browser.delete("/me", json=body), 422, "validation_failed")
    problem(browser.delete("/me", json={"password": PASSWORD}, headers={"Origin": "https://evil.example"}), 403, "origin_not_allowed")
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
    ask(client, "/request/login-code", email)
    code = mails.code_of(mails.wait_for(client, email, mails.CODE))
    body = {"password": PASSWORD} if proof == "password" else {"code": code}
    assert browser.delete("/me", json=body).status_code == 204
    assert [type for type, _ in store.events(user_id)][-1] == "user.deleted"

    tables = [name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    # The captured mails are the development's stand-in for the mail server.
    kept = {"captured_mails", "test_events", "sqlite_sequence"}
    for table in set(tables) - kept:
        for row in store.rows(f"SELECT * FROM {table}"):
            for cell in row:
                text = cell if isinstance(cell, str) else ""
                assert email not in text and "Erika" not in text and "Mustermann" not in text, (table, row)
    for table in ("sessions", "refresh_tokens", "login_codes", "validation_tokens", "profiles", "users"):
        assert store.value(f"SELECT count(*) FROM {table} WHERE {'1' if table != 'validation_tokens' else 'user_id IS NOT NULL'}") == 0
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
    tables = [name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in set(tables) - {"captured_mails"}:
        for row in store.rows(f"SELECT * FROM {table}"):
            for cell in row:
                text = cell if isinstance(cell, str) else cell.decode("latin-1") if isinstance(cell, bytes) else ""
                for secret in secrets:
                    assert not re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text), (table, secret)
    log = "\n".join(json.dumps(line) for line in server.log)
    assert not [secret for secret in secrets if len(secret) > 6 and secret in log]


# The first proof


@pytest.mark.parametrize("way", ["reset", "code", "link"])
def test_the_first_proof_removes_what_was_made_before_it(server, store, way):
    client = server.client()
    email = fresh_email("claimed")
    user_id = client.register(email, password="the squatter's password").json()["id"]
    verification = mails.token(client, email, mails.VERIFY)
    # Somebody was let in before, and wants another address.
    store.change("UPDATE users SET is_verified = 1 WHERE id = ?", key(user_id))
    squatter, squatter_refresh = token_login(server, email, "the squatter's password")
    later = fresh_email("squatter")
    body = {"email": later, "password": "the squatter's password"}
    assert client.post("/change-email", json=body, headers=bearer(squatter)).status_code == 202
    pending = mails.token(client, later, mails.NEW_ADDRESS)
    store.change("UPDATE users SET is_verified = 0 WHERE id = ?", key(user_id))

    match way:
        case "reset":
            ask(client, "/forget-password", email)
            answer = new_password(client, mails.token(client, email, mails.RESET))
        case "code":
            ask(client, "/request/login-code", email)
            answer = with_code(client, email, mails.code_of(mails.wait_for(client, email, mails.CODE)))
        case "link":
            ask(client, "/request/login-code", email)
            answer = client.post("/login/link", json={"token": mails.token(client, email, mails.CODE)})
    assert answer.status_code == 200, answer.text
    user = answer.json() if way == "reset" else answer.json()["user"]
    assert (user["id"], user["is_verified"]) == (user_id, True)

    problem(client.log_in(email, "the squatter's password"), 401, "invalid_credentials")
    assert client.me(squatter).status_code == 401
    problem(refresh(server, squatter_refresh), 401, "session_revoked")
    problem(client.post("/change-email/confirm", json={"token": pending}), 400, "invalid_token")
    problem(client.post("/verify/decline", json={"token": verification}), 400, "invalid_token")
    if way == "reset":
        assert client.log_in(email, NEW_PASSWORD).status_code == 200
    else:
        assert client.me(answer.json()["access_token"]).status_code == 200
        assert store.value("SELECT password_hash FROM users WHERE id = ?", key(user_id)) is None
        # The owner sets one when he likes.
        ask(client, "/forget-password", email)
        assert new_password(client, mails.token(client, email, mails.RESET)).status_code == 200
        assert client.log_in(email, NEW_PASSWORD).status_code == 200
    assert len(store.events(user_id, "user.verified")) == 1


def test_a_second_proof_removes_nothing(server, person):
    client = server.client()
    access, _ = token_login(server, person.email)
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    assert with_code(client, person.email, mails.code_of(mail)).status_code == 200
    assert client.me(access).status_code == 200 and client.log_in(person.email).status_code == 200
