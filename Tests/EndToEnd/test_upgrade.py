"""An installation of 0.1.0 goes on under this program: nobody notices, and what was under way arrives once."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta

import pyotp
import pytest

from support.account import new_password, refresh, with_code
from support.client import bearer, problem, token_of
from support.server import eventually, run
from support.smtp import to
from support.upgrade import Installation, clock_library


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return clock_library(tmp_path_factory.mktemp("clock"))


@pytest.fixture
def old(databases, tmp_path, clock):
    return Installation("0.1.0", databases.of(tmp_path), clock)


@pytest.fixture
def server(old, start, mail_server, tmp_path):
    """This program, started where the old one was killed."""
    return start(folder=tmp_path, base=old.settings, **to(mail_server))


@pytest.fixture
def admin(old, client):
    """Somebody who does first what the new program asks of administrators in production: proves once more who they are,
    since a session of 0.1.0 has no proof, and sets up a second factor."""
    headers = bearer(old.root["access"])
    proof = client.post("/step-up", json={"password": old.password}, headers=headers)
    assert proof.status_code == 200, proof.text
    made = client.post("/me/mfa/totp", json={"name": "Phone"}, headers=headers).json()
    # By the clock of the server, which is set to the time of the fixtures.
    code = pyotp.TOTP(made["secret"]).at(datetime.fromisoformat(made["expires_at"]) - timedelta(minutes=15))
    confirmed = client.post(f"/me/mfa/totp/{made['id']}/confirm", json={"code": code}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text

    def call(method, path, body=None, **headers):
        return client.request(method, path, json=body, headers=bearer(old.root["access"]) | headers)

    return call


def test_the_schema_is_brought_up_to_date_once(old, tmp_path):
    def migrate(word):
        ended = run("migrate", word, "--json", folder=tmp_path, variables=old.variables)
        entries = [(entry["module"], entry["version"], entry.get("state")) for entry in json.loads(ended.stdout)]
        return ended.returncode, entries

    there = set(old.database.rows("SELECT module, version FROM schema_migrations"))
    code, entries = migrate("status")
    assert {(module, version) for module, version, state in entries if state == "applied"} == there
    pending = [(module, version) for module, version, state in entries if state == "pending"]
    assert len(there) + len(pending) == len(entries)
    assert code == (1 if pending else 0)
    code, done = migrate("up")
    assert (code, [(module, version) for module, version, _ in done]) == (0, pending)
    assert migrate("up") == (0, [])
    assert migrate("status") == (0, [(module, version, "applied") for module, version, _ in entries])
    assert old.database.is_sound()


def test_sessions_and_passwords_go_on(old, server, client):
    me = client.me(old.ana["access"])
    assert me.status_code == 200, me.text
    assert (me.json()["id"], me.json()["username"]) == (old.users["ana"]["id"], "ana")
    assert me.json()["profile"]["last_name"] == "Жук" and me.json()["locale"] == "id"
    answer = refresh(server, old.ana["refresh"])
    assert answer.status_code == 200, answer.text
    assert refresh(server, old.ana["refresh"]).json()["refresh_token"] == answer.json()["refresh_token"]
    assert refresh(server, answer.json()["refresh_token"]).status_code == 200

    problem(client.me(old.ended["access"]), 401, "unauthenticated")
    problem(refresh(server, old.ended["refresh"]), 401, "session_revoked")
    problem(client.me(old.blocked["access"]), 401, "unauthenticated")
    problem(refresh(server, old.blocked["refresh"]), 401, "session_revoked")
    problem(refresh(server, old.spent_refresh), 401, "refresh_token_reused")
    assert client.me(old.late["access"]).status_code == 200

    for name in ("ana", "root", "moving"):
        assert client.log_in(old.email(name), old.password).status_code == 200
    assert client.log_in(old.email("ana"), "wrong").status_code == 401
    imported = {"email": "imported@example.com", "password": old.imported_password}
    assert [client.post("/login", json=imported).status_code for _ in range(2)] == [200, 200]
    for name, status, code in [
        ("unproved", 403, "email_not_verified"), ("blocked", 403, "account_blocked"),
        ("deactivated", 403, "account_inactive"), ("erased", 401, "invalid_credentials"),
        ("leaving", 401, "invalid_credentials"),
    ]:
        problem(client.log_in(old.email(name), old.password), status, code)


def test_links_and_codes_that_are_in_the_mail_work(old, client):
    assert client.prove(old.verification).status_code == 200
    assert client.log_in(old.email("unproved"), old.password).status_code == 200
    assert client.prove(old.verification).json()["is_verified"] is True

    assert new_password(client, old.reset).status_code == 200
    problem(client.log_in(old.email("forgetful"), old.password), 401, "invalid_credentials")
    wrong = "000000" if old.coded_code != "000000" else "000001"
    problem(with_code(client, old.email("coded"), wrong), 401, "invalid_code")
    assert with_code(client, old.email("coded"), old.coded_code).status_code == 200
    assert client.post("/login/link", json={"token": old.linked_link}).status_code == 200
    answer = client.post("/change-email/confirm", json={"token": old.move})
    assert (answer.status_code, answer.json()["email"]) == (200, "moved@example.com")
    body = {"token": old.administrator_link, "email": "second@example.com", "password": old.password}
    assert client.post("/administrator/accept", json=body).status_code == 200


def test_keys_counts_and_reservations_go_on(old, client):
    def ask(door="/access/check", gateway="gateway", **question):
        return client.post(door, json=question, headers={"X-Api-Key": old.key(gateway)})

    def of_ana(path, credential=old.ana["access"], **question):
        answer = ask(service="shop", credential=credential, method="GET", path=path, **question)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def used():
        windows = client.get("/usage/me", headers=bearer(old.ana["access"])).json()["windows"]
        return [window["used"] for window in windows if window["limit"] == 10]

    assert used() == [old.used]
    assert of_ana("/", credential=old.key("revoked"))["reason"] == "invalid_credential"
    assert of_ana("/", credential=old.key("left"))["reason"] == "invalid_credential"
    # A key of that time says nothing of the services that it opens, so it opens none until its owner lists some.
    refused = of_ana("/orders/1", credential=old.key("personal"))
    assert (refused["reason"], refused["missing_service"]) == ("permission_denied", "shop")
    path = f"/api-keys/{old.keys['personal']['id']}"
    changed = client.patch(path, json={"services": ["shop"]}, headers=bearer(old.ana["access"]))
    assert (changed.status_code, changed.json()["services"]) == (200, ["shop"])
    decision = of_ana("/orders/1", credential=old.key("personal"))
    # Two are set aside since the old program.
    assert decision["allowed"] and decision["limit"]["used"] == old.used + 2 + 2
    assert of_ana("/", cost=3)["reason"] == "quota_exhausted"
    settled = ask(f"/access/reservations/{old.reservation}/commit", used=1)
    assert (settled.status_code, settled.json()["state"]) == (200, "committed")
    assert of_ana("/", cost=3)["allowed"]
    assert of_ana("/")["reason"] == "quota_exhausted"
    assert used() == [10]

    visitor = {"address": "203.0.113.7", "device": "device-of-somebody"}
    # One question a day is what somebody has who is not signed in.
    assert ask(service="news", anonymous=visitor).json()["reason"] == "quota_exhausted"
    assert ask(service="news", anonymous=visitor | {"address": "203.0.113.8", "device": "another"}).json()["allowed"]
    assert ask(service="closed", credential=old.ana["access"]).json()["reason"] == "service_unknown"
    problem(ask(gateway="shop", service="news", anonymous=visitor), 403, "untrusted_gateway")
    problem(client.get("/users", headers={"X-Api-Key": old.key("gateway")}), 403, "permission_denied")
    # The keys of gateways are nobody's: what happens to whoever made them does not matter, and they are no callers.
    assert of_ana("/", credential=old.key("shop"))["reason"] == "invalid_credential"


def test_the_administration_goes_on(old, client, admin):
    found = {user["email"] for user in admin("GET", "/users?limit=100").json()["data"]}
    assert {old.email(name) for name in ("root", "ana", "blocked", "unproved", "queued")} <= found
    assert not {old.email("erased"), old.email("leaving")} & found
    problem(client.get("/users", headers=bearer(old.key("reader"))), 403, "permission_denied")
    keys = {key["name"]: key for key in admin("GET", "/api-keys?all=true").json()["data"]}
    kinds = {name: (key["kind"], key["services"], key["user_id"]) for name, key in keys.items()}
    root = old.users["root"]["id"]
    assert kinds["gateway"] == ("gateway", ["*"], None) and kinds["shop"] == ("gateway", ["shop"], None)
    assert kinds["reader"] == ("personal", [], root)
    assert admin("PATCH", f"/api-keys/{keys['reader']['id']}", {"services": ["gapura"]}).status_code == 200
    assert client.get("/users", headers=bearer(old.key("reader"))).status_code == 200
    [line] = admin("GET", f"/audit?action=user.blocked&subject=user:{old.users['blocked']['id']}").json()["data"]
    assert line["actor"] == f"user:{old.users['root']['id']}"
    assert [service["slug"] for service in admin("GET", "/services").json()["data"]] == ["closed", "news", "shop"]
    roles = admin("GET", f"/users/{old.users['ana']['id']}/roles").json()["data"]
    assert [role["name"] for role in roles] == ["buyer", "support"]
    plan = admin("GET", f"/users/{old.users['ana']['id']}/entitlement").json()
    assert plan["effective_plan"] == "enterprise"

    sent = old.idempotent
    again = admin("POST", "/api-keys", sent["body"], **{"Idempotency-Key": sent["key"]})
    assert (again.status_code, again.headers["Idempotent-Replayed"], again.json()["id"]) == (201, "true", sent["id"])
    path = f"/users/{old.users['blocked']['id']}/unblock"
    assert admin("POST", path).json()["is_blocked"] is False
    assert client.log_in(old.email("blocked"), old.password).status_code == 200
    assert admin("DELETE", f"/users/{old.users['ana']['id']}").status_code == 204
    problem(client.log_in(old.email("ana"), old.password), 401, "invalid_credentials")
    assert len(client.get("/.well-known/jwks.json").json()["keys"]) == 2


def test_events_and_mails_that_waited_arrive_once(old, server, client, admin, mail_server):
    waited = ["queued", "later", "undelivered", "ana", "imported"]

    def mail_to(name):
        """But for those about old keys, which say that services must be listed."""
        found = [mail.part("plain") for mail in list(mail_server.mails) if mail.recipient == f"{name}@example.com"]
        return next((text for text in found if "PATCH /api-keys" not in text), None)

    mails = {name: eventually(lambda name=name: mail_to(name), f"a mail to {name}") for name in waited}

    def link(name):
        return token_of(re.search(r"https://\S+", mails[name])[0])

    for name in ("queued", "later", "undelivered"):
        assert client.prove(link(name)).json()["email"] == old.email(name)
        assert client.log_in(old.email(name), old.password).status_code == 200
    code = re.search(r"(?<!\d)\d{6}(?!\d)", mails["imported"])[0]
    assert with_code(client, "imported@example.com", code).status_code == 200

    # What the gate does when somebody is gone, who had gone behind the last delivery.
    path = f"/api-keys/{old.keys['left']['id']}"
    eventually(lambda: admin("GET", path).json()["state"] == "revoked", "the keys of the erased to be revoked")
    lines = admin("GET", f"/audit?subject=api_key:{old.keys['left']['id']}&action=api_key.revoked").json()["data"]
    assert len(lines) == 1

    def nothing_waits():
        queued = old.database.rows("SELECT count(*) FROM notifications WHERE state = 'queued'")
        return [old.database.rows("SELECT count(*) FROM outbox"), queued] == [[(0,)], [(0,)]]

    eventually(nothing_waits, "the end of all that waited")
    assert old.database.rows("SELECT count(*) FROM dead_letters") == [(0,)]
    assert new_password(client, link("ana")).status_code == 200
    server.variables["APP_URL"] = "https://id.example.com"
    assert server.stop() == 0
    server.start()
    mail_server.wait_for("ana@example.com", 3)
    eventually(nothing_waits, "the notice of the new password to be the last")
    received = Counter(mail.recipient for mail in mail_server.mails)
    about_keys = ["ana", "root", "moving"]
    # Who proves an address is welcomed.
    welcomed = ["queued", "later", "undelivered"]
    # Whose account has a second factor from now on.
    protected = ["root"]
    assert received == Counter(f"{name}@example.com" for name in [*waited, "ana", *about_keys, *welcomed, *protected])
