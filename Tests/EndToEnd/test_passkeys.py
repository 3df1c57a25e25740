"""Passkeys: registration and sign-in, by an authenticator that the tests sign with themselves."""

import json
import time
from dataclasses import dataclass

import jwt
import pytest
import webauthn
from fido2.server import Fido2Server
from fido2.webauthn import AttestedCredentialData, PublicKeyCredentialRpEntity
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from support import mails
from support.authenticator import BE, BS, EDDSA, ES256, RS256, UP, UV, Authenticator, decode, encode
from support.client import at_once, bearer, make_person, problem, sign_in
from support.recorded_ceremonies import FILE
from support.database import span
from support.store import MINUTE, Store

RECORDED = json.loads(FILE.read_text())
ceremonies = pytest.mark.parametrize("ceremony", RECORDED["ceremonies"], ids=lambda ceremony: ceremony["name"])


@ceremonies
def test_webauthn_verifies_the_recorded_ceremonies(ceremony):
    expected = {"expected_rp_id": RECORDED["rp_id"], "expected_origin": RECORDED["origin"]}
    made = webauthn.verify_registration_response(
        credential=ceremony["registration"],
        expected_challenge=decode(ceremony["creation_challenge"]),
        require_user_verification=True,
        **expected,
    )
    check = {
        "expected_challenge": decode(ceremony["request_challenge"]),
        "credential_public_key": made.credential_public_key,
        "credential_current_sign_count": made.sign_count,
        "require_user_verification": True,
        **expected,
    }
    used = webauthn.verify_authentication_response(credential=ceremony["assertion"], **check)
    assert (used.new_sign_count, used.credential_backed_up) == (ceremony["sign_count"], ceremony["backed_up"])
    with pytest.raises(InvalidAuthenticationResponse):
        webauthn.verify_authentication_response(credential=flipped(ceremony["assertion"]), **check)


@ceremonies
def test_fido2_verifies_the_recorded_ceremonies(ceremony):
    server = Fido2Server(PublicKeyCredentialRpEntity(name="Gapura", id=RECORDED["rp_id"]))
    made = server.register_complete(state(ceremony["creation_challenge"]), ceremony["registration"])
    credential = AttestedCredentialData(made.credential_data)
    assert credential.public_key[3] == ceremony["algorithm"]
    asked = state(ceremony["request_challenge"])
    used = server.authenticate_complete(asked, [credential], ceremony["assertion"])
    assert used.credential_id == decode(ceremony["assertion"]["id"])
    with pytest.raises(Exception, match="(?i)signature|^$"):
        server.authenticate_complete(asked, [credential], flipped(ceremony["assertion"]))


# The port of the server plays no part: the authenticator is given the origin.
ORIGIN = "http://localhost:8080"


@dataclass
class Owner:
    """Somebody signed in, by a browser of their own."""

    server: object
    person: object
    browser: object

    @property
    def id(self):
        return self.person.id

    def options(self):
        answer = self.browser.post("/me/passkeys/options")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, credential, **fields):
        return self.browser.post("/me/passkeys", json={"credential": credential} | fields)

    def add(self, authenticator, **fields):
        answer = self.send(authenticator.create(self.options(), ORIGIN), **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
def server(start):
    return start(APP_URL=ORIGIN)


@pytest.fixture
def store(server):
    return Store(server)


@pytest.fixture
def owner(server):
    person = make_person(server)
    return Owner(server, person, sign_in(server, person)[0])


def options(browser):
    answer = browser.post("/login/passkey/options")
    assert answer.status_code == 200, answer.text
    return answer.json()


def use(server, authenticator, browser=None, **wrong):
    """A sign-in in a browser of its own."""
    browser = browser or server.client()
    credential = authenticator.get(options(browser), wrong.pop("origin", ORIGIN), **wrong)
    return browser.post("/login/passkey", json={"credential": credential})


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
@pytest.mark.parametrize("synced", [False, True])
def test_a_passkey_is_added_and_signs_in(server, store, owner, algorithm, synced):
    authenticator = Authenticator(algorithm, synced)
    asked = owner.options()
    assert asked["rp"] == {"id": "localhost", "name": "Gapura"}
    assert asked["user"]["name"] == owner.person.email
    assert len(decode(asked["user"]["id"])) == 32 and owner.id not in json.dumps(asked)
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-8, -7, -257]
    assert asked["authenticatorSelection"] | {"requireResidentKey": True} == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (asked["attestation"], asked["timeout"], asked["excludeCredentials"]) == ("none", 300_000, [])
    passkey = owner.add(authenticator, name="Phone")
    assert (passkey["name"], passkey["is_synced"], passkey["is_backed_up"]) == ("Phone", synced, synced)
    assert passkey["last_used"] is None and not passkey["is_suspended"]
    [excluded] = owner.options()["excludeCredentials"]
    assert decode(excluded["id"]) == authenticator.id

    request = options(server.client())
    assert (request["allowCredentials"], request["rpId"], request["userVerification"]) == ([], "localhost", "required")
    before = int(time.time()) - 1
    answer = use(server, authenticator)
    assert answer.status_code == 200, answer.text
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["sub"] == owner.id
    assert claims["amr"] == ["swk" if synced else "hwk", "user"]
    assert (claims["acr"], claims["auth_time"] >= before) == ("aal2", True)
    assert use(server, authenticator).status_code == 200
    [listed] = owner.browser.get("/me/passkeys").json()["data"]
    assert listed["last_used"] is not None
    assert [type for type, _ in store.events(owner.id) if type.startswith("passkey")] == ["passkey.added"]
    assert [line[:2] for line in store.audit(f"user:{owner.id}", "passkey.added")] == [("passkey.added", "done")]
    mails.wait_for(server.client(), owner.person.email, mails.PASSKEY_ADDED)


def test_an_app_gets_its_tokens_in_the_body(server, owner):
    authenticator = Authenticator()
    owner.add(authenticator)
    app = server.client()
    credential = authenticator.get(options(app), ORIGIN)
    answer = app.post("/login/passkey", json={"credential": credential}, headers={"X-Token-Delivery": "body"})
    assert {"access_token", "refresh_token", "device_token"} <= set(answer.json())
    assert server.client().me(answer.json()["access_token"]).json()["id"] == owner.id


WRONG = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:9090"},
    "a registration": {"client": {"type": "webauthn.create"}},
    "another challenge": {"client": {"challenge": encode(bytes(32))}},
    "a frame": {"client": {"crossOrigin": True}},
    "a frame's page": {"client": {"topOrigin": "https://evil.example"}},
    "nobody there": {"flags": UV},
    "nobody verified": {"flags": UP},
    "a copy of a key that has none": {"flags": UP | UV | BE},
    "backed up without being able": {"flags": UP | UV | BS},
    "another user's handle": {"handle": bytes(32)},
    "no handle": {"handle": None},
    "an empty handle": {"handle": b""},
}


def test_whatever_is_wrong_with_an_answer_nobody_gets_in(server, store, owner):
    authenticator = Authenticator()
    owner.add(authenticator)
    sessions = store.value("SELECT count(*) FROM sessions")
    for wrong in WRONG.values():
        problem(use(server, authenticator, **wrong), 401, "invalid_passkey")
    problem(use(server, Authenticator(), handle=bytes(32)), 401, "passkey_unknown")
    browser = server.client()
    credential = authenticator.get(options(browser), ORIGIN)
    for change in [{"type": "password"}, {"id": encode(bytes(16))}]:
        problem(browser.post("/login/passkey", json={"credential": credential | change}), 401, "invalid_passkey")
        credential = authenticator.get(options(browser), ORIGIN)
    # In a browser that did not ask, which spends nothing of the one that did.
    problem(server.client().post("/login/passkey", json={"credential": credential}), 401, "invalid_passkey")
    credential = authenticator.get(options(browser), ORIGIN)
    foreign = {"Origin": "https://evil.example"}
    problem(browser.post("/login/passkey", json={"credential": credential}, headers=foreign), 403, "origin_not_allowed")
    problem(browser.post("/login/passkey/options", headers=foreign), 403, "origin_not_allowed")
    assert store.value("SELECT count(*) FROM sessions") == sessions
    assert browser.post("/login/passkey", json={"credential": credential}).status_code == 200
    problem(browser.post("/login/passkey", json={"credential": credential}), 401, "invalid_passkey")
    assert store.value("SELECT count(*) FROM sessions") == sessions + 1
    browser.cookies.clear()
    problem(browser.post("/login/passkey", json={"credential": {}}), 422, "validation_failed")


def test_one_answer_sent_many_times_at_once_opens_one_session(server, owner):
    authenticator = Authenticator()
    owner.add(authenticator)
    browser = server.client()
    credential = authenticator.get(options(browser), ORIGIN)
    cookies = browser.cookies.get_dict()
    answers = at_once(20, lambda _: server.client().post(
        "/login/passkey", json={"credential": credential}, cookies=cookies))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
    assert use(server, authenticator).status_code == 200


def test_a_registration_counts_once_in_the_browser_and_session_that_asked(server, store, owner):
    def wrong(credential, browser=None):
        answer = (browser or owner.browser).post("/me/passkeys", json={"credential": credential})
        problem(answer, 401, "invalid_passkey")

    authenticator = Authenticator()
    for client in [{"type": "webauthn.get"}, {"origin": "https://evil.example"}, {"crossOrigin": True}]:
        wrong(authenticator.create(owner.options(), ORIGIN, client=client))
    for key in [{1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}, {1: 1, 3: -8, -1: 6, -2: bytes(32)},
                authenticator.cose() | {-4: bytes(32)}]:
        wrong(authenticator.create(owner.options(), ORIGIN, key=key))
    credential = authenticator.create(owner.options(), ORIGIN)
    other, _ = sign_in(server, owner.person)
    wrong(credential, other)
    # Another session in the same browser.
    credential = authenticator.create(owner.options(), ORIGIN)
    assert owner.browser.log_in(owner.person.email).status_code == 200
    wrong(credential)
    passkey = owner.add(authenticator)
    assert passkey["name"] == "Passkey 1"
    problem(owner.send(authenticator.create(owner.options(), ORIGIN)), 409, "passkey_exists")
    assert {line[2] for line in store.audit(f"user:{owner.id}", "passkey.add")} == {
        "client_data_type", "origin", "cross_origin", "key", "key_format", "challenge"}
    problem(server.client().post("/me/passkeys/options"), 401, "unauthenticated")


def test_a_request_that_is_sent_again_adds_one_passkey(server, owner):
    credential = Authenticator().create(owner.options(), ORIGIN)
    headers = {"Idempotency-Key": "one"}
    answers = [owner.browser.post("/me/passkeys", json={"credential": credential}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(owner.browser.get("/me/passkeys").json()["data"]) == 1


def test_a_count_that_falls_back_suspends_a_passkey_that_has_no_copies(server, store, owner):
    authenticator = Authenticator()
    passkey = owner.add(authenticator)
    assert use(server, authenticator, count=7).status_code == 200
    problem(use(server, authenticator, count=7), 401, "invalid_passkey")
    problem(use(server, authenticator, count=8), 401, "invalid_passkey")
    [listed] = owner.browser.get("/me/passkeys").json()["data"]
    assert listed["is_suspended"]
    assert store.events(owner.id, "passkey.counter_regressed") == [
        ("passkey.counter_regressed", {"user_id": owner.id, "passkey_id": passkey["id"], "is_suspended": True})]
    assert store.value("SELECT sign_count FROM passkeys") == 7
    assert len(store.audit(f"user:{owner.id}", "passkey.suspended")) == 1
    mails.wait_for(server.client(), owner.person.email, mails.PASSKEY_SUSPENDED)


def test_a_count_that_falls_back_is_told_of_a_shared_passkey_which_goes_on(server, store, owner):
    authenticator = Authenticator(synced=True)
    owner.add(authenticator)
    for count in (7, 3, 0):
        assert use(server, authenticator, count=count).status_code == 200
    assert store.value("SELECT sign_count FROM passkeys") == 7
    assert [data["is_suspended"] for _, data in store.events(owner.id, "passkey.counter_regressed")] == [False, False]
    assert mails.mails(server.client(), owner.person.email, mails.PASSKEY_SUSPENDED) == []


def test_a_passkey_is_its_owners_alone_and_gone_when_it_is_removed(server, owner):
    authenticator = Authenticator()
    passkey = owner.add(authenticator)
    path = f"/me/passkeys/{passkey['id']}"
    other, _ = sign_in(server, make_person(server))
    problem(other.patch(path, json={"name": "Mine"}), 404, "not_found")
    problem(other.delete(path), 404, "not_found")
    assert owner.browser.patch(path, json={"name": "Phone"}).json()["name"] == "Phone"
    problem(owner.browser.patch(path, json={"name": "\u202e"}), 422, "validation_failed")
    [exported] = owner.browser.get("/me/export").json()["passkeys"]
    assert (exported["name"], exported["id"]) == ("Phone", passkey["id"])
    assert owner.browser.delete(path).status_code == 204
    problem(owner.browser.delete(path), 404, "not_found")
    problem(use(server, authenticator), 401, "passkey_unknown")
    mails.wait_for(server.client(), owner.person.email, mails.PASSKEY_REMOVED)


def test_obstacles_and_erasure_count_for_passkeys_too(server, store, owner):
    authenticator = Authenticator()
    owner.add(authenticator)
    assert owner.browser.post("/deactivate", json={"password": owner.person.password}).status_code == 204
    problem(use(server, authenticator), 403, "account_inactive")
    person = make_person(server)
    erased = Owner(server, person, sign_in(server, person)[0])
    gone = Authenticator()
    erased.add(gone)
    assert erased.browser.delete("/me", json={"password": person.password}).status_code == 204
    problem(use(server, gone), 401, "passkey_unknown")
    assert store.value("SELECT count(*) FROM passkeys") == 1


def test_what_changes_passkeys_needs_a_fresh_proof(server, store, owner):
    passkey = owner.add(Authenticator())
    store.change("UPDATE sessions SET auth_time = auth_time - ?", span(11 * MINUTE))
    path = f"/me/passkeys/{passkey['id']}"
    for answer in [owner.browser.post("/me/passkeys/options"), owner.send(Authenticator().create(
            {"user": {"id": "AA"}, "challenge": "AA", "rp": {"id": "localhost"}}, ORIGIN)),
            owner.browser.patch(path, json={"name": "x"}), owner.browser.delete(path)]:
        problem(answer, 401, "step_up_required")
    assert len(owner.browser.get("/me/passkeys").json()["data"]) == 1
    assert owner.browser.post("/step-up", json={"password": owner.person.password}).status_code == 200
    assert owner.browser.delete(path).status_code == 204


@pytest.mark.only_on("sqlite")
def test_where_there_are_no_passkeys(start):
    """At an address of numbers, as the servers of the other tests are."""
    server = start()
    browser, _ = sign_in(server, make_person(server))
    problem(browser.post("/me/passkeys/options"), 404, "passkeys_off")
    problem(browser.post("/login/passkey/options"), 404, "passkeys_off")
    assert browser.get("/me/passkeys").json()["data"] == []


@pytest.mark.only_on("sqlite")
def test_another_domain_makes_passkeys_useless_and_the_start_says_so(start, tmp_path):
    folder = tmp_path / "moved"
    folder.mkdir()
    server = start(folder, APP_URL=ORIGIN)
    person = make_person(server)
    authenticator = Authenticator()
    Owner(server, person, sign_in(server, person)[0]).add(authenticator)
    server.close()
    server = start(folder, APP_URL="https://id.example.com", PASSKEY_RP_ID="example.com",
                   PAGES_URL="https://elsewhere.example", PASSKEY_ORIGINS="https://app.example.com")
    lines = [entry for entry in server.log if isinstance(entry, dict) and entry.get("level") == "warning"]
    assert any(entry.get("passkeys") == 1 and entry.get("rp_id") == "example.com" for entry in lines)
    assert any("PAGES_URL" in entry["message"] for entry in lines)


def state(challenge):
    return {"challenge": challenge, "user_verification": "required"}


def flipped(assertion):
    """With another last byte of the signature."""
    signature = decode(assertion["response"]["signature"])
    changed = signature[:-1] + bytes([signature[-1] ^ 1])
    return assertion | {"response": assertion["response"] | {"signature": encode(changed)}}
