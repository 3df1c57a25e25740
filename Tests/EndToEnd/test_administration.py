"""The administration over REST: who may, what is refused, and how soon all of it counts."""

import json
import time
from datetime import datetime, timedelta

import pytest
from support import forge
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.server import eventually, run
from support.store import Store

SERVICE = {
    "slug": "shop",
    "name": "Shop",
    "audience": "shop",
    "upstream": "http://127.0.0.1:9000",
    "required_permission": "shop:use",
}


class Caller:
    """Somebody with a bearer credential."""

    def __init__(self, server, credential):
        self.client = server.client()
        self.headers = bearer(credential)

    def __call__(self, method, path, body=None, **headers):
        return self.client.request(method, path, json=body, headers=self.headers | headers)

    def ok(self, method, path, body=None, status=200):
        answer = self(method, path, body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def make_admin(server):
    email = fresh_email("boss")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    client = server.client()
    body = {"token": token_of(link), "password": PASSWORD}
    assert client.post("/administrator/accept", json=body).status_code == 200
    return Caller(server, client.log_in(email).json()["access_token"])


@pytest.fixture
def installation(start):
    server = start()
    return server, make_admin(server)


def make_caller(server):
    person = make_person(server)
    _, tokens = sign_in(server, person)
    return person, Caller(server, tokens["access_token"])


def key_of(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]


def give(admin, person, name, permissions):
    """A role of these permissions, and nothing else."""
    admin.ok("POST", "/roles", {"name": name, "permissions": permissions}, 201)
    admin.ok("PUT", f"/users/{person.id}/roles", {"roles": [name]})


def test_an_ordinary_person_is_refused_everywhere_and_nobody_is_told_more(installation):
    server, admin = installation
    person, ordinary = make_caller(server)
    nobody = server.client()
    for method, path in [
        ("GET", "/users"), ("POST", "/users"), ("GET", f"/users/{person.id}"), ("GET", "/roles"), ("POST", "/services"),
        ("GET", "/audit"), ("GET", "/usage"), ("GET", f"/access/explain/{person.id}"), ("GET", "/api-keys?all=true"),
        ("PUT", f"/users/{person.id}/roles"), ("PUT", f"/users/{person.id}/entitlement"),
    ]:
        problem(ordinary(method, path), 403, "permission_denied")
        answer = nobody.request(method, path)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert ordinary.ok("GET", "/me/permissions")["permissions"] == []
    assert admin.ok("GET", "/me/permissions")["permissions"] == ["*:*"]
    assert admin.ok("GET", "/me/permissions")["roles"] == ["admin"]


def test_a_user_is_made_found_changed_blocked_and_erased(installation):
    server, admin = installation
    email = fresh_email("made")
    body = {"email": email, "password": PASSWORD, "is_verified": True, "first_name": "Made"}
    made = admin("POST", "/users", body, **{"Idempotency-Key": "one"})
    assert made.status_code == 201
    user = made.json()
    assert made.headers["Location"] == f"/users/{user['id']}"
    again = admin("POST", "/users", body, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, user, "true")
    problem(admin("POST", "/users", body), 409, "email_taken")
    assert [found["id"] for found in admin.ok("GET", f"/users?search={email}")["data"]] == [user["id"]]
    assert admin.ok("PATCH", f"/users/{user['id']}", {"username": "m", "first_name": None})["first_name"] is None

    tokens = server.client().log_in(email).json()
    assert len(admin.ok("GET", f"/users/{user['id']}/sessions")["data"]) == 1
    blocked = admin.ok("POST", f"/users/{user['id']}/block", {"reason": "spam"})
    assert (blocked["is_blocked"], blocked["block_reason"]) == (True, "spam")
    assert server.client().me(tokens["access_token"]).status_code == 401
    problem(server.client().log_in(email), 403, "account_blocked")
    assert admin.ok("POST", f"/users/{user['id']}/unblock")["is_blocked"] is False
    assert server.client().log_in(email).status_code == 200

    admin.ok("DELETE", f"/users/{user['id']}/sessions", status=204)
    assert admin.ok("GET", f"/users/{user['id']}/sessions")["data"] == []
    admin.ok("DELETE", f"/users/{user['id']}", status=204)
    problem(admin("GET", f"/users/{user['id']}"), 404, "not_found")


def test_the_last_administrator_stays(installation):
    server, admin = installation
    [boss] = admin.ok("GET", "/users?is_admin=true")["data"]
    for answer in [
        admin("DELETE", f"/users/{boss['id']}"),
        admin("POST", f"/users/{boss['id']}/block", {"reason": "x"}),
        admin("PATCH", f"/users/{boss['id']}", {"is_active": False}),
        admin("PUT", f"/users/{boss['id']}/roles", {"roles": []}),
    ]:
        problem(answer, 409, "last_admin")
    person, _ = make_caller(server)
    admin.ok("PUT", f"/users/{person.id}/roles", {"roles": ["admin"]})
    admin.ok("PUT", f"/users/{boss['id']}/roles", {"roles": []})
    eventually(lambda: admin("GET", "/users").status_code == 403, "the rights to be gone")


def test_nobody_hands_out_or_takes_away_a_right_that_he_does_not_have(installation):
    server, admin = installation
    person, manager = make_caller(server)
    give(admin, person, "keeper", ["roles:*", "users:*", "documents:read"])
    eventually(lambda: manager("GET", "/roles").status_code == 200, "the role to count")
    other = make_person(server)
    problem(manager("POST", "/roles", {"name": "x", "permissions": ["documents:write"]}), 403, "permission_denied")
    problem(manager("PUT", f"/users/{other.id}/roles", {"roles": ["admin"]}), 403, "permission_denied")
    problem(manager("PUT", f"/users/{person.id}/roles", {"roles": ["support"]}), 403, "permission_denied")
    [boss] = admin.ok("GET", "/users?is_admin=true")["data"]
    problem(manager("DELETE", f"/users/{boss['id']}"), 403, "permission_denied")
    problem(manager("POST", f"/users/{boss['id']}/block", {"reason": "x"}), 403, "permission_denied")
    role = manager.ok("POST", "/roles", {"name": "reader", "permissions": ["documents:read"]}, 201)
    manager.ok("PUT", f"/users/{other.id}/roles", {"roles": ["reader"]})
    problem(admin("DELETE", f"/roles/{role['id']}"), 409, "role_in_use")
    support = next(role for role in admin.ok("GET", "/roles")["data"] if role["name"] == "support")
    problem(admin("PATCH", f"/roles/{support['id']}", {"permissions": []}), 409, "built_in_role")
    refused = admin.ok("GET", f"/audit?actor=user:{person.id}")["data"]
    assert {line["action"] for line in refused if line["reason"] == "permission_denied"} == {
        "role.created", "user.roles_changed", "user.deleted", "user.blocked",
    }


def decide(server, key, credential, **fields):
    body = {"credential": credential, "method": "GET", "path": "/x", **fields}
    return server.client().post("/access/check", json=body, headers={"X-Api-Key": key})


def test_a_services_life_and_a_plan_count_at_once(installation):
    server, admin = installation
    made = admin("POST", "/services", SERVICE)
    assert made.headers["Location"] == "/services/shop"
    problem(admin("POST", "/services", SERVICE), 409, "slug_taken")
    bad = problem(admin("PATCH", "/services/shop", {"routes": [{"path": "//"}], "name": ""}), 422, "validation_failed")
    assert set(bad["errors"]) == {"name", "routes[0].path"}
    key = key_of(admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))
    person, caller = make_caller(server)
    token = caller.headers["Authorization"].removeprefix("Bearer ")

    def reason():
        decision = decide(server, key, token, service="shop").json()
        return decision.get("reason")

    assert reason() == "permission_denied"
    give(admin, person, "buyer", ["shop:use"])
    eventually(lambda: reason() is None, "the role to count")
    admin.ok("PATCH", "/services/shop", {"plans": ["pro"]})
    eventually(lambda: reason() == "not_in_plan", "the service to be for pro only")
    assert admin.ok("PUT", f"/users/{person.id}/entitlement", {"plan": "pro"})["effective_plan"] == "pro"
    eventually(lambda: reason() is None, "the plan to count")
    admin.ok("DELETE", f"/users/{person.id}/entitlement", status=204)
    eventually(lambda: reason() == "not_in_plan", "the plan to be gone")
    admin.ok("POST", "/services/shop/deactivate")
    eventually(lambda: reason() == "service_unknown", "the service to be closed")
    admin.ok("POST", "/services/shop/activate")
    admin.ok("DELETE", "/services/shop", status=204)
    problem(admin("GET", "/services/shop"), 404, "not_found")


def test_a_decision_is_explained_by_its_counter(installation):
    server, admin = installation
    admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
    key = key_of(admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))
    person, caller = make_caller(server)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    decision = decide(server, key, token, service="shop").json()
    told = admin.ok("GET", f"/access/explain/{decision['id']}")
    assert (told["allowed"], told["service"], told["path"]) == (True, "shop", "/x")
    assert told["caller"]["user_id"] == person.id
    assert (told["limit"]["limit"], told["limit"]["used"]) == (50, 1)
    problem(caller("GET", f"/access/explain/{decision['id']}"), 403, "permission_denied")
    problem(admin("GET", f"/access/explain/{person.id}"), 404, "not_found")

    [window] = [use for use in caller.ok("GET", "/usage/me")["windows"] if use["limit"]]
    assert (window["window"], window["used"], window["limit"], window["remaining"]) == ("day", 1, 50, 49)
    [day] = admin.ok("GET", f"/usage?subject=user:{person.id}&service=shop")["data"]
    assert (day["service"], day["used"]) == ("shop", 1)
    problem(admin("GET", "/usage?subject=me"), 422, "validation_failed")


def test_a_refusal_is_explained_from_the_audit_log_when_no_process_remembers_it(installation):
    server, admin = installation
    key = key_of(admin("POST", "/api-keys", {"name": "gate", "scopes": ["access:check"]}))
    forged = [decide(server, key, "forged", service="cvmaker").json() for _ in range(3)]
    unknown = decide(server, key, "forged", service="nobody").json()
    assert {decision["reason"] for decision in forged} == {"invalid_credential"}

    def recorded():
        lines = admin.ok("GET", "/audit?action=access.decide&limit=100")["data"]
        return sum(line["count"] for line in lines if line["reason"] == "invalid_credential") == 3

    eventually(recorded, "the refusals in the audit log")
    assert admin.ok("GET", f"/access/explain/{forged[0]['id']}")["recorded_in"] == "memory"
    server.kill()
    server.start()
    admin = make_admin(server)
    for decision in forged:
        told = admin.ok("GET", f"/access/explain/{decision['id']}")
        assert (told["recorded_in"], told["id"], told["allowed"]) == ("identifier", decision["id"], False)
        assert (told["reason"], told["status"], told["service"]) == ("invalid_credential", 401, "cvmaker")
        assert told["decided_at"] == decision["decided_at"]
        assert told["audit_entry"]["count"] in (1, 2, 3) and told["audit_entry"]["user_id"] is None
        assert (told["caller"], told["limit"], told["path"]) == (None, None, None)
        [line] = [line for line in admin.ok("GET", "/audit?action=access.decide")["data"]
                  if line["id"] == told["audit_entry"]["id"]]
        assert line["time"] == told["audit_entry"]["time"]
    # The log names the decision plainly.
    first = line["personal"]["decision_id"]
    assert admin.ok("GET", f"/access/explain/{first}")["recorded_in"] == "audit_log"
    # What is not in the log is in its identifier.
    told = admin.ok("GET", f"/access/explain/{unknown['id']}")
    assert (told["recorded_in"], told["reason"], told["service"]) == ("identifier", "service_unknown", "nobody")
    assert told["audit_entry"] is None


def test_a_key_acts_within_its_scopes_and_dies_at_once(installation):
    server, admin = installation
    person, caller = make_caller(server)
    give(admin, person, "staff", ["users:read", "services:read"])
    eventually(lambda: caller("GET", "/users").status_code == 200, "the role to count")
    wanted = {"name": "k", "services": ["gapura"], "scopes": ["users:read"]}
    problem(caller("POST", "/api-keys", wanted | {"scopes": ["users:*"]}), 403, "permission_denied")
    made = caller("POST", "/api-keys", wanted, **{"Idempotency-Key": "k"})
    text = key_of(made)
    again = caller("POST", "/api-keys", wanted, **{"Idempotency-Key": "k"})
    assert again.status_code == 201 and "key" not in again.json()
    assert again.json() == {name: value for name, value in made.json().items() if name != "key"}

    client = server.client()
    for headers in ({"X-Api-Key": text}, bearer(text)):
        assert client.get("/users", headers=headers).status_code == 200
        problem(client.get("/services", headers=headers), 403, "permission_denied")
    problem(client.get("/me", headers=bearer(text)), 401, "unauthenticated")
    program = Caller(server, text)
    problem(program("DELETE", f"/users/{person.id}"), 403, "permission_denied")
    problem(program("POST", "/api-keys", wanted), 403, "permission_denied")
    assert client.get("/users", headers={"X-Api-Key": forge.misspelt(text)}).status_code == 401

    path = made.headers["Location"]
    _, stranger = make_caller(server)
    problem(stranger("GET", path), 404, "not_found")
    problem(stranger("DELETE", path), 404, "not_found")
    started = time.monotonic()
    admin.ok("DELETE", path, status=204)
    eventually(lambda: program("GET", "/users").status_code == 401, "the key to be dead")
    assert time.monotonic() - started < 30
    assert caller.ok("GET", path)["state"] == "revoked"
    assert text[15:].encode() not in server.database.at_rest()


def test_a_customer_makes_a_key_and_it_opens_what_it_lists(installation):
    server, admin = installation
    for slug in ("notes", "other"):
        service = {"slug": slug, "name": slug, "audience": slug, "upstream": "http://127.0.0.1:1"}
        admin.ok("POST", "/services", service, 201)
    gateway = admin.ok("POST", "/api-keys", {"name": "nginx", "kind": "gateway", "services": ["notes", "other"]}, 201)
    assert (gateway["user_id"], gateway["scopes"]) == (None, ["access:check:notes", "access:check:other"])
    person, caller = make_caller(server)
    made = caller("POST", "/api-keys", {"name": "mine", "services": ["notes"]})
    assert (made.json()["kind"], made.json()["user_id"], made.json()["scopes"]) == ("personal", person.id, [])

    def reason(service, credential):
        answer = decide(server, gateway["key"], credential, service=service).json()
        return answer["reason"], answer["missing_service"]

    own = key_of(made)
    eventually(lambda: reason("notes", own) == (None, None), "the service to be known")
    assert reason("other", own) == ("permission_denied", "other")
    problem(Caller(server, own)("GET", "/me/permissions"), 403, "permission_denied")
    caller.ok("PATCH", made.headers["Location"], {"services": ["other", "gapura"]})
    eventually(lambda: reason("other", own) == (None, None), "the key to open the other service")
    assert reason("notes", own) == ("permission_denied", "notes")
    assert Caller(server, own).ok("GET", "/me/permissions")["permissions"] == []
    # What lies in the gateway's file opens nothing, whoever made it, and works on without them.
    assert reason("notes", gateway["key"]) == ("invalid_credential", None)


def test_who_does_not_meet_a_services_demand_does_not_take_it_away(installation):
    server, admin = installation
    payroll = {"slug": "payroll", "name": "Payroll", "audience": "payroll", "upstream": "http://127.0.0.1:1"}
    admin.ok("POST", "/services", payroll | {"required_permission": "payroll:read"}, 201)
    person, caller = make_caller(server)
    give(admin, person, "operator", ["services:*"])
    eventually(lambda: caller("GET", "/services").status_code == 200, "the role to count")
    key = key_of(caller("POST", "/api-keys", {"name": "k", "services": ["gapura"], "scopes": ["services:*"]}))
    for call in (caller, Caller(server, key)):
        for change in ({"required_permission": None}, {"allow_anonymous": True}, {"audience": "other"}):
            problem(call("PATCH", "/services/payroll", change), 403, "permission_denied")
        problem(call("DELETE", "/services/payroll"), 403, "permission_denied")
    evil = payroll | {"slug": "evil"}
    problem(caller("POST", "/services", evil), 409, "audience_taken")
    problem(caller("POST", "/services", evil | {"audience": server.url}), 409, "audience_taken")
    assert admin.ok("GET", "/services/payroll")["required_permission"] == "payroll:read"


def test_a_service_that_is_made_again_inherits_nothing(installation):
    server, admin = installation
    service = {"slug": "del1", "name": "Del", "audience": "del1", "upstream": "http://127.0.0.1:1"}
    admin.ok("POST", "/services", service, 201)
    gateway = key_of(admin("POST", "/api-keys", {"name": "gate", "kind": "gateway", "services": ["del1"]}))
    person, caller = make_caller(server)
    own = caller("POST", "/api-keys", {"name": "own", "services": ["del1"]})
    limits = [{"amount": 3, "window": "day", "scope": "service", "service": "del1"}]
    admin.ok("PUT", f"/users/{person.id}/entitlement", {"plan": "enterprise", "limits": limits})
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    eventually(lambda: decide(server, gateway, token, service="del1", dry_run=True).json().get("allowed"), "the plan")
    admin.ok("DELETE", "/services/del1", status=204)
    admin.ok("POST", "/services", service, 201)

    def asked():
        return decide(server, gateway, token, service="del1", dry_run=True).status_code == 403

    eventually(asked, "the gateway's key to say nothing of the new service")
    assert caller.ok("GET", own.headers["Location"])["services"] == []
    assert admin.ok("GET", f"/users/{person.id}/entitlement")["limits"] == []


def test_a_key_is_rotated_while_its_old_secret_still_counts(installation):
    server, admin = installation
    _, caller = make_caller(server)
    made = caller("POST", "/api-keys", {"name": "k", "services": ["gapura"]})
    path, old = made.headers["Location"], key_of(made)
    new = caller.ok("POST", f"{path}/rotate", {"overlap": 3_600})["key"]
    assert new[:15] == old[:15] and new != old
    for key in (old, new):
        assert Caller(server, key)("GET", "/me/permissions").status_code == 200
    assert caller.ok("GET", path)["previous_until"] is not None
    last = caller.ok("POST", f"{path}/rotate", {"overlap": 0})["key"]
    assert Caller(server, last)("GET", "/me/permissions").status_code == 200
    for key in (old, new):
        eventually(lambda key=key: Caller(server, key)("GET", "/me/permissions").status_code == 401, "its end")
    assert last[15:].encode() not in server.database.at_rest()


def test_nobody_makes_a_key_that_acts_for_somebody_who_may_more(installation):
    server, admin = installation
    person, caller = make_caller(server)
    give(admin, person, "keymaster", ["api_keys:write", "api_keys:read"])
    [boss] = admin.ok("GET", "/users?is_admin=true")["data"]
    wanted = {"name": "k", "services": ["*"], "user_id": boss["id"]}
    eventually(lambda: caller("GET", "/api-keys?all=true").status_code == 200, "the role to count")
    problem(caller("POST", "/api-keys", wanted), 403, "permission_denied")
    [line] = admin.ok("GET", f"/audit?subject=user:{boss['id']}&action=api_key.created")["data"]
    assert (line["outcome"], line["actor"]) == ("refused", f"user:{person.id}")

    made = admin.ok("POST", "/api-keys", wanted | {"user_id": person.id}, 201)
    assert made["user_id"] == person.id
    [line] = admin.ok("GET", f"/audit?subject=user:{person.id}&action=api_key.created")["data"]
    assert line["actor"] == f"user:{boss['id']}"


def test_an_owner_hears_of_what_others_do_with_their_keys_and_of_nothing_else(installation):
    server, admin = installation
    person, caller = make_caller(server)
    [boss] = admin.ok("GET", "/users?is_admin=true")["data"]
    wanted = {"name": "k", "services": ["gapura"]}
    own = caller("POST", "/api-keys", wanted).headers["Location"]
    caller.ok("PATCH", own, {"name": "mine"})
    caller.ok("POST", f"{own}/rotate", {})
    made = admin("POST", "/api-keys", wanted | {"user_id": person.id}).headers["Location"]
    admin.ok("PATCH", made, {"services": ["*"]})
    admin.ok("PATCH", own, {"name": "theirs"})
    admin.ok("PATCH", own, {"name": "theirs"})
    admin.ok("DELETE", own, status=204)
    admin.ok("DELETE", own, status=204)
    # A person's key is rotated by its owner alone.
    problem(admin("POST", f"{made}/rotate", {}), 403, "permission_denied")
    caller.ok("DELETE", made, status=204)

    def subjects():
        mails = [mail["subject"] for mail in server.client().mails(person.email)]
        return sorted(" ".join(subject.split()[-2:]) for subject in mails if "API key" in subject)

    expected = ["was changed", "was changed", "was created", "was revoked"]
    eventually(lambda: len(subjects()) >= len(expected), "the mails")
    assert subjects() == expected
    lines = [
        (line["action"], line["actor"]) for line in admin.ok("GET", f"/audit?subject=user:{person.id}&limit=100")["data"]
        if line["action"].startswith("api_key.") and line["outcome"] == "done"
    ]
    actions = ["api_key.revoked", "api_key.changed", "api_key.changed", "api_key.created"]
    assert lines == [(action, f"user:{boss['id']}") for action in actions]


def test_the_audit_log_tells_who_did_what_from_where(installation):
    server, admin = installation
    person = make_person(server)
    admin.ok("POST", f"/users/{person.id}/block", {"reason": "x"})
    [line] = admin.ok("GET", f"/audit?subject=user:{person.id}&action=user.blocked")["data"]
    assert line["actor"].startswith("user:") and line["outcome"] == "done"
    assert line["personal"]["address"] == "127.0.0.1"
    first = admin.ok("GET", "/audit?limit=1")
    second = admin.ok("GET", f"/audit?limit=1&cursor={first['next_cursor']}")
    assert first["data"] != second["data"]
    assert admin.ok("GET", f"/audit?to={line['time']}&subject=user:{person.id}&action=user.blocked")["data"] == []


def test_what_happens_is_told_by_events_and_in_the_log(installation):
    server, admin = installation
    store = Store(server)
    role = admin.ok("POST", "/roles", {"name": "editor", "permissions": []}, 201)["id"]
    service = admin.ok("POST", "/services", SERVICE, 201)["id"]
    made = admin("POST", "/api-keys", {"name": "k", "services": ["gapura"], "scopes": ["users:read"]})
    key = made.json()
    admin.ok("DELETE", made.headers["Location"], status=204)
    assert [type for type, _ in store.events(role)] == ["role.changed"]
    assert store.events(service) == [("service.changed", {"service_id": service, "slug": "shop"})]
    assert [type for type, _ in store.events(key["id"])] == ["api_key.created", "api_key.revoked"]
    assert [line[0] for line in store.audit(f"api_key:{key['id']}")] == ["api_key.created", "api_key.revoked"]
    assert key["key"] not in json.dumps(admin.ok("GET", "/audit?limit=100"))


def test_the_quota_of_a_user_begins_anew_beside_a_running_server(installation):
    server, admin = installation
    admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
    key = key_of(admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))
    person, caller = make_caller(server)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    for _ in range(50):
        assert decide(server, key, token, service="shop").json()["allowed"] is True
    assert decide(server, key, token, service="shop").json()["reason"] == "quota_exhausted"
    result = run("quota", "reset", person.email, "--json", folder=server.folder, variables=server.variables)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["subject"] == person.email
    eventually(lambda: decide(server, key, token, service="shop").json()["allowed"], "the quota to be reset")
    unknown = run("quota", "reset", "nobody@example.com", folder=server.folder, variables=server.variables)
    assert unknown.returncode == 1
