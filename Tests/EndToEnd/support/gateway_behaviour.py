"""What a gateway with our configuration does, whichever program it is. Each takes a `Scene`."""

import json
import re

import jwt

from support import forge
from support.client import bearer
from support.gateway import DEPLOY, Administrator, handshake, send
from support.server import eventually

SPOOFED = {
    "X-User-Id": "root", "X-Tenant-Id": "t", "X-Roles": "admin", "X-Plan": "enterprise", "X-Caller-Kind": "user",
    "X-User-Email": "boss@example.com", "X-Gapura-Identity": "e30.e30.", "X-Gapura-Status": "200",
    "X_User_Id": "root", "X_Roles": "admin", "X-User_Id": "root", "X_User-Id": "root", "x_gapura_identity": "e30",
    "X-Gapura_Identity": "e30", "X_Plan": "enterprise", "X_Caller_Kind": "user",
}
IDENTITY = ["x-user-id", "x-tenant-id", "x-roles", "x-plan", "x-caller-kind", "x-user-email"]


def limits_hold_to_the_request(scene):
    first = scene.send(source="127.0.0.31")
    assert first.status == 200, first
    assert first.headers["RateLimit"].startswith('"service-day";r=0;t='), first
    assert first.headers["RateLimit-Policy"] == '"service-day";q=1;w=86400'
    for _ in range(3):
        refused = scene.send(source="127.0.0.31")
        assert (refused.status, refused.code) == (429, "quota_exhausted")
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400
        assert refused.headers["RateLimit"].startswith('"service-day";r=0;t=')
        assert refused.headers["Cache-Control"] == "no-store"
    # Another service counts by itself, another address too.
    other = scene.add_gateway("jobportal")
    assert scene.send(gateway=other, source="127.0.0.31").status == 200
    assert scene.send(source="127.0.0.32").status == 200

    free, _ = scene.signed_in()
    scene.spend("cvmaker", free, 20)
    assert [scene.send(headers=free).status for _ in range(30)] == [200] * 30
    assert scene.send(headers=free).code == "quota_exhausted"
    assert scene.send(headers=free, gateway=other).code == "quota_exhausted"

    pro, person = scene.signed_in("pro")
    scene.spend("cvmaker", pro, 970)
    assert [scene.send(headers=pro).status for _ in range(30)] == [200] * 30
    assert scene.send(headers=pro).code == "quota_exhausted"
    passed = len(scene.upstream.seen)
    assert passed == 1 + 1 + 1 + 30 + 30
    # Another plan counts at the next request.
    scene.admin("PUT", f"/users/{person.id}/entitlement", {"plan": "pro", "limits": [
        {"amount": 1001, "window": "day", "scope": "global"}]})
    assert [scene.send(headers=pro).status for _ in range(2)] == [200, 429]


def the_service_sees_who_calls_and_nothing_that_the_client_claims(scene):
    headers, person = scene.signed_in()
    answer = scene.send("/cv?a=1", headers=headers | SPOOFED)
    assert answer.status == 200, answer
    seen = scene.upstream.last
    assert {name: seen[name] for name in IDENTITY} == {
        "x-user-id": [person.id], "x-tenant-id": ["-"], "x-roles": ["-"], "x-plan": ["free"],
        "x-caller-kind": ["user"], "x-user-email": ["-"],
    }
    # Whatever stands for a hyphen: a service in Python, PHP or Ruby would read it as the same name.
    alike = [name for name in seen if name.replace("_", "-") in [*IDENTITY, "x-gapura-identity"]]
    assert sorted(alike) == sorted([*IDENTITY, "x-gapura-identity"])
    assert "x-gapura-status" not in seen

    assert scene.send(headers=SPOOFED, source="127.0.0.41").status == 200
    seen = scene.upstream.last
    assert {name: seen[name] for name in IDENTITY} == {
        "x-user-id": ["-"], "x-tenant-id": ["-"], "x-roles": ["-"], "x-plan": ["anonymous"],
        "x-caller-kind": ["anonymous"], "x-user-email": ["-"],
    }
    assert not any("root" in value or "admin" in value for values in seen.values() for value in values)


def a_service_account_is_told_as_what_it_is(scene):
    account = scene.admin("POST", "/service-accounts", {"name": "robot", "roles": ["support"]}, 201)
    wanted = {"name": "key", "services": ["cvmaker"], "service_account_id": account["id"]}
    key = scene.admin("POST", "/api-keys", wanted, 201)["key"]
    for headers in (bearer(key), {"X-Api-Key": key}):
        assert scene.send(headers=headers | SPOOFED).status == 200
        seen = scene.upstream.last
        assert {name: seen[name] for name in IDENTITY} == {
            "x-user-id": ["-"], "x-tenant-id": ["-"], "x-roles": ["-"], "x-plan": ["free"],
            "x-caller-kind": ["service_account"], "x-user-email": ["-"],
        }
        [identity] = seen["x-gapura-identity"]
        assert forge.parts(identity)[1]["sub"] == f"service_account:{account['id']}"
    scene.admin("PATCH", f"/service-accounts/{account['id']}", {"is_active": False})
    refused = scene.send(headers=bearer(key))
    assert (refused.status, refused.code) == (403, "account_blocked")


def the_credential_stays_at_the_gateway(scene):
    headers, person = scene.signed_in()
    token = headers["Authorization"].split()[1]
    key = scene.admin.key("shop:use", services=["*"])
    crowd = (
        "a=1; gapura_session={0}; gapura_visitor=v.v; refresh_token=r; gapura_device=d; __Host-gapura_session={0};"
        " gapura_hint=1; __Host-gapura_device=d; __Host-gapura_registration=r; b=2"
    ).format(token)
    flood = "; ".join(["gapura_visitor=v"] * 60 + [f"gapura_session={token}"] * 5 + ["a=1"])
    for sent in (
        headers, {"X-Api-Key": key}, {"Authorization": f"Bearer {key}"}, {"Cookie": f"gapura_session={token}"},
        {"Cookie": crowd}, {"Cookie": flood}, {"authorization": f"bearer {token}"},
    ):
        answer = scene.send(headers=sent)
        assert answer.status == 200, (sent, answer)
        text = str(scene.upstream.seen[-1][2])
        assert token not in text and key not in text and "gapura_session" not in text and "refresh_token" not in text
        assert "gapura_visitor" not in text and "gapura_device" not in text and "gapura_hint" not in text
        assert "authorization" not in scene.upstream.last and "x-api-key" not in scene.upstream.last
    scene.send(headers={"Cookie": crowd})
    cookie = scene.upstream.last["cookie"][0]
    assert [part.strip() for part in cookie.split(";")] == ["a=1", "b=2"], cookie
    scene.send(headers=headers | {"Cookie": "theme=dark; my_gapura_thing=1"})
    assert scene.upstream.last["cookie"] == ["theme=dark; my_gapura_thing=1"]


def what_can_be_read_in_two_ways_is_refused(scene):
    scene.admin.add_service("shop", allow_anonymous=True, routes=[
        {"path": "/"}, {"path": "/admin", "permission": "shop:admin"}])
    shop = scene.add_gateway("shop")
    headers, person = scene.signed_in()
    before = len(scene.upstream.seen)
    assert scene.send("/admin", headers=headers, gateway=shop).code == "permission_denied"
    denied, ambiguous = 1, 0
    for path in ("/admin/", "/admin/x", "/%61dmin", "/admin?x=/", "/admi%6E/x", "/admin?/../a"):
        refused = scene.send(path, headers=headers, gateway=shop)
        assert (refused.status, refused.code) == (403, "permission_denied"), path
        denied += 1
    for path in (
        "//admin", "/a//admin", "/a/../admin", "/./admin", "/a/%2e%2e/admin", "/..%2fadmin", "/a%2f..%2fadmin",
        "/x%2fadmin", "/admin;x", "/a;/../admin", "/a%5c..%5cadmin", "/admin%3bx", "/a/%252e%252e/admin", "/a\\admin",
        "/admin%00", "/a%c0%afb",
    ):
        refused = scene.send(path, headers=headers, gateway=shop)
        # Some of it the gateway refuses already.
        assert refused.status in (400, 403), (path, refused)
        if refused.status == 403:
            assert refused.code == "ambiguous_request", path
            ambiguous += 1
    # Other headers for the same thing have no say.
    for extra in (
        {"X-Forwarded-Uri": "/open", "X-Forwarded-Method": "GET"}, {"X-Original-URI": "/open", "X-Original-Method": "GET"},
        {"X-Original-Url": "/open", "X-Rewrite-Url": "/open"}, {"X-HTTP-Method-Override": "GET"},
    ):
        assert scene.send("/admin", headers=headers | extra, gateway=shop).code == "permission_denied"
        denied += 1
    assert len(scene.upstream.seen) == before
    scene.admin.wait_for_refusals(denied, "permission_denied", "shop", by=f"user:{person.id}", address="127.0.0.1")
    assert ambiguous >= 10
    scene.admin.wait_for_refusals(ambiguous, "ambiguous_request", "shop", address="127.0.0.1")
    # Case counts, here as at the service.
    assert scene.send("/ADMIN", headers=headers, gateway=shop).status == 200
    assert scene.upstream.seen[-1][1] == "/ADMIN"


def another_path_or_method_than_the_decided_one_does_not_reach_the_service(scene):
    """Frameworks that take such a header for the request's own path or method would pass it round the routes."""
    headers, _ = scene.signed_in()
    others = {
        "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin", "X-Original-URI": "/admin", "X-Forwarded-Uri": "/admin",
        "X-HTTP-Method": "DELETE", "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE",
        "X-Original-Method": "DELETE", "X-Forwarded-Method": "DELETE",
    }
    assert scene.send("/open", headers=headers | others).status == 200
    assert not any("/admin" in value or "DELETE" in value for _, value in scene.upstream.seen[-1][2])


def what_other_proxies_say_a_client_does_not(scene):
    """Addresses, people and paths under names that frameworks and plug-ins believe. nginx's file lists them all."""
    names = re.findall(r'^proxy_set_header ([\w-]+) "";$', (DEPLOY / "nginx/gapura/headers.conf").read_text(), re.MULTILINE)
    assert len(names) > 100 and {"Forwarded", "Remote-User", "X-Script-Name", "X-Original-Path", "X-Override-Url"} <= set(names)
    names = [name for name in [*names, "X-Real-Ip"] if name not in ("Connection", "Upgrade")]
    headers, _ = scene.signed_in()
    for first in range(0, len(names), 20):
        forged = {name: "forged" for name in names[first:first + 20]}
        assert scene.send(headers=headers | forged).status == 200
        assert [name for name, value in scene.upstream.seen[-1][2] if "forged" in value] == []


def a_client_that_sends_too_much_is_not_told_of_an_outage(scene):
    headers, _ = scene.signed_in()
    for cookies in ("a=;" * 700, "theme=" + "x" * 5_000 + "; a=;" * 500):
        refused = scene.send(headers=headers | {"Cookie": cookies})
        assert (refused.status, refused.code) == (431, "headers_too_large"), refused
        assert refused.headers["Retry-After"] is None
    refused = scene.send(headers=headers | {"Cookie": "a=\x01"})
    assert (refused.status, refused.headers["Retry-After"]) == (400, None), refused
    assert scene.upstream.seen == []


def a_refusal_names_what_is_missing_and_is_explained_by_its_identifier(scene):
    scene.admin.add_service("docs", routes=[{"path": "/docs/{id}", "permission": "docs:read"}, {"path": "/free"}])
    scene.admin.add_service("paid", plans=["pro", "enterprise"])
    docs, paid = scene.add_gateway("docs"), scene.add_gateway("paid")
    headers, person = scene.signed_in()
    seen = []

    def refusal(code, **options):
        answer = scene.send(**options)
        problem = json.loads(answer.body)
        assert (answer.code, problem["request_id"]) == (code, answer.headers["X-Request-Id"]), answer
        assert answer.headers["X-Gapura-Decision"] == problem["decision_id"] and len(problem["decision_id"]) < 200
        seen.append((code, problem["decision_id"]))
        return problem

    denied = refusal("permission_denied", path="/docs/7", headers=headers, gateway=docs)
    assert denied["missing_permission"] == "docs:read" and "docs:read" in denied["detail"]
    refusal("route_unknown", path="/other", headers=headers, gateway=docs)
    refusal("missing_credential", path="/free", gateway=docs)
    refusal("invalid_credential", headers=bearer("x"))
    lacking = refusal("not_in_plan", headers=headers, gateway=paid)
    assert lacking["plans"] == ["pro", "enterprise"] and "pro, enterprise" in lacking["detail"]
    scene.spend("cvmaker", headers, 50)
    exhausted = refusal("quota_exhausted", headers=headers)
    assert (exhausted["limit"]["policy"], exhausted["limit"]["limit"], exhausted["limit"]["used"]) == ("day", 50, 50)
    assert exhausted["limit"]["resets_at"] in exhausted["detail"]
    # The service hears of allowed ones.
    assert scene.send("/free", headers=headers | {"X-Gapura-Decision": "forged"}, gateway=docs).status == 429
    other, _ = scene.signed_in()
    assert scene.send("/free", headers=other | {"X-Gapura-Decision": "forged"}, gateway=docs).status == 200
    [allowed] = scene.upstream.last["x-gapura-decision"]
    assert scene.admin("GET", f"/access/explain/{allowed}")["allowed"] is True
    # A process that remembers nothing explains the refusals all the same.
    scene.server.kill()
    scene.server.start()
    # On another port, so the old tokens are somebody else's.
    admin = Administrator(scene.server)
    for code, reference in seen:
        told = admin("GET", f"/access/explain/{reference}")
        assert (told["recorded_in"], told["allowed"], told["reason"]) == ("identifier", False, code), told
        assert told["caller"] is None or told["caller"]["user_id"] in (person.id, None)
    assert admin("GET", f"/access/explain/{seen[0][1]}")["missing_permission"] == "docs:read"
    assert admin("GET", f"/access/explain/{seen[-1][1]}")["limit"]["resets_at"] == exhausted["limit"]["resets_at"]
    admin("GET", f"/access/explain/{seen[0][1][:-2]}AA", status=404)
    admin("GET", f"/access/explain/{allowed}", status=404)


def a_cookie_whose_session_has_ended_closes_no_public_page(scene):
    scene.admin.add_service("private")
    private = scene.add_gateway("private")
    headers, _ = scene.signed_in()
    cookie = {"Cookie": f"gapura_session={headers['Authorization'].split()[1]}"}
    assert scene.send(headers=cookie).status == 200
    assert scene.upstream.last["x-caller-kind"] == ["user"]
    assert scene.server.client().post("/logout", headers=headers).status_code == 204
    assert scene.send(headers=cookie, source="127.0.0.95").status == 200
    assert scene.upstream.last["x-caller-kind"] == ["anonymous"]
    # It is counted as anybody's, and is of no use where somebody must be signed in.
    assert scene.send(headers=cookie, source="127.0.0.95").code == "quota_exhausted"
    assert scene.send(headers=cookie, gateway=private).code == "invalid_credential"
    # Whoever sends a token on purpose hears that it does not count.
    assert scene.send(headers=headers).code == "invalid_credential"


def a_blocked_account_hears_of_the_block(scene):
    headers, person = scene.signed_in()
    cookie = {"Cookie": f"gapura_session={headers['Authorization'].split()[1]}"}
    assert scene.send(headers=headers).status == 200
    scene.admin("POST", f"/users/{person.id}/block", {"reason": "test"})
    for sent in (headers, cookie):
        eventually(lambda: scene.send(headers=sent).status != 200, "the block")
        refused = scene.send(headers=sent)
        assert (refused.status, refused.code) == (403, "account_blocked")
    scene.admin("POST", f"/users/{person.id}/unblock")
    # The block has ended the session.
    eventually(lambda: scene.send(headers=headers).code == "invalid_credential", "the end of the block")


def what_was_never_served_is_given_back_once(scene):
    """By the service, which knows the request by X-Request-Id."""
    headers, _ = scene.signed_in()
    key = scene.admin.key("access:check:cvmaker")
    scene.upstream.answers["/broken"] = (500, [])

    def release(name, key=key):
        answer = scene.server.client().post(
            "/access/release", headers=bearer(key), json={"service": "cvmaker", "request": name})
        return answer.status_code, answer.json()

    def left():
        return int(re.search(r";r=(\d+);", scene.send(headers=headers).headers["RateLimit"])[1])

    assert left() == 49
    assert scene.send("/broken", headers=headers).status == 500
    [name] = scene.upstream.last["x-request-id"]
    assert release(name, scene.admin.key("access:check:jobportal"))[0] == 403
    assert release(name) == (200, {"released": True, "amount": 1})
    assert release(name) == release("nobody-s-name") == (200, {"released": False, "amount": 0})
    assert left() == 48
    # A visitor's one request of the day is not gone with an error.
    assert scene.send("/broken", source="127.0.0.97").status == 500
    assert release(*scene.upstream.last["x-request-id"])[1]["released"]
    assert [scene.send(source="127.0.0.97").status for _ in range(2)] == [200, 429]


def a_method_in_another_case_is_not_taken_for_another_one(scene):
    """`delete` is not DELETE (RFC 9110, 9.1), but frameworks that take it for that would pass it round the routes."""
    scene.admin.add_service("docs", routes=[
        {"path": "/docs"}, {"path": "/docs", "method": "DELETE", "permission": "docs:delete"},
        {"path": "/docs/{id}/pages", "method": "GET"}])
    docs = scene.add_gateway("docs")
    headers, _ = scene.signed_in()
    assert scene.send("/docs/7", "DELETE", headers, docs).code == "permission_denied"
    for method in ("delete", "Delete", "DELETe", "get", "Options"):
        refused = scene.send("/docs/7", method, headers, docs)
        # nginx refuses some itself.
        assert refused.status == 400 or (refused.status, refused.code) == (403, "ambiguous_request"), (method, refused)
    assert scene.upstream.seen == []
    assert scene.send("/docs/7", headers=headers, gateway=docs).status == 200
    # What no route covers is told as that, not as a right that is missing.
    assert scene.send("/docs/7/pages/1", headers=headers, gateway=docs).status == 200
    for path, method in (("/other", "GET"), ("/docs2", "GET"), ("/docs/7/pages", "POST")):
        refused = scene.send(path, method, headers, docs, body=b"" if method == "POST" else None)
        assert (refused.status, refused.code) == (403, "route_unknown")


def a_websocket_of_a_foreign_page_does_not_count_a_cookie(scene):
    headers, person = scene.signed_in()
    cookie = {"Cookie": f"gapura_session={headers['Authorization'].split()[1]}"}
    for foreign in (
        {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Origin": "https://bad.example.com", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "websocket"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket"},
    ):
        with handshake(scene.gateway.port, cookie | foreign) as (status, told, _):
            assert (status, told["Content-Type"]) == (403, "application/problem+json"), foreign
    assert scene.upstream.seen == []
    # A page of ours, a program, and a token that no browser sends by itself.
    for sent in (cookie | {"Origin": scene.server.url}, cookie, headers | {"Origin": "https://evil.example"}):
        with handshake(scene.gateway.port, sent) as (status, _, echo):
            assert status == 101 and echo(b"\x81\x02hi") == b"\x81\x02hi"
        assert scene.upstream.last["x-user-id"] == [person.id]
    # What is no handshake stays as it was.
    assert scene.send(headers=cookie | {"Origin": "https://evil.example"}).status == 200


def what_is_no_credential_opens_nothing(scene):
    headers, person = scene.signed_in()
    token = headers["Authorization"].split()[1]
    assert scene.send(headers=headers).status == 200
    identity = scene.upstream.last["x-gapura-identity"][0]
    head, body, tail = token.split(".")
    # Signed by us for somebody else: another audience, another kind of token, another issuer.
    key, (header, claims) = forge.private_key(scene.server), forge.parts(token)
    other = forge.sign_es256(key, header, claims | {"aud": "other"})
    forged = [
        other, forge.sign_es256(key, header | {"typ": "JWT"}, claims),
        forge.sign_es256(key, header, claims | {"iss": "https://id.example.com"}),
        forge.sign_es256(key, header, claims | {"exp": claims["iat"] - 1_000, "iat": claims["iat"] - 2_000}),
        jwt.encode(claims, "k" * 32),
    ]
    bad = [identity, *forged, f"{head}.{body}.{tail[:-4]}AAAA", "x", "gpk_0000000000_" + "0" * 38, "gpk_"]
    for text in bad:
        # A browser cannot drop a cookie: where anybody may come, one that does not count is none.
        public = scene.send(headers={"Cookie": f"gapura_session={text}"})
        if public.status == 200:
            assert scene.upstream.last["x-caller-kind"] == ["anonymous"], text
        else:
            assert (public.status, public.code) == (429, "quota_exhausted"), (text, public)
    before = len(scene.upstream.seen)
    invalid = 0
    for text in bad:
        refused = scene.send(headers=bearer(text))
        assert (refused.status, refused.code) == (401, "invalid_credential"), (text, refused)
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="gapura", error="invalid_token"'
        invalid += 1
    for sent in ({"X-Api-Key": "guess"}, {"Authorization": "Negotiate YTpi"}, {"Authorization": token}):
        assert scene.send(headers=sent).code == "invalid_credential", sent
        invalid += 1
    # What a neighbouring domain has set beside it closes nothing, and neither does the password of a proxy in front.
    tossed = [{"Cookie": f"gapura_session={first}; gapura_session={then}"} for first, then in
              (("x", token), (token, "x"), (token, other))]
    for beside in (*tossed, {"Authorization": "Basic YTpi"}):
        passed = scene.send(headers={"Cookie": f"gapura_session={token}"} | beside)
        assert passed.status == 200 and scene.upstream.last["x-caller-kind"] == ["user"], (beside, passed)
        before += 1
    key = scene.admin.key("shop:use", services=["*"])
    for sent in (headers | {"X-Api-Key": key}, headers | {"Cookie": f"gapura_session={other}"}):
        assert scene.send(headers=sent).code == "ambiguous_request", sent
    assert len(scene.upstream.seen) == before
    scene.admin.wait_for_refusals(invalid, "invalid_credential", "cvmaker", address="127.0.0.1")
    scene.admin.wait_for_refusals(2, "ambiguous_request", "cvmaker", address="127.0.0.1")


def guessing_keys_gives_nothing_and_is_written_down(scene):
    key = scene.admin.key("shop:use", services=["*"])
    assert scene.send(headers={"X-Api-Key": key}).status == 200
    before = len(scene.upstream.seen)
    guesses = [forge.random_key() for _ in range(30)] + [forge.misspelt(key), key[:15] + forge.random_key()[15:]]
    for guess in guesses:
        refused = scene.send(headers={"X-Api-Key": guess}, source="127.0.0.91")
        assert (refused.status, refused.code) == (401, "invalid_credential")
    assert len(scene.upstream.seen) == before
    scene.admin.wait_for_refusals(len(guesses), "invalid_credential", "cvmaker", address="127.0.0.91")
    assert scene.send(headers={"X-Api-Key": key}).status == 200


def a_cookie_counts_only_from_where_it_may(scene):
    headers, _ = scene.signed_in()
    cookie = {"Cookie": f"gapura_session={headers['Authorization'].split()[1]}"}
    foreign = cookie | {"Origin": "https://evil.example.com"}
    assert scene.send(headers=foreign).status == 200
    before = len(scene.upstream.seen)
    for method in ("POST", "PUT", "DELETE"):
        refused = scene.send(method=method, headers=foreign, body=b"x")
        assert (refused.status, refused.code) == (403, "origin_not_allowed")
        assert scene.send(method=method, headers=cookie | {"Sec-Fetch-Site": "cross-site"}, body=b"x").status == 403
    assert len(scene.upstream.seen) == before
    assert scene.send(method="POST", headers=cookie | {"Origin": scene.server.url}, body=b"body").status == 200
    assert scene.upstream.seen[-1][3] == b"body"


def a_script_of_an_allowed_origin_reads_why_it_was_refused(scene):
    refusals = (
        ("/", {"Authorization": "Bearer x"}, 401, "invalid_credential"), ("/a//b", {}, 403, "ambiguous_request"),
    )
    for path, headers, status, code in refusals:
        refused = scene.send(path, headers=headers | {"Origin": "http://localhost:3000"})
        assert (refused.status, refused.code) == (status, code)
        assert refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert refused.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
        assert "Origin" in refused.headers["Vary"]
        foreign = scene.send(path, headers=headers | {"Origin": "https://evil.example.com"})
        assert (foreign.status, foreign.code) == (status, code)
        assert "Access-Control-Allow-Origin" not in foreign.headers


def a_browser_is_known_again_by_its_cookie(scene):
    page = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}
    first = scene.send(headers=page, source="127.0.0.51")
    assert first.status == 200
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("gapura_visitor=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    value = cookie.split(";")[0]
    # On every other network the same device draws from one share.
    moved = [scene.send(headers=page | {"Cookie": value}, source=f"127.0.0.{n}") for n in (52, 54, 55)]
    assert [answer.status for answer in moved] == [200, 429, 429], moved
    assert moved[0].headers["Set-Cookie"] is None
    # Without its cookie, or with a forged one, its network has.
    for sent in (page, page | {"Cookie": value[:-2] + "xx"}, page | {"Cookie": "gapura_visitor=new"}):
        assert scene.send(headers=sent, source="127.0.0.51").code == "quota_exhausted"
    assert scene.send(headers={"Accept": "*/*"}, source="127.0.0.53").headers["Set-Cookie"] is None


def the_client_cannot_choose_what_is_counted(scene):
    assert scene.send(source="127.0.0.61").status == 200
    for number in range(5):
        for sent in (
            {"X-Forwarded-For": f"203.0.113.{number}"}, {"Forwarded": f"for=203.0.113.{number}"},
            {"X-Real-Ip": f"203.0.113.{number}"}, {"X-Gapura-Request": "12345678-same"},
            {"X-Request-Id": "12345678-same"}, {"X_Forwarded_For": f"203.0.113.{number}"},
        ):
            assert scene.send(headers=sent, source="127.0.0.61").code == "quota_exhausted", sent
    free, _ = scene.signed_in()
    for _ in range(3):
        scene.send(headers=free | {"X-Gapura-Request": "12345678-same", "X-Request-Id": "12345678-same"})
    assert scene.send(headers=free).headers["RateLimit"].startswith('"day";r=46;')


def nobody_signed_in_is_sent_to_sign_in(scene):
    scene.admin.add_service("private")
    refused = scene.send(gateway=scene.add_gateway("private"))
    assert (refused.status, refused.code) == (401, "missing_credential")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="gapura"'
    scene.admin.add_service("paid", plans=["pro"])
    free, person = scene.signed_in()
    paid = scene.add_gateway("paid")
    assert scene.send(gateway=paid, headers=free).code == "not_in_plan"
    scene.admin("PUT", f"/users/{person.id}/entitlement", {"plan": "pro"})
    assert scene.send(gateway=paid, headers=free).status == 200
    assert scene.send(gateway=scene.add_gateway("nowhere"), headers=free).code == "service_unknown"


def the_identity_is_proof(scene):
    headers, person = scene.signed_in()
    assert scene.send(headers=headers).status == 200
    token = scene.upstream.last["x-gapura-identity"][0]
    assert len(token) < 1024
    keys = jwt.PyJWKClient(f"{scene.server.url}/.well-known/jwks.json")
    claims = jwt.decode(
        token, keys.get_signing_key_from_jwt(token).key, algorithms=["ES256"], audience="cvmaker",
        issuer=scene.server.url, options={"require": ["exp", "iat", "sub"]})
    assert jwt.get_unverified_header(token)["typ"] == "gapura-identity+jwt"
    assert (claims["sub"], claims["kind"], claims["plan"]) == (person.id, "user", "free")
    assert claims["exp"] - claims["iat"] <= 60
    # Gapura itself takes it for nothing, at no door.
    assert scene.server.client().me(token).status_code == 401
    assert send(scene.server.port, "/access/forward/cvmaker", headers=bearer(token)).code == "invalid_credential"


def a_preflight_is_decided_about_like_any_request_without_a_credential(scene):
    scene.admin.add_service("private")
    private = scene.add_gateway("private")
    preflight = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT"}
    refused = scene.send(method="OPTIONS", headers=preflight, gateway=private)
    assert (refused.status, refused.code) == (401, "missing_credential")
    assert scene.upstream.seen == []
    # Where anybody may come it is counted.
    assert scene.send(method="OPTIONS", headers=preflight, source="127.0.0.92").status == 200
    assert scene.upstream.last["x-caller-kind"] == ["anonymous"]
    assert scene.send(source="127.0.0.92").code == "quota_exhausted"


def preflights_pass_unasked_where_the_operator_wants_and_nothing_else_does(scene):
    scene.admin.add_service("private")
    private = scene.add_gateway("private", preflights=True)
    origin, wanted = {"Origin": "https://app.example.com"}, {"Access-Control-Request-Method": "PUT"}
    headers, _ = scene.signed_in()
    credentials = headers | {"X-Api-Key": "gpk_x", "Cookie": f"a=1; gapura_session={headers['Authorization'].split()[1]}"}
    for sent in (origin | wanted, origin | wanted | SPOOFED | credentials | {"X-HTTP-Method-Override": "PUT"}):
        answer = scene.send("/cv", "OPTIONS", sent, private)
        assert answer.status == 200, answer
        assert answer.headers["RateLimit"] is None
        assert scene.upstream.seen[-1][:2] == ("OPTIONS", "/cv")
        seen = scene.upstream.last
        # The service is told of nobody, by nobody.
        assert not {name for name in seen if name.replace("_", "-") in [*IDENTITY, "x-gapura-identity"]}
        assert "authorization" not in seen and "x-api-key" not in seen and "x-http-method-override" not in seen
        assert "gapura_session" not in str(scene.upstream.seen[-1][2])
        assert seen["origin"] == ["https://app.example.com"] and seen["access-control-request-method"] == ["PUT"]
    before = len(scene.upstream.seen)
    assert before == 2
    for method, sent in [
        ("OPTIONS", {}), ("OPTIONS", origin), ("OPTIONS", wanted), ("OPTIONS", origin | {"Access-Control-Request-Method": ""}),
        ("OPTIONS", {"Origin": ""} | wanted), ("GET", origin | wanted), ("POST", origin | wanted),
        ("PUT", origin | wanted | {"X-HTTP-Method-Override": "OPTIONS"}), ("DELETE", origin | wanted),
        ("GET", origin | wanted | {"X-Original-Method": "OPTIONS", "X-Forwarded-Method": "OPTIONS"}),
        ("OPTIONS", {"Origin": "a b"}), ("OPTIONS", {"Access_Control_Request_Method": "PUT"} | origin),
    ]:
        refused = scene.send("/cv", method, sent, private, body=b"" if method in ("POST", "PUT") else None)
        assert (refused.status, refused.code) == (401, "missing_credential"), (method, sent, refused)
    # The name of a method counts case (RFC 9110 § 9.1).
    assert scene.send("/cv", "options", origin | wanted, private).status >= 400
    assert len(scene.upstream.seen) == before
    # What was signed in still counts.
    assert scene.send("/cv", "OPTIONS", headers, private).status == 200
    assert scene.upstream.last["x-caller-kind"] == ["user"]


def a_gate_that_is_down_is_closed(scene):
    headers, _ = scene.signed_in()
    assert scene.send(headers=headers).status == 200
    before = len(scene.upstream.seen)
    scene.server.kill()
    for sent in (headers, {}, SPOOFED):
        refused = scene.send(headers=sent)
        assert (refused.status, refused.code) == (503, "unavailable")
        assert refused.headers["Retry-After"] == "1"
    assert len(scene.upstream.seen) == before
    scene.server.start()


def a_flood_of_headers_opens_nothing(scene):
    headers, _ = scene.signed_in()
    before = len(scene.upstream.seen)
    for sent in (
        [("Cookie", "gapura_session=" + "x" * 7_000)] * 12, [(f"X-Flood-{n}", "y" * 500) for n in range(300)],
        [("Authorization", "Bearer " + "z" * 60_000)],
    ):
        try:
            answer = scene.send(headers=sent)
        except (ConnectionError, OSError):
            continue
        assert answer.status >= 400 or sent[0][0] == "X-Flood-0", answer
    assert len(scene.upstream.seen) - before <= 1
    assert scene.send(headers=headers).status == 200


def a_gateway_with_a_key_needs_no_address(strict):
    """In a scene in which this machine is no gateway."""
    refused = strict.send()
    assert (refused.status, refused.code) == (403, "untrusted_gateway")
    good = strict.admin.key("access:check:cvmaker")
    assert strict.send(gateway=strict.add_gateway("cvmaker", key=good), source="127.0.0.71").status == 200
    for wrong in (strict.admin.key("access:check:jobportal"), forge.misspelt(good)):
        assert strict.send(gateway=strict.add_gateway("cvmaker", key=wrong)).code == "untrusted_gateway"
    assert strict.send(headers={"X-Gapura-Gateway": good}).code == "untrusted_gateway"
