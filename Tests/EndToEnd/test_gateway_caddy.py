"""What is Caddy's alone of the gate, with the file of deploy/gateway/caddy."""

import pytest
from support.gateway import Caddy, Upstream, send

pytestmark = pytest.mark.database_plays_no_part


def test_a_service_does_not_set_the_cookies_of_gapura(make_scene):
    scene = make_scene(Caddy)
    own = ["theme=dark; Path=/", "my_gapura_session=1", "session=gapura_session=1; Path=/"]
    ours = [
        "gapura_session=evil; Path=/", "gapura_session=evil; Domain=example.com", "Gapura_Session=evil", "gapura_device=evil",
        "__Host-gapura_session=evil; Path=/; Secure", " gapura_visitor = evil", "refresh_token=evil; Path=/refresh-token",
        "gapura_flow_0a1b2c3d=evil", "=gapura_session=evil", " = refresh_token=evil; Path=/",
    ]
    scene.upstream.answers["/"] = (200, [("Set-Cookie", cookie) for cookie in [*ours[:4], *own, *ours[4:]]])
    headers, _ = scene.signed_in()
    answer = scene.send(headers=headers)
    assert answer.status == 200
    assert [cookie for cookie in answer.headers.get_all("Set-Cookie") if cookie] == own
    # Ours come beside them.
    page = scene.send(headers={"Accept": "text/html"}, source="127.0.0.94")

    kept = [cookie for cookie in page.headers.get_all("Set-Cookie") if cookie]
    assert kept[:3] == own or kept[1:] == own
    assert len(kept) == 4 and [cookie for cookie in kept if cookie.startswith("gapura_visitor=")] != []


@pytest.mark.parametrize("status", [200, 204, 302])
def test_what_answers_in_gapuras_place_lets_nobody_pass(tmp_path, status):
    impostor, service = Upstream(), Upstream()
    caddy = Caddy(tmp_path, impostor.port, service.port)
    try:
        impostor.answers["/access/forward/cvmaker?dialect=caddy"] = (status, [("X-User-Id", "root"), ("Location", "/in")])
        refused = send(caddy.port)
        assert (refused.status, refused.code) == (503, "unavailable")
        assert refused.headers["Retry-After"] == "1" and refused.headers["Cache-Control"] == "no-store"
        assert impostor.seen != [] and service.seen == []
    finally:
        for program in (caddy, impostor, service):
            program.close()


def test_visitors_behind_a_balancer_are_known_by_the_addresses_that_it_names(make_scene):
    scene = make_scene(Caddy, TRUSTED_PROXIES="127.0.0.1,127.0.0.2")
    behind = scene.add_gateway("jobportal", trusted_proxies="127.0.0.2/32")

    def visit(address, source="127.0.0.2"):
        return scene.send(gateway=behind, source=source, headers={"X-Forwarded-For": address}).status

    assert [visit(address) for address in ("203.0.113.7", "203.0.113.8", "198.51.100.1", "203.0.113.7")] == [200, 200, 200, 429]
    # Who is no balancer of ours names nobody.
    assert [visit(address, "127.0.0.3") for address in ("203.0.113.17", "203.0.113.18")] == [200, 429]
