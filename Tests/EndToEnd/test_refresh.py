"""Refresh tokens: nobody honest is logged out, no thief stays in."""

import base64
import random
import re
from collections import Counter

import pytest

from support import forge, raw
from support.client import at_once, bearer, make_person, problem, sign_in
from support.server import LISTED_ORIGIN
from support.store import DAY, FAR_FUTURE, SECOND, Store, key

# What is stored or happens at once is tested on both; forgeries, cookies and settings on one.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

WINDOW = 30 * SECOND


class App:
    """A signed-in client that keeps its refresh token itself."""

    def __init__(self, server, person):
        self.server = server
        self.client = server.client()
        answer = self.client.log_in(person.email, person.password, headers={"X-Token-Delivery": "body"})
        assert answer.status_code == 200, answer.text
        self.take(answer)
        self.session = forge.parts(self.access)[1]["sid"]

    def take(self, answer):
        self.refresh_token, self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        return self.refresh_token

    def present(self, token, client=None, **options):
        return (client or self.client).post("/refresh-token", json={"refresh_token": token}, **options)

    def rotate(self):
        """Goes on, and returns the token it had before."""
        before = self.refresh_token
        answer = self.present(before)
        assert answer.status_code == 200, answer.text
        self.take(answer)
        return before

    def is_in(self):
        return self.client.me(self.access).status_code == 200


@pytest.fixture
def store(server):
    return Store(server)


@pytest.fixture
def app(server, person):
    return App(server, person)


def refresh_of(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["refresh_token"]


def assert_clears_cookies(answer):
    assert sorted(answer.raw.headers.getlist("Set-Cookie")) == [
        "gapura_hint=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        "gapura_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        "refresh_token=; Path=/refresh-token; Max-Age=0; HttpOnly; SameSite=Lax",
    ]


# The rule


@on_both
def test_the_current_token_rotates(server, person, app):
    first_access = app.access
    answer = app.present(app.refresh_token)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "refresh_token", "user"}
    assert answer.json()["user"]["id"] == person.id
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert re.fullmatch(r"[A-Za-z0-9_-]{90,}", answer.json()["refresh_token"])
    assert answer.json()["refresh_token"] != app.refresh_token
    app.take(answer)
    assert app.is_in() and app.client.me(first_access).status_code == 200
    assert forge.parts(app.access)[1]["sid"] == app.session
    assert forge.parts(app.access)[1]["jti"] != forge.parts(first_access)[1]["jti"]


@on_both
def test_a_session_goes_on_and_on_and_keeps_two_tokens(store, app):
    seen = {app.refresh_token}
    for _ in range(12):
        app.rotate()
        store.age_session(app.session, DAY)
        seen.add(app.refresh_token)
    assert len(seen) == 13 and app.is_in()
    # The current one and its parent; older ones are known by their tag.
    app.rotate()
    assert store.value("SELECT count(*) FROM refresh_tokens WHERE session_id = ?", key(app.session)) == 2


@on_both
def test_the_store_keeps_no_token(store, app):
    app.rotate()
    raw_token = base64.urlsafe_b64decode(app.refresh_token + "=" * (-len(app.refresh_token) % 4))
    secret = raw_token[24:56]
    dump = store.database.at_rest()
    assert key(app.session).bytes in dump
    assert app.refresh_token.encode() not in dump and secret not in dump


def test_the_parent_within_the_window_gives_the_same_successor(app):
    parent = app.rotate()
    again = [refresh_of(app.present(parent)) for _ in range(3)]
    assert again == [app.refresh_token] * 3
    app.rotate()
    assert app.is_in()


@on_both
@pytest.mark.parametrize("delivery", ["body", "cookie"])
def test_200_refreshes_of_one_token_at_once_give_one_successor(server, person, delivery):
    if delivery == "body":
        app = App(server, person)
        answers = at_once(200, lambda _: app.present(app.refresh_token, server.client()))
        successors = {refresh_of(answer) for answer in answers}
    else:
        browser, _ = sign_in(server, person)
        cookie = {"Cookie": f"refresh_token={browser.cookies['refresh_token']}"}
        answers = at_once(200, lambda _: server.client().post("/refresh-token", headers=cookie))
        assert Counter(answer.status_code for answer in answers) == {200: 200}
        successors = {answer.cookies["refresh_token"] for answer in answers}
    assert len(successors) == 1
    client = server.client()
    assert client.post("/refresh-token", json={"refresh_token": successors.pop()}).status_code == 200
    tokens = [answer.json()["access_token"] for answer in answers]
    assert len(set(tokens)) == 200
    assert all(client.me(token).status_code == 200 for token in random.sample(tokens, 10))


@on_both
def test_parents_and_children_at_once_leave_one_line_of_descent(server, store, app):
    for _ in range(6):
        parent = app.rotate()
        tokens = [parent, app.refresh_token] * 2
        answers = at_once(4, lambda number: app.present(tokens[number], server.client()))
        # Whoever brought the parent after the child was used is a late duplicate.
        assert {answer.status_code for answer in answers} <= {200, 409}
        grandchildren = {refresh_of(answer) for answer in (answers[1], answers[3])}
        assert len(grandchildren) == 1
        app.refresh_token = grandchildren.pop()
    app.rotate()
    assert store.value("SELECT revoked_at FROM sessions WHERE id = ?", key(app.session)) is None


@on_both
def test_a_late_parent_gets_a_branch_and_the_replaced_successor_counts_as_spent(store, app):
    parent = app.rotate()
    lost = app.refresh_token
    store.age_session(app.session, WINDOW)
    app.take(app.present(parent))
    assert app.refresh_token not in (parent, lost)
    # Just now replaced: a late duplicate of the one answer that arrived after all.
    problem(app.present(lost), 409, "refresh_token_superseded")
    # The parent of the branch is still its parent.
    assert refresh_of(app.present(parent)) == app.refresh_token
    app.rotate()
    store.age_session(app.session, WINDOW)
    problem(app.present(lost), 401, "refresh_token_reused")
    problem(app.present(app.refresh_token), 401, "session_revoked")


def test_a_branch_after_a_branch_is_a_token_of_its_own(store, app):
    parent = app.rotate()
    branches = [app.refresh_token]
    for _ in range(4):
        store.age_session(app.session, WINDOW)
        branches.append(app.take(app.present(parent)))
    assert len(set(branches)) == 5
    app.rotate()
    assert app.is_in()


def test_a_late_duplicate_of_an_older_one_is_superseded_and_changes_nothing(app):
    oldest = app.rotate()
    app.rotate()
    answer = app.present(oldest)
    problem(answer, 409, "refresh_token_superseded")
    assert "Set-Cookie" not in answer.headers
    app.rotate()
    assert app.is_in()


@on_both
@pytest.mark.parametrize("rotations", [2, 5])
def test_a_spent_token_ends_the_session_and_it_is_told(store, person, app, rotations):
    other = App(app.server, person)
    stolen = app.refresh_token
    for _ in range(rotations):
        store.age_session(app.session, WINDOW)
        app.rotate()
    store.age_session(app.session, WINDOW)
    # The owner's tokens work until the thief's copy comes.
    assert app.is_in()
    answer = app.present(stolen)
    problem(answer, 401, "refresh_token_reused")
    assert_clears_cookies(answer)
    assert not app.is_in()
    problem(app.present(app.refresh_token), 401, "session_revoked")
    problem(app.present(stolen), 401, "session_revoked")
    assert [event for event in store.events(person.id) if event[0].startswith("session.")] == [
        ("session.revoked", {"user_id": person.id, "session_id": app.session, "reason": "reuse_detected"}),
        ("session.reuse_detected", {"user_id": person.id, "session_id": app.session}),
    ]
    assert store.audit(f"session:{app.session}")[-1] == ("session.revoked", "done", None, "system", 1)
    # With the address of whoever it was, so the line names the person, who may ask for it and have it forgotten.
    assert store.audit(f"user:{person.id}")[-1] == ("session.refresh", "refused", "reuse_detected", "anonymous", 1)
    # Only this session: the person's other devices stay.
    other.rotate()
    assert other.is_in()


def test_a_thief_who_uses_a_stolen_token_first_is_found_by_its_owner(store, app):
    stolen = app.refresh_token
    thief = refresh_of(app.present(stolen, app.server.client()))
    store.age_session(app.session, WINDOW)
    thief = refresh_of(app.present(thief, app.server.client()))
    store.age_session(app.session, WINDOW)
    problem(app.present(stolen), 401, "refresh_token_reused")
    problem(app.present(thief, app.server.client()), 401, "session_revoked")


# Lost answers


@on_both
@pytest.mark.parametrize("late", [False, True])
def test_an_answer_may_be_lost_at_every_step(store, app, late):
    """Lost before it was sent, on the way, or on the way several times: the client comes again with what it has."""
    chance = random.Random(7)
    for step in range(9):
        for _ in range(chance.randrange(1, 3)):
            match step % 3:
                case 0:  # it was answered, and nobody read it
                    assert app.present(app.refresh_token).status_code == 200
                case 1:  # the connection breaks while the server works, or just before the answer is read
                    with raw.Connection(app.server) as connection:
                        connection.send(raw.post("/refresh-token", {"refresh_token": app.refresh_token}))
                        if late:
                            # What the server still works at must not come out of the past.
                            connection.wait_for_answer()
                        connection.reset()
                case 2:  # half of the request arrives
                    with raw.Connection(app.server) as connection:
                        request = raw.post("/refresh-token", {"refresh_token": app.refresh_token})
                        connection.send(request[:-20]).reset()
            if late:
                store.age_session(app.session, WINDOW)
        app.rotate()
        if late:
            store.age_session(app.session, WINDOW)
    assert app.is_in()


def test_the_answer_lost_while_another_tab_gets_it_is_the_same(server, person):
    browser, _ = sign_in(server, person)
    cookie = browser.cookies["refresh_token"]
    tabs = at_once(2, lambda _: server.client().post("/refresh-token", headers={"Cookie": f"refresh_token={cookie}"}))
    assert tabs[0].cookies["refresh_token"] == tabs[1].cookies["refresh_token"]


@on_both
def test_the_same_successor_is_given_after_a_restart(start):
    server = start()
    app = App(server, make_person(server))
    parent = app.rotate()
    server.variables["APP_URL"] = server.url
    server.kill()
    server.start()
    client = server.client()
    assert refresh_of(app.present(parent, client)) == app.refresh_token


# What is not genuine


def test_a_forged_token_is_refused_and_nothing_is_revoked(start):
    server, elsewhere = start(), start()
    store = Store(server)
    app = App(server, make_person(server))
    good = app.refresh_token
    body = bytearray(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    # Session, generation, branch, secret, tag: one bit of each.
    changed = []
    for position in (0, 15, 16, 19, 23, 24, 55, 56, len(body) - 1):
        copy = bytearray(body)
        copy[position] ^= 1
        changed.append(forge.encode(bytes(copy)))
    foreign = App(elsewhere, make_person(elsewhere)).refresh_token
    others = ["x", "", good[:-1], good + "A", good + "=", good[::-1], app.access[:199], foreign, "A" * len(good)]
    for token in changed + others:
        answer = app.present(token)
        if token in ("",) or len(token) > 200:
            assert answer.status_code in (401, 422), answer.text
            continue
        problem(answer, 401, "invalid_refresh_token")
        assert "Set-Cookie" not in answer.headers
    assert store.value("SELECT revoked_at FROM sessions WHERE id = ?", key(app.session)) is None
    assert app.is_in()
    app.rotate()


def test_a_forged_token_uses_up_nobody_s_limit(start):
    server = start(RATE_LIMIT="1000/1m")
    app = App(server, make_person(server))
    forged = app.refresh_token[:-4] + "AAAA"
    for _ in range(40):
        problem(app.present(forged), 401, "invalid_refresh_token")
    app.rotate()


def test_no_token_at_all_is_an_invalid_one(client):
    problem(client.post("/refresh-token"), 401, "invalid_refresh_token")
    problem(client.post("/refresh-token", json={}), 401, "invalid_refresh_token")
    problem(client.post("/refresh-token", headers={"Cookie": "refresh_token="}), 401, "invalid_refresh_token")


def test_a_token_in_the_query_is_not_looked_at(client, app):
    problem(client.post("/refresh-token", params={"refresh_token": app.refresh_token}), 401, "invalid_refresh_token")


# Cookies


def test_a_browser_gets_new_cookies_and_nothing_in_the_body(server, person):
    browser, tokens = sign_in(server, person)
    before = browser.cookies["refresh_token"]
    answer = browser.post("/refresh-token", headers={"Origin": server.url})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "user"}
    cookies = {cookie.split("=")[0]: cookie for cookie in answer.raw.headers.getlist("Set-Cookie")}
    session = answer.json()["access_token"]
    assert cookies["gapura_session"] == f"gapura_session={session}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax"
    assert re.fullmatch(
        r"refresh_token=[A-Za-z0-9_-]{90,}; Path=/refresh-token; Max-Age=2592000; HttpOnly; SameSite=Lax",
        cookies["refresh_token"],
    )
    assert cookies["gapura_hint"] == "gapura_hint=1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
    assert browser.cookies["refresh_token"] != before
    assert browser.get("/me").json()["id"] == person.id


def test_the_cookie_goes_nowhere_but_where_it_is_used(server, person):
    browser, _ = sign_in(server, person)
    [cookie] = [cookie for cookie in browser.cookies if cookie.name == "refresh_token"]
    assert (cookie.path, cookie.domain_specified) == ("/refresh-token", False)


def test_what_came_by_cookie_goes_back_by_cookie_whatever_a_script_asks_for(server, person):
    browser, _ = sign_in(server, person)
    before = browser.cookies["refresh_token"]
    answer = browser.post("/refresh-token", headers={"X-Token-Delivery": "body", "Origin": server.url})
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json() and "device_token" not in answer.json()
    assert browser.cookies["refresh_token"] != before
    assert browser.post("/refresh-token").status_code == 200


def test_of_several_cookies_of_one_name_the_genuine_one_counts(server, person):
    browser, _ = sign_in(server, person)
    genuine = browser.cookies["refresh_token"]
    stranger, _ = sign_in(server, make_person(server))
    other = stranger.cookies["refresh_token"]

    def present(*values):
        cookie = "; ".join(f"refresh_token={value}" for value in values)
        return server.client().post("/refresh-token", headers={"Cookie": cookie})

    for values in [("tossed", genuine), (genuine, "tossed"), ("", genuine), (genuine, genuine)]:
        assert present(*values).status_code == 200, values
    # Of two sessions nobody can tell which is this browser's.
    for values in [(genuine, other), (other, genuine)]:
        problem(present(*values), 401, "invalid_refresh_token")
    problem(present("tossed", "again"), 401, "invalid_refresh_token")


def test_the_body_counts_before_the_cookie(server, person, app):
    browser, _ = sign_in(server, person)
    cookie = browser.cookies["refresh_token"]
    answer = App.present(None, app.refresh_token, browser)
    assert forge.parts(answer.json()["access_token"])[1]["sid"] == app.session
    assert "Set-Cookie" not in answer.headers and browser.cookies["refresh_token"] == cookie


@pytest.mark.parametrize("headers, allowed", [
    ({}, True),
    ({"Origin": "http://localhost:3000"}, True),
    ({"Origin": LISTED_ORIGIN}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": LISTED_ORIGIN + ".evil.example"}, False),
    ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
])
def test_a_cookie_counts_only_from_our_own_and_listed_origins(server, person, headers, allowed):
    browser, _ = sign_in(server, person)
    before = browser.cookies["refresh_token"]
    answer = browser.post("/refresh-token", headers=headers)
    if allowed:
        assert answer.status_code == 200
    else:
        problem(answer, 403, "origin_not_allowed")
        assert browser.cookies["refresh_token"] == before
    # Nothing was rotated by the refused one; the good one rotated to what the cookie is now.
    assert browser.post("/refresh-token", headers={"Origin": server.url}).status_code == 200


def test_a_token_in_the_body_needs_no_origin(app):
    assert app.present(app.refresh_token, headers={"Origin": "https://evil.example"}).status_code == 200


def test_behind_https_the_cookies_are_secure(start):
    server = start(APP_URL="https://id.example.com")
    browser, _ = sign_in(server, make_person(server))
    cookie = next(cookie for cookie in browser.cookies if cookie.name == "refresh_token")
    assert cookie.secure
    answer = server.client().post("/refresh-token", headers={"Cookie": f"refresh_token={cookie.value}"})
    assert all("; Secure" in cookie for cookie in answer.raw.headers.getlist("Set-Cookie"))


# Limits, ends


@on_both
def test_a_session_refreshes_30_times_a_minute(start):
    server = start(RATE_LIMIT="1000/1m")
    person = make_person(server)
    app, other = App(server, person), App(server, person)
    answers = at_once(60, lambda _: app.present(app.refresh_token, server.client()))
    assert Counter(answer.status_code for answer in answers) == {200: 30, 429: 30}
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    refused = next(answer for answer in answers if answer.status_code == 429)
    problem(refused, 429, "too_many_attempts")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "Set-Cookie" not in refused.headers
    assert app.is_in()
    other.rotate()


@on_both
@pytest.mark.parametrize("way", ["logout", "logout/all", "sessions"])
def test_a_session_that_is_over_is_told_so_and_the_cookies_go(server, person, way):
    browser, tokens = sign_in(server, person)
    refresh_token = browser.cookies["refresh_token"]
    other = App(server, person)
    match way:
        case "logout":
            assert server.client().post("/logout", headers=bearer(tokens["access_token"])).status_code == 204
        case "logout/all":
            assert other.client.post("/logout/all", headers=bearer(other.access)).status_code == 204
        case "sessions":
            session = forge.parts(tokens["access_token"])[1]["sid"]
            answer = other.client.delete(f"/me/sessions/{session}", headers=bearer(other.access))
            assert answer.status_code == 204
    assert server.client().me(tokens["access_token"]).status_code == 401
    answer = server.client().post("/refresh-token", headers={"Cookie": f"refresh_token={refresh_token}"})
    problem(answer, 401, "session_revoked")
    assert_clears_cookies(answer)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if way == "logout/all":
        problem(other.present(other.refresh_token), 401, "session_revoked")
    else:
        other.rotate()


def test_nobody_ends_the_session_of_somebody_else(server, app):
    stranger = App(server, make_person(server))
    problem(
        stranger.client.delete(f"/me/sessions/{app.session}", headers=bearer(stranger.access)), 404, "not_found"
    )
    assert app.is_in()


@on_both
@pytest.mark.parametrize("column, value", [("is_active", False), ("blocked_until", FAR_FUTURE)])
def test_who_may_not_sign_in_may_not_go_on(store, person, app, column, value):
    store.change(f"UPDATE users SET {column} = ? WHERE id = ?", value, key(person.id))
    problem(app.present(app.refresh_token), 401, "session_revoked")
    # Nothing was spent: once the obstacle is gone, the device goes on.
    store.change("UPDATE users SET is_active = ?, blocked_until = NULL WHERE id = ?", True, key(person.id))
    app.rotate()


@on_both
def test_a_refresh_token_expires(store, app):
    parent = app.rotate()
    store.age_session(app.session, 30 * DAY)
    problem(app.present(app.refresh_token), 401, "invalid_refresh_token")
    problem(app.present(parent), 401, "invalid_refresh_token")


@on_both
def test_a_session_that_nobody_can_use_any_more_is_not_listed(server, store, person, app):
    other = App(server, person)

    def listed():
        answer = other.client.get("/me/sessions", headers=bearer(other.access))
        return [session["id"] for session in answer.json()["data"]]

    assert listed() == [other.session, app.session]
    store.age_session(app.session, 30 * DAY)
    assert listed() == [other.session]


@on_both
def test_a_session_ends_after_180_days_whatever_is_refreshed(store, app):
    for _ in range(8):
        store.age_session(app.session, 20 * DAY)
        app.rotate()
    # 160 days: the last token lives as long as the session, not longer.
    expiry, end = (
        store.value(f"SELECT max(expires_at) FROM {table} WHERE {column} = ?", key(app.session))
        for table, column in [("refresh_tokens", "session_id"), ("sessions", "id")]
    )
    assert expiry == end
    store.age_session(app.session, 20 * DAY)
    problem(app.present(app.refresh_token), 401, "invalid_refresh_token")


def test_the_lives_are_what_the_operator_sets(start):
    server = start(REFRESH_TOKEN_EXPIRE="2h", SESSION_MAX_AGE="3h", ACCESS_TOKEN_EXPIRE="5m", REFRESH_REUSE_WINDOW="1s")
    store = Store(server)
    person = make_person(server)
    browser, tokens = sign_in(server, person)
    assert tokens["expires_in"] == 300
    app = App(server, person)
    parent = app.rotate()
    lost = app.refresh_token
    store.age_session(app.session, SECOND)
    app.take(app.present(parent))
    assert app.refresh_token != lost
    store.age_session(app.session, 2 * 3_600 * SECOND)
    problem(app.present(app.refresh_token), 401, "invalid_refresh_token")


@on_both
def test_a_token_of_an_erased_account_is_worth_nothing(server):
    person = make_person(server)
    app = App(server, person)
    answer = app.client.delete("/me", json={"password": person.password}, headers=bearer(app.access))
    assert answer.status_code == 204, answer.text
    problem(app.present(app.refresh_token), 401, "invalid_refresh_token")


@on_both
def test_our_own_fault_is_503_and_never_401(start):
    server = start()
    store = Store(server)
    app = App(server, make_person(server))
    with store.locked():
        answer = app.present(app.refresh_token)
    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Set-Cookie" not in answer.headers
    app.rotate()
    assert app.is_in()
