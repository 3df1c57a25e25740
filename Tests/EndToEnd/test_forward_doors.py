"""The forward doors without a gateway: this machine is trusted, so a test is every gateway and every visitor."""

import base64
import random
import time

import pytest
from support import forge
from support.client import bearer, make_person, sign_in
from support.gateway import Administrator, send
from support.server import PRODUCTION, eventually

pytestmark = pytest.mark.database_plays_no_part
NAMES = {"nginx": ("X-Original-URI", "X-Original-Method"), "caddy": ("X-Forwarded-Uri", "X-Forwarded-Method")}
NAMES["traefik"] = NAMES["caddy"]


class Door:
    def __init__(self, server, service="cvmaker", dialect="caddy"):
        self.server, self.service, self.dialect = server, service, dialect

    def ask(self, path="/", method="GET", address=None, query=None, verb="GET", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if path is not None:
            target, name = NAMES[self.dialect]
            sent |= {target: path, name: method}
        if address:
            sent["X-Forwarded-For"] = address
        query = f"?dialect={self.dialect}" if query is None else query
        return send(self.server.port, f"/access/forward/{self.service}{query}", verb, sent)


@pytest.fixture
def door(start):
    return Door(start())


def any_address():
    """Of nobody else in these tests."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"


def test_an_allowed_answer_tells_everything_and_a_value_for_each(door):
    answer = door.ask(address=any_address())
    assert (answer.status, answer.body) == (200, b"")
    assert {name: answer.headers[name] for name in (
        "X-User-Id", "X-Tenant-Id", "X-Roles", "X-Plan", "X-Caller-Kind", "X-User-Email", "Cache-Control"
    )} == {
        "X-User-Id": "-", "X-Tenant-Id": "-", "X-Roles": "-", "X-Plan": "anonymous", "X-Caller-Kind": "anonymous",
        "X-User-Email": "-", "Cache-Control": "no-store",
    }
    assert answer.headers["X-Gapura-Identity"].count(".") == 2 and answer.headers["X-Request-Id"]


def test_a_service_that_asks_gets_the_address_and_every_one_the_roles(door):
    admin = Administrator(door.server)
    admin.add_service("mailer", wants_email=True, required_permission="mail:send")
    person = make_person(door.server)
    admin("POST", "/roles", {"name": "sender", "permissions": ["mail:send"]}, 201)
    admin("PUT", f"/users/{person.id}/roles", {"roles": ["sender"]})
    _, tokens = sign_in(door.server, person)
    answer = Door(door.server, "mailer").ask(**bearer(tokens["access_token"]))
    assert (answer.status, answer.headers["X-User-Email"], answer.headers["X-Roles"]) == (200, person.email, "sender")


def test_nginx_is_told_in_headers_what_it_has_no_status_for(door):
    nginx, address = Door(door.server, dialect="nginx"), any_address()
    assert nginx.ask(address=address).status == 200
    refused = nginx.ask(address=address)
    assert (refused.status, refused.headers["X-Gapura-Status"], refused.headers["X-Gapura-Code"]) == (
        403, "429", "quota_exhausted")
    assert refused.headers["X-Gapura-Retry-After"] == refused.headers["Retry-After"]
    unknown = nginx.ask(**bearer("x"))
    assert (unknown.status, unknown.headers["X-Gapura-Status"], unknown.headers["X-Gapura-Code"]) == (
        403, "401", "invalid_credential")
    assert door.ask(address=address).headers["X-Gapura-Status"] is None


def test_each_dialect_reads_its_own_headers_only(door):
    admin = Administrator(door.server)
    admin.add_service("shop", allow_anonymous=True, routes=[
        {"path": "/open"}, {"path": "/admin", "permission": "shop:admin"}])
    for dialect in NAMES:
        other = NAMES["caddy" if dialect == "nginx" else "nginx"]
        shop = Door(door.server, "shop", dialect)
        hidden = {other[0]: "/open", other[1]: "GET"}
        assert shop.ask("/admin", address=any_address(), **hidden).status in (401, 403)
        assert shop.ask("/open", address=any_address(), **{other[0]: "//", other[1]: "GET"}).status == 200
        # No path is known, and the service has routes.
        assert shop.ask(None, address=any_address(), **hidden).status == 403
        assert Door(door.server, "cvmaker", dialect).ask(None, address=any_address()).status == 200


def test_without_a_dialect_two_sets_that_differ_are_refused(door):
    both = {"X-Original-URI": "/a", "X-Original-Method": "GET"}
    visitor = any_address()
    for path, method, status in (("/a", "GET", 200), ("/b", "GET", 403), ("/a", "POST", 403)):
        answer = door.ask(path, method, visitor, query="", **both)
        assert answer.status == status
        if status == 403:
            assert answer.code == "ambiguous_request"
    assert door.ask(None, address=any_address(), query="").status == 200
    for half in ({"X-Original-URI": "/a"}, {"X-Forwarded-Method": "GET"}):
        assert door.ask(None, address=any_address(), query="", **half).code == "ambiguous_request"
    twice = [("X-Forwarded-Uri", "/a"), ("X-Forwarded-Uri", "/b"), ("X-Forwarded-Method", "GET")]
    assert send(door.server.port, "/access/forward/cvmaker", headers=twice).code == "ambiguous_request"
    assert door.ask(query="?dialect=iis").status == 422
    Administrator(door.server).wait_for_refusals(2, "ambiguous_request", "cvmaker", address=visitor)


def test_who_asks_must_be_known(start):
    door = Door(start(GATEWAYS="192.0.2.1"))
    assert door.ask().code == "untrusted_gateway"
    admin = Administrator(door.server)
    key = admin.key("access:check:cvmaker")
    address = any_address()
    assert door.ask(address=address, X_Gapura_Gateway=key).status == 200
    assert door.ask(address=address, X_Gapura_Gateway=key).code == "quota_exhausted"
    # Whom a gateway with a key forwards is a visitor of his own.
    assert door.ask(address=any_address(), X_Gapura_Gateway=key).status == 200
    for wrong in (admin.key("access:check:jobportal"), forge.misspelt(key), "gpk_guess", "-"):
        assert door.ask(X_Gapura_Gateway=wrong).code == "untrusted_gateway"
    eventually(
        lambda: "untrusted_gateway" in {entry.get("reason") for entry in admin("GET", "/audit?limit=100")["data"]},
        "the refusal in the audit log")


def test_one_name_of_a_gateway_is_counted_once_for_one_client_and_one_path(door):
    person = make_person(door.server)
    _, tokens = sign_in(door.server, person)
    mine = bearer(tokens["access_token"])

    def left(answer):
        assert answer.status == 200, answer
        return int(answer.headers["RateLimit"].split("r=")[1].split(";")[0])

    name = {"X-Gapura-Request": "0123456789abcdef"}
    assert [left(door.ask("/a", **mine, **name)) for _ in range(3)] == [49, 49, 49]
    # An inner redirect of nginx to another path is decided again, and not counted.
    assert left(door.ask("/b", **mine, **name)) == 49
    # Who is somebody else, or has no name that counts, is counted.
    assert door.ask("/a", address=any_address(), **name).headers["X-Plan"] == "anonymous"
    for other in ({"X-Gapura-Request": "short"}, {"X-Request-Id": "0123456789abcdef"}, {"X-Gapura-Request": "a b" * 9}):
        before = left(door.ask("/a", **mine))
        assert [left(door.ask("/a", **mine, **other)) for _ in range(2)] == [before - 1, before - 2]


def test_addresses_of_one_network_draw_from_one_share(door):
    base = f"2001:db8:{random.randrange(1, 0xffff):x}"
    assert door.ask(address=f"{base}:1::1").status == 200
    for number in range(2, 30):
        assert door.ask(address=f"{base}:1::{number:x}").code == "quota_exhausted"
    # Other /64 of the /56: eight in all; of the /48: 32 in all.
    within = [door.ask(address=f"{base}:{number:x}::1").status for number in range(2, 40)]
    assert within.count(200) == 7
    wide = [door.ask(address=f"{base}:{number:x}00::1").status for number in range(1, 60)]
    assert within.count(200) + wide.count(200) + 1 == 32


def test_only_what_trusted_hops_appended_counts(door):
    visitor = any_address()
    assert door.ask(address=f"198.51.100.1, {visitor}").status == 200
    for forged in (f"198.51.100.2, {visitor}", f"{visitor}, 127.0.0.1", f"x, {visitor}", f" {visitor} "):
        assert door.ask(address=forged).code == "quota_exhausted", forged


def test_a_device_is_known_by_a_signed_cookie_alone(door):
    browser = {"Accept": "text/html"}
    cookie = door.ask(address=any_address(), **browser).headers["Set-Cookie"].split(";")[0]
    assert door.ask(address=any_address(), Cookie=cookie).status == 200
    for _ in range(3):
        assert door.ask(address=any_address(), Cookie=cookie).code == "quota_exhausted"
    forged = "gapura_visitor=" + ".".join(base64.urlsafe_b64encode(bytes(16)).decode().rstrip("=") for _ in range(2))
    address = any_address()
    assert door.ask(address=address, Cookie=forged, **browser).headers["Set-Cookie"]
    assert door.ask(address=address, Cookie=forged).code == "quota_exhausted"


def test_guessing_keys_gives_nothing_and_is_written_down(door):
    admin = Administrator(door.server)
    key = admin.key("shop:use", services=["cvmaker"])
    visitor = any_address()
    good = door.ask(X_Api_Key=key)
    assert (good.status, good.headers["X-Caller-Kind"], good.headers["X-Roles"]) == (200, "key", "-")
    for _ in range(60):
        assert door.ask(X_Api_Key=forge.random_key(), address=visitor).code == "invalid_credential"
    for wrong in (key[:15] + forge.random_key()[15:], key + "0", key.upper(), key[:-1]):
        assert door.ask(X_Api_Key=wrong, address=visitor).code == "invalid_credential"
    admin.wait_for_refusals(64, "invalid_credential", "cvmaker", address=visitor)
    # At the services' door, the gateway's own and the one that is asked about.
    body = {"service": "cvmaker", "credential": key}
    asking = [forge.misspelt(admin.key("access:check:cvmaker")), *(forge.random_key() for _ in range(20))]
    for guess in asking:
        answer = door.server.client().post("/access/check", json=body, headers={"X-Api-Key": guess})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert door.ask(X_Gapura_Gateway=guess).code == "untrusted_gateway"
    admin.wait_for_refusals(2 * len(asking), "untrusted_gateway", "cvmaker", address="127.0.0.1")
    known = admin.key("access:check:cvmaker")
    for _ in range(20):
        answer = door.server.client().post(
            "/access/check", json=body | {"credential": forge.random_key()}, headers={"X-Api-Key": known})
        assert answer.json()["reason"] == "invalid_credential"
    admin.wait_for_refusals(20, "invalid_credential", "cvmaker", address="127.0.0.1")
    assert door.ask(X_Api_Key=key).status == 200


@pytest.mark.only_on("postgres")
def test_one_name_is_counted_once_and_given_back_once_whichever_process_is_asked(start, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    variables = {"MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "APP_URL": "http://gate.example"}
    servers = [start(folder=folder, **variables) for _ in range(2)]
    doors = [Door(server) for server in servers]
    _, tokens = sign_in(servers[0], make_person(servers[0]))
    mine = bearer(tokens["access_token"])
    key = Administrator(servers[0]).key("access:check:cvmaker")

    def forward(number, name):
        answer = doors[number].ask(X_Gapura_Request=name, **mine)
        return answer.headers["RateLimit"].split(";")[1]

    def check(number, name, cost):
        answer = servers[number].client().post("/access/check", headers=bearer(key), json={
            "service": "cvmaker", "credential": tokens["access_token"], "cost": cost, "request": name})
        return answer.json()["limit"]["remaining"]

    def release(number, name):
        return servers[number].client().post(
            "/access/release", headers=bearer(key), json={"service": "cvmaker", "request": name}).json()["amount"]

    assert [forward(number, "request-1") for number in (0, 0, 1, 1)] == ["r=49"] * 4
    assert [check(number, "request-2", 5) for number in (0, 1, 1, 0)] == [44] * 4
    # The same name of another gateway, here a key, is another request.
    assert check(0, "request-1", 1) == 43
    assert [release(number, "request-2") for number in (1, 0, 1)] == [5, 0, 0]
    assert check(0, "request-3", 0) == 48
    # One's own name first, then the other gateway's.
    assert [release(1, "request-1") for _ in range(3)] == [1, 1, 0]
    assert check(1, "request-4", 0) == 50


def test_a_block_counts_within_a_second(door):
    admin = Administrator(door.server)
    person = make_person(door.server)
    _, tokens = sign_in(door.server, person)
    mine = bearer(tokens["access_token"])
    assert door.ask(**mine).status == 200
    admin("POST", f"/users/{person.id}/block", {"reason": "test"})
    since = time.monotonic()
    eventually(lambda: door.ask(**mine).status != 200, "the block")
    assert time.monotonic() - since < 1
    assert (door.ask(**mine).status, door.ask(**mine).code) == (403, "account_blocked")


def test_other_methods_than_get_and_head_are_not_answered(door):
    assert door.ask(address=any_address(), verb="HEAD").status == 200
    assert door.ask(verb="POST").code == "method_not_allowed"


def test_a_visitor_is_known_by_an_address_with_a_port_and_in_brackets(door):
    for plain, others in {
        "198.51.100.7": ["198.51.100.7:1", "198.51.100.7:65535", " 198.51.100.7:443 "],
        "2001:db8:1::1": ["[2001:db8:1::1]", "[2001:db8:1::1]:443", "[2001:DB8:1:0:0::2]:1"],
    }.items():
        assert door.ask(address=plain).status == 200
        for other in others:
            assert door.ask(address=other).code == "quota_exhausted", other
    assert [door.ask(address=f"203.0.113.{number}:5000").status for number in range(3)] == [200, 200, 200]
    assert [line for line in door.server.log if "cannot be read" in line["message"]] == []
    for _ in range(3):
        door.ask(address="unknown")
    warnings = eventually(
        lambda: [line for line in door.server.log if "cannot be read" in line["message"]], "a complaint in the log")
    assert [(line["level"], line["hop"]) for line in warnings] == [("warning", "unknown")]


def test_the_methods_case_counts_at_every_door(door):
    admin = Administrator(door.server)
    admin.add_service("m", routes=[{"path": "/m"}, {"path": "/m", "method": "GET", "permission": "adm:go"}])
    key, person = admin.key("access:check:m"), make_person(door.server)
    _, tokens = sign_in(door.server, person)
    credential = tokens["access_token"]
    for method, reason in (("GET", "permission_denied"), ("get", "ambiguous_request"), ("BREW", None), ("brew", None)):
        answer = door.server.client().post("/access/check", headers=bearer(key), json={
            "service": "m", "credential": credential, "method": method, "path": "/m"})
        assert answer.json()["reason"] == reason, method
        told = Door(door.server, "m").ask("/m", method, **bearer(credential))
        assert told.status == 200 if reason is None else told.code == reason


def test_what_means_something_in_other_products_is_no_path_of_a_route(door):
    admin = Administrator(door.server)

    def add(slug, path, status):
        answer = admin.client.post("/services", headers=admin.headers, json={
            "slug": slug, "name": slug, "audience": slug, "upstream": "http://127.0.0.1:9001", "routes": [{"path": path}]})
        assert answer.status_code == status, answer.text
        return answer.json()

    for path in ("/v1/*", "/users/:id", "/a{id}", "/{}", "/{a}{b}", "/a?b"):
        refused = add("bad", path, 422)
        assert list(refused["errors"]) == ["routes[0].path"], refused
    made = add("notes", "/notes/{id}", 201)
    assert made["routes"][0]["path"] == "/notes/{id}"
    assert add("braces", "/%7Bid%7D/%2A", 201)["routes"][0]["path"] == "/%7Bid%7D/%2A"
    headers = bearer(sign_in(door.server, make_person(door.server))[1]["access_token"])
    notes = Door(door.server, "notes")
    assert [notes.ask(path, **headers).status for path in ("/notes/7", "/notes/7/x", "/notes/%7Bid%7D")] == [200] * 3
    assert [notes.ask(path, **headers).code for path in ("/notes", "/notes/", "/")] == ["route_unknown"] * 3


def test_a_trusted_proxy_is_no_gateway(start):
    """What the manual puts in front of Gapura lets the whole internet through to this door."""
    server = start(TRUSTED_PROXIES="127.0.0.1", GATEWAYS="192.0.2.1")
    door = Door(server)
    for sent in ({}, {"X_Forwarded_For": "198.51.100.1"}, {"X_Gapura_Request": "12345678-same"}):
        assert door.ask(**sent).code == "untrusted_gateway"
    assert [line for line in server.log if "GATEWAYS" in line["message"]] == []
    # Its word about where somebody is counts elsewhere, and beside a gateway's here.
    both = Door(start(TRUSTED_PROXIES="203.0.113.0/24", GATEWAYS="127.0.0.1"))
    assert both.ask(address="198.51.100.3, 203.0.113.9").status == 200
    assert both.ask(address="198.51.100.3").code == "quota_exhausted"


def test_proxies_without_gateways_are_warned_about_at_the_start(start):
    server = start(base=PRODUCTION, TRUSTED_PROXIES="127.0.0.1", HTTP_HOST="127.0.0.1")
    [warning] = [line for line in server.log if "GATEWAYS" in line["message"]]
    assert warning["level"] == "warning"
    assert send(server.port, "/access/forward/cvmaker").code == "untrusted_gateway"
