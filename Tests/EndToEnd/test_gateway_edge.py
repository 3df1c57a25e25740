"""The gate through the Worker of deploy/edge, run by Node: what holds for the other gateways, and what is its own.

Some of what holds for the others has a test of its own here: paths with dots, which the platform resolves before the
Worker sees them; a control character in a header, which fetch refuses; a service that Gapura does not know, for which there
is no key; and pages, since the fetch of Node (not that of the platform) says Sec-Fetch-Mode itself. A WebSocket's upgrade cannot be
run under Node; Tests/Edge shows what the Worker asks for one.
"""

import pytest
from support import forge
from support.client import bearer
from support.edge import EdgeScene
from support.gateway import send
from test_gateway import SHARED

pytestmark = pytest.mark.database_plays_no_part

ELSEWHERE = {
    "what_can_be_read_in_two_ways_is_refused", "a_client_that_sends_too_much_is_not_told_of_an_outage",
    "nobody_signed_in_is_sent_to_sign_in", "a_browser_is_known_again_by_its_cookie",
    "a_websocket_of_a_foreign_page_does_not_count_a_cookie",
}


@pytest.fixture
def scene(start):
    scene = EdgeScene(start())
    yield scene
    scene.close()


def test_what_has_a_test_of_its_own_is_there():
    assert ELSEWHERE <= set(SHARED)


@pytest.mark.parametrize("behaviour", sorted(set(SHARED) - ELSEWHERE))
def test_it_holds_that(behaviour, scene):
    SHARED[behaviour](scene)


def test_a_path_is_resolved_before_it_is_decided_about(scene):
    scene.admin.add_service("shop", allow_anonymous=True, routes=[
        {"path": "/"}, {"path": "/admin", "permission": "shop:admin"}])
    shop = scene.add_gateway("shop")
    headers, _ = scene.signed_in()
    for path in ("/a/../admin", "/./admin", "/a/%2e%2e/admin", "/a\\..\\admin", "/%61dmin", "/admin/", "/admin?x=/"):
        assert scene.send(path, headers=headers, gateway=shop).code == "permission_denied", path
    for path in ("//admin", "/a//admin", "/..%2fadmin", "/x%2fadmin", "/admin;x", "/a%5cadmin", "/admin%00", "/a%c0%afb"):
        assert scene.send(path, headers=headers, gateway=shop).code == "ambiguous_request", path
    assert scene.upstream.seen == []
    for sent, resolved in [("/a/../b?c=%2F", "/b?c=%2F"), ("/ADMIN", "/ADMIN"), ("/x/./y", "/x/y")]:
        assert scene.send(sent, headers=headers, gateway=shop).status == 200
        assert scene.upstream.seen[-1][1] == resolved


def test_a_client_that_sends_too_much_is_not_told_of_an_outage(scene):
    headers, _ = scene.signed_in()
    for cookies in ("a=;" * 700, "theme=" + "x" * 5_000 + "; a=;" * 500):
        refused = scene.send(headers=headers | {"Cookie": cookies})
        assert (refused.status, refused.code) == (431, "headers_too_large"), refused
        assert refused.headers["Retry-After"] is None
    assert scene.upstream.seen == []


def test_nobody_signed_in_is_sent_to_sign_in_and_a_plan_counts_at_the_next_request(scene):
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


def test_a_browser_is_known_again_by_its_cookie(scene):
    page = {"Accept": "text/html,*/*;q=0.8"}
    first = scene.send(headers=page, source="127.0.0.51")
    assert first.status == 200
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("gapura_visitor=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    device = page | {"Cookie": cookie.split(";")[0]}
    moved = [scene.send(headers=device, source=f"127.0.0.{n}") for n in (52, 54, 55)]
    assert [answer.status for answer in moved] == [200, 429, 429], moved
    assert moved[0].headers["Set-Cookie"] is None


def test_only_a_key_for_the_service_opens_it(scene):
    for wrong in (scene.admin.key("access:check:jobportal"), forge.misspelt(scene.admin.key("access:check:cvmaker"))):
        assert scene.send(gateway=scene.add_gateway("cvmaker", key=wrong)).code == "untrusted_gateway"
    assert scene.send(gateway=scene.add_gateway("cvmaker", key="")).code == "unavailable"
    assert scene.upstream.seen == []


def test_tokens_that_cannot_be_good_are_refused_at_the_edge_and_good_ones_are_gapuras_to_decide_about(scene):
    edge = scene.add_gateway("cvmaker", issuer=scene.server.url)
    headers, person = scene.signed_in()
    token = headers["Authorization"].split()[1]
    assert scene.send(headers=headers, gateway=edge).status == 200
    key, (header, claims) = forge.private_key(scene.server), forge.parts(token)
    bad = [
        forge.sign_es256(key, header, claims | {"exp": claims["iat"] - 1_000}),
        forge.sign_es256(key, header, claims | {"iss": "https://id.example.com"}),
        token[:-8] + "AAAAAAAA",
    ]
    for each in bad:
        refused = scene.send(headers=bearer(each), gateway=edge)
        assert (refused.status, refused.code) == (401, "invalid_credential")
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="gapura", error="invalid_token"'
    # Signed by us for somebody else, or by a key that may be newer than the last look: only Gapura can tell.
    for other in (
        forge.sign_es256(key, header, claims | {"aud": "other"}), forge.sign_es256(key, header | {"kid": "invented"}, claims)
    ):
        assert scene.send(headers=bearer(other), gateway=edge).code == "invalid_credential"
    scene.admin.wait_for_refusals(2, "invalid_credential", "cvmaker", address="127.0.0.1")
    assert send(scene.server.port, "/logout", "POST", headers, body=b"").status in (200, 204)
    assert scene.send(headers=headers, gateway=edge).code == "invalid_credential"
    assert len(scene.upstream.seen) == 1
