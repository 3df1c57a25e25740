"""Service accounts: callers that are no person, with roles, a plan and keys of their own; and what each key has used."""

import uuid

import jwt
import pytest
from support.client import problem
from support.server import eventually, run
from support.store import Store
from test_administration import SERVICE, Caller, decide, give, key_of, make_admin, make_caller

IDENTITY = "gapura-identity+jwt"


class Robots:
    """An installation with a service, the key by which it asks, and service accounts."""

    def __init__(self, server):
        self.server = server
        self.store = Store(server)
        self.admin = make_admin(server)
        self.admin.ok("POST", "/services", SERVICE, 201)
        self.admin.ok("POST", "/roles", {"name": "buyer", "permissions": ["shop:use"]}, 201)
        self.gate = key_of(self.admin("POST", "/api-keys", {"name": "shop", "kind": "gateway", "services": ["shop"]}))

    def make(self, *roles):
        return self.admin.ok("POST", "/service-accounts", {"name": "Night job", "roles": list(roles)}, 201)

    def key(self, account, services=("shop",), scopes=("shop:use",)):
        wanted = {"name": "night", "services": list(services), "scopes": list(scopes)}
        return self.admin.ok("POST", "/api-keys", wanted | {"service_account_id": account["id"]}, 201)

    def decide(self, key, **fields):
        answer = decide(self.server, self.gate, key, service="shop", **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reason(self, key):
        return self.decide(key, dry_run=True)["reason"]

    def forward(self, key):
        headers = {"Authorization": f"Bearer {key}", "X-Forwarded-Uri": "/x", "X-Forwarded-Method": "GET"}
        return self.server.client().get("/access/forward/shop?dialect=caddy", headers=headers)


@pytest.fixture
def robots(start):
    return Robots(start())


def test_a_service_account_is_a_caller_of_its_own_and_is_known_as_one_everywhere(robots):
    account = robots.make("buyer")
    made = robots.key(account)
    assert (made["kind"], made["service_account_id"], made["user_id"]) == ("service_account", account["id"], None)
    decision = robots.decide(made["key"])
    assert decision["allowed"] is True
    assert decision["caller"] == {
        "kind": "service_account", "user_id": None, "service_account_id": account["id"], "tenant_id": None, "roles": [],
        "plan": "free",
    }
    told = robots.admin.ok("GET", f"/access/explain/{decision['id']}")
    assert told["caller"]["service_account_id"] == account["id"] and told["caller"]["user_id"] is None

    answer = robots.forward(made["key"])
    assert answer.status_code == 200
    seen = {name: answer.headers[name] for name in ("X-User-Id", "X-Caller-Kind", "X-Roles", "X-Plan", "X-User-Email")}
    assert seen == {
        "X-User-Id": "-", "X-Caller-Kind": "service_account", "X-Roles": "-", "X-Plan": "free", "X-User-Email": "-"}
    token = answer.headers["X-Gapura-Identity"]
    signed = jwt.PyJWKClient(robots.server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, signed.key, algorithms=["ES256"], audience="shop", issuer=robots.server.url)
    assert (claims["sub"], claims["kind"]) == (f"service_account:{account['id']}", "service_account")
    assert jwt.get_unverified_header(token)["typ"] == IDENTITY

    # The rights are what both the key and the account have.
    without = robots.key(account, scopes=[])
    assert robots.decide(without["key"])["missing_permission"] == "shop:use"
    elsewhere = robots.key(account, services=["gapura"])
    assert robots.decide(elsewhere["key"])["missing_service"] == "shop"


def test_its_roles_its_switch_and_its_end_count_at_the_next_request(robots):
    account = robots.make("buyer")
    path = f"/service-accounts/{account['id']}"
    made = robots.key(account)
    key = made["key"]
    assert robots.reason(key) is None
    assert robots.admin.ok("PATCH", path, {"roles": []})["roles"] == []
    assert robots.reason(key) == "permission_denied"
    robots.admin.ok("PATCH", path, {"roles": ["buyer"], "name": "Day job"})
    assert robots.reason(key) is None
    problem(robots.admin("DELETE", "/roles/" + next(
        role["id"] for role in robots.admin.ok("GET", "/roles")["data"] if role["name"] == "buyer")), 409, "role_in_use")

    assert robots.admin.ok("PATCH", path, {"is_active": False})["is_active"] is False
    refused = robots.decide(key)
    assert (refused["reason"], refused["caller"]["service_account_id"]) == ("account_blocked", account["id"])
    told = robots.admin.ok("GET", f"/access/explain/{refused['id']}")
    assert told["caller"]["service_account_id"] == account["id"]

    def named():
        lines = robots.admin.ok("GET", f"/audit?actor=service_account:{account['id']}")["data"]
        found = {(line["action"], line["reason"]) for line in lines}
        return found == {("access.decide", "permission_denied"), ("access.decide", "account_blocked")}

    eventually(named, "the refusals in the audit log")
    robots.admin.ok("PATCH", path, {"is_active": True})
    assert robots.reason(key) is None

    robots.admin.ok("DELETE", path, status=204)
    assert robots.reason(key) == "invalid_credential"
    problem(robots.admin("GET", path), 404, "not_found")
    assert robots.admin.ok("GET", f"/api-keys/{made['id']}")["state"] == "revoked"
    store = robots.store
    assert [type for type, _ in store.events(account["id"])] == ["service_account.changed"] * 6
    assert store.events(made["id"])[-1] == (
        "api_key.revoked", {"api_key_id": made["id"], "reason": "owner_deleted", "service_account_id": account["id"]})
    lines = [line[0] for line in store.audit(f"service_account:{account['id']}")]
    assert lines == ["service_account.created"] + ["service_account.changed"] * 4 + ["service_account.deleted"]


def test_its_plan_and_its_counters_are_its_own(robots):
    account = robots.make("buyer")
    path = f"/service-accounts/{account['id']}/entitlement"
    one, two = (robots.key(account)["key"] for _ in range(2))
    given = robots.admin.ok(
        "PUT", path, {"plan": "robots", "limits": [{"amount": 5, "window": "day", "scope": "global"}]})
    assert (given["service_account_id"], given["user_id"], given["effective_plan"]) == (account["id"], None, "robots")
    # All its keys draw from one counter.
    allowed = [robots.decide(key)["allowed"] for key in (one, two, one, two, one, two)]
    assert allowed == [True] * 5 + [False]
    last = robots.decide(one)
    assert (last["reason"], last["limit"]["used"], last["caller"]["plan"]) == ("quota_exhausted", 5, "robots")
    [day] = robots.admin.ok("GET", f"/usage?subject=service_account:{account['id']}")["data"]
    assert (day["service"], day["used"]) == ("shop", 5)
    assert sum(day["used"] for day in robots.admin.ok("GET", "/usage")["data"]) == 5

    def exhausted():
        events = robots.store.events(account["id"], "quota.exhausted")
        return [data["service_account_id"] for _, data in events] == [account["id"]]

    eventually(exhausted, "the event about the quota")
    subject = f"service_account:{account['id']}"
    done = run("quota", "reset", subject, folder=robots.server.folder, variables=robots.server.variables)
    assert done.returncode == 0, done.stderr
    eventually(lambda: robots.decide(one)["allowed"], "the quota to be reset")
    robots.admin.ok("DELETE", path, status=204)
    assert robots.decide(one)["caller"]["plan"] == "free"
    for wrong in ("service_account:nobody", f"service_account:{uuid.uuid4()}"):
        unknown = run("quota", "reset", wrong, folder=robots.server.folder, variables=robots.server.variables)
        assert unknown.returncode == 1


def test_at_this_api_it_does_what_its_roles_and_its_key_say_and_never_manages_accounts_or_keys(robots):
    admin = robots.admin
    admin.ok("POST", "/roles", {"name": "operator", "permissions": ["*:*"]}, 201)
    account = robots.make("operator")
    made = robots.key(account, services=["gapura"], scopes=["*:*"])
    robot = Caller(robots.server, made["key"])
    own = robot.ok("GET", "/me/permissions")
    assert (own["caller"], own["service_account_id"], own["user_id"]) == ("service_account", account["id"], None)
    assert own["roles"] == ["operator"]
    assert robot.ok("GET", "/usage/me")["plan"] == "free"
    assert [key["id"] for key in robot.ok("GET", "/api-keys")["data"]] == [made["id"]]
    other = SERVICE | {"slug": "other", "audience": "other"}
    assert robot("POST", "/services", other).status_code == 201
    [line] = admin.ok("GET", "/audit?action=service.created&limit=1")["data"]
    assert line["actor"] == f"api_key:{made['prefix']}" and line["personal"] == {}
    person, _ = make_caller(robots.server)
    for method, path, body in [
        ("POST", "/service-accounts", {"name": "x"}), ("PATCH", f"/service-accounts/{account['id']}", {"roles": []}),
        ("DELETE", f"/service-accounts/{account['id']}", None), ("DELETE", f"/users/{person.id}", None),
        ("POST", "/users", {"email": "x@example.com"}), ("PUT", f"/users/{person.id}/roles", {"roles": ["admin"]}),
        ("POST", "/roles", {"name": "x", "permissions": []}), ("PATCH", f"/api-keys/{made['id']}", {"name": "x"}),
        ("POST", "/api-keys", {"name": "x", "services": ["*"]}), ("POST", f"/api-keys/{made['id']}/rotate", {}),
        ("DELETE", f"/api-keys/{made['id']}", None),
    ]:
        problem(robot(method, path, body), 403, "permission_denied")
    problem(robot("GET", "/me"), 401, "unauthenticated")
    problem(Caller(robots.server, robots.key(account)["key"])("GET", "/services"), 403, "permission_denied")
    admin.ok("PATCH", f"/service-accounts/{account['id']}", {"is_active": False})
    problem(robot("GET", "/services"), 403, "account_blocked")


def test_nobody_gets_by_a_service_account_what_they_do_not_have(robots):
    admin = robots.admin
    rich, poor = robots.make("buyer"), robots.make()
    key = robots.key(rich)
    person, caller = make_caller(robots.server)
    give(admin, person, "keeper", ["service_accounts:*", "api_keys:*", "entitlements:*"])
    eventually(lambda: caller("GET", "/service-accounts").status_code == 200, "the role to count")
    path = f"/service-accounts/{rich['id']}"
    for method, target, body in [
        ("POST", "/service-accounts", {"name": "x", "roles": ["buyer"]}),
        ("PATCH", f"/service-accounts/{poor['id']}", {"roles": ["buyer"]}), ("PATCH", path, {"roles": []}),
        ("PATCH", path, {"is_active": False}), ("DELETE", path, None), ("PUT", f"{path}/entitlement", {"plan": "pro"}),
        ("DELETE", f"{path}/entitlement", None),
        ("POST", "/api-keys", {"name": "x", "services": ["*"], "service_account_id": rich["id"]}),
        ("POST", f"/api-keys/{key['id']}/rotate", {}), ("DELETE", f"/api-keys/{key['id']}", None),
    ]:
        problem(caller(method, target, body), 403, "permission_denied")
    assert robots.reason(key["key"]) is None
    # What it does have it gives.
    assert caller("PATCH", f"/service-accounts/{poor['id']}", {"name": "mine"}).status_code == 200
    wanted = {"name": "k", "services": ["*"], "service_account_id": poor["id"]}
    assert caller("POST", "/api-keys", wanted).status_code == 201
    assert caller("POST", "/service-accounts", {"name": "x"}, **{"Idempotency-Key": "one"}).status_code == 201
    again = caller("POST", "/service-accounts", {"name": "x"}, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")


def test_its_key_is_rotated_by_staff_while_the_old_secret_still_counts(robots):
    made = robots.key(robots.make("buyer"))
    new = robots.admin.ok("POST", f"/api-keys/{made['id']}/rotate", {"overlap": 3_600})["key"]
    assert [robots.reason(key) for key in (made["key"], new)] == [None, None]
    robots.admin.ok("DELETE", f"/api-keys/{made['id']}", status=204)
    assert [robots.reason(key) for key in (made["key"], new)] == ["invalid_credential"] * 2


def test_its_keys_and_its_rights_are_there_after_a_restart(robots):
    account = robots.make("buyer")
    made = robots.key(account)
    robots.server.variables["APP_URL"] = robots.server.url
    robots.server.kill()
    robots.server.start()
    assert robots.reason(made["key"]) is None
    assert robots.decide(made["key"])["caller"]["service_account_id"] == account["id"]


def test_what_a_key_has_used_is_told_by_day_to_its_owner_and_to_staff(robots):
    admin = robots.admin
    person, caller = make_caller(robots.server)
    admin.ok("PUT", f"/users/{person.id}/roles", {"roles": ["buyer"]})
    wanted = {"name": "mine", "services": ["shop", "gapura"], "scopes": ["shop:use"]}
    made = eventually(lambda: (lambda answer: answer.status_code == 201 and answer.json())(
        caller("POST", "/api-keys", wanted)), "the role to count")
    other = key_of(caller("POST", "/api-keys", wanted))
    for cost in (1, 2, 3):
        assert robots.decide(made["key"], cost=cost)["allowed"]
    # Under one name once, without counting not, refused not.
    assert [robots.decide(made["key"], request="r-12345678")["allowed"] for _ in range(2)] == [True, True]
    assert robots.decide(made["key"], dry_run=True)["allowed"]
    assert robots.decide(made["key"], cost=1_000)["reason"] == "quota_exhausted"
    assert robots.decide(other, cost=4)["allowed"]
    path = f"/usage?key={made['id']}"

    def used(call):
        rows = call.ok("GET", path)["data"]
        return [(row["used"], row["service"], row["service_id"]) for row in rows]

    for call in (admin, caller, Caller(robots.server, made["key"])):
        eventually(lambda call=call: used(call) == [(7, None, None)], "the use to be written")
    # The subject's counter has what both keys have used.
    [day] = admin.ok("GET", f"/usage?subject=user:{person.id}")["data"]
    assert day["used"] == 11 and day["day"] == admin.ok("GET", path)["data"][0]["day"]
    assert admin.ok("GET", f"{path}&to={day['day']}")["data"] == []
    _, stranger = make_caller(robots.server)
    assert set(problem(stranger("GET", path), 422, "validation_failed")["errors"]) == {"key"}
    assert set(problem(admin("GET", f"{path}&service=shop"), 422, "validation_failed")["errors"]) == {"service"}
    problem(caller("GET", "/usage"), 403, "permission_denied")

    # It is not lost by a stop, nor twice by a start, and does not outlive its owner.
    assert robots.decide(made["key"], cost=5)["allowed"]
    robots.server.variables["APP_URL"] = robots.server.url
    assert robots.server.stop() == 0
    robots.server.start()
    robots.admin.client.url = caller.client.url = robots.server.url
    eventually(lambda: used(caller) == [(12, None, None)], "the use of before")
    admin.ok("DELETE", f"/users/{person.id}", status=204)
    eventually(
        lambda: robots.server.database.rows("SELECT count(*) FROM key_usage") == [(0,)], "the use to be forgotten")


def test_a_use_of_a_service_accounts_key_is_kept_for_ninety_days(robots):
    account = robots.make("buyer")
    made = robots.key(account)
    assert robots.decide(made["key"])["allowed"]
    rows = robots.server.database.rows
    eventually(lambda: rows("SELECT used FROM key_usage") == [(1,)], "the use to be written")
    robots.store.age("key_usage", 89 * 86_400_000, "day")
    days = robots.admin.ok("GET", f"/usage?key={made['id']}&from=2020-01-01T00:00:00Z")["data"]
    assert [day["used"] for day in days] == [1]
