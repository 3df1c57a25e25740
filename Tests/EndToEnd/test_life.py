"""The life of an account, from registration to erasure; and what opening its links does: nothing."""

import pytest

from support import mails
from support.account import BROWSER, NEW_PASSWORD, ask, new_password, refresh, token_login, with_code
from support.client import PASSWORD, Page, bearer, fresh_email, make_person, problem
from support.server import eventually
from support.store import Store, key


@pytest.fixture
def store(server):
    return Store(server)


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
    assert changed.status_code == 200
    assert client.me(access).status_code == 401 and client.me(other).status_code == 401
    access = changed.json()["access_token"]
    mine = bearer(access)
    assert client.me(access).status_code == 200
    problem(refresh(server, other_refresh), 401, "session_revoked")
    mails.wait_for(client, email, mails.CHANGED)

    answer = client.post("/change-email", json={"email": later, "password": NEW_PASSWORD}, headers=mine)
    assert answer.status_code == 202
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
    assert export["user"]["email"] == later and len(export["sessions"]) == 6

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
        # After a reset the page of signing in names nobody.
        assert kind == mails.RESET or to in Page(done).text
        return done

    browser.register(email)
    press(mails.VERIFY, email, "/verify")

    ask(browser, "/request/login-code", email)
    press(mails.CODE, email, "/login/link")
    assert browser.get("/me").json()["email"] == email
    assert {cookie.name for cookie in browser.cookies} == {
        "gapura_session", "gapura_hint", "refresh_token", "gapura_device", "gapura_registration", "gapura_csrf",
    }

    ask(browser, "/forget-password", email)
    press(mails.RESET, email, "/new-password", password=NEW_PASSWORD)
    assert browser.get("/me").status_code == 401

    assert browser.log_in(email, NEW_PASSWORD).status_code == 200
    assert browser.post("/change-email", json={"email": later, "password": NEW_PASSWORD}).status_code == 202
    press(mails.NEW_ADDRESS, later, "/change-email/confirm")
    assert browser.get("/me").json()["email"] == later

    assert browser.delete("/me", json={"password": NEW_PASSWORD}).status_code == 204
    assert {cookie.name for cookie in browser.cookies} <= {"gapura_device", "gapura_registration", "gapura_csrf"}
    assert browser.get("/me").status_code == 401


# Links


def snapshot(store, user_id):
    """Everything a mailed link could change, but for the times of looking."""
    tables = {
        "users": "id", "sessions": "user_id", "validation_tokens": "user_id", "login_codes": "user_id",
        "profiles": "user_id",
    }
    return {
        table: store.rows(f"SELECT * FROM {table} WHERE {column} = ?", key(user_id)) for table, column in tables.items()
    }


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
    kinds = [
        (waiting, mails.VERIFY), (person.email, mails.CODE), (person.email, mails.RESET), (later, mails.NEW_ADDRESS),
    ]
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
    assert {cookie.name for cookie in scanner.cookies} == {"gapura_csrf"}
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
    assert not Page(answer).tags & {"script", "iframe", "object", "embed"}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


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
