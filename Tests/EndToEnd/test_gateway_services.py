"""Services that believe what a client sends, behind the real gateways with the files of deploy/gateway."""

import socket

import pytest
from support.gateway import Caddy, Nginx, handshake, send
from support.server import PATIENCE
from support.services import Gunicorn, Lighttpd, variables

pytestmark = [
    pytest.mark.database_plays_no_part,
    pytest.mark.parametrize("program", [Nginx, Caddy], ids=["nginx", "caddy"]),
]

# What may stand in a header's name beside letters, digits and the hyphen (RFC 9110, 5.6.2).
ODD = "!#$%&'*+.^_`|~"
OURS = ["X-User-Id", "X-Tenant-Id", "X-Roles", "X-Plan", "X-Caller-Kind", "X-User-Email", "X-Gapura-Identity", "X-Request-Id"]


@pytest.fixture
def start_service(tmp_path):
    services = []

    def start(kind):
        services.append(kind(tmp_path / kind.__name__))
        return services[-1]

    yield start
    for service in services:
        service.close()


def test_a_header_that_moves_the_path_does_not_reach_gunicorn(make_scene, program, start_service):
    scene, service = make_scene(program), start_service(Gunicorn)
    scene.admin.add_service("pages", allow_anonymous=True, routes=[
        {"path": "/public"}, {"path": "/admin", "permission": "pages:admin"}])
    gateway = scene.add_gateway("pages", upstream=service.port)
    headers, _ = scene.signed_in()
    assert scene.send("/admin", headers=headers, gateway=gateway).code == "permission_denied"
    assert scene.send("/public/admin", headers=headers, gateway=gateway).body == b"a public page"
    for name in ("SCRIPT_NAME", "Script_Name", "SCRIPT.NAME", "SCRIPT-NAME"):
        for sent in (headers, {}):
            answer = scene.send("/public/admin", headers=sent | {name: "/public"}, gateway=gateway)
            assert answer.status == 429 or (answer.status, answer.body) == (200, b"a public page"), (name, answer)
    # The service itself does believe it.
    assert send(service.port, "/public/admin", headers={"SCRIPT_NAME": "/public"}).body == b"the admin page"


def test_a_program_by_cgi_hears_from_gapura_alone_who_calls(make_scene, program, start_service):
    scene, service = make_scene(program), start_service(Lighttpd)
    gateway = scene.add_gateway("cvmaker", upstream=service.port)
    headers, person = scene.signed_in()
    for odd in ODD:
        forged = {name.replace("-", odd): "forged" for name in OURS} | {f"X{odd}User-Id": "forged", f"{odd}X-Plan": "forged"}
        seen = variables(scene.send("/variables.py", headers=headers | forged, gateway=gateway))
        assert "forged" not in seen.values(), (odd, seen)
        assert seen["HTTP_X_USER_ID"] == person.id and seen["HTTP_X_PLAN"] == "free"
    # The program itself does believe it.
    assert variables(send(service.port, "/variables.py", headers={"X.User.Id": "forged"}))["HTTP_X_USER_ID"] == "forged"


def test_a_header_after_the_body_is_not_one_before_it(make_scene, program, start_service):
    """Trailers (RFC 9110, 6.5): a server may merge them with the headers."""
    scene, service = make_scene(program), start_service(Lighttpd)
    gateway = scene.add_gateway("cvmaker", upstream=service.port)
    headers, person = scene.signed_in()
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as stream:
        lines = ["POST /variables.py HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Transfer-Encoding: chunked",
            "Trailer: X-User-Id, X-Plan", f"Authorization: {headers['Authorization']}"]
        body = "2\r\nab\r\n0\r\nX-User-Id: forged\r\nX-Plan: forged\r\nX-Plan-Of: forged\r\n\r\n"
        stream.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        answer = b"".join(iter(lambda: stream.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 200 "), answer
    assert f'"HTTP_X_USER_ID": "{person.id}"' in answer and "forged" not in answer


def test_what_the_client_calls_hop_by_hop_is_not_taken_from_what_gapura_says(make_scene, program):
    scene = make_scene(program)
    headers, person = scene.signed_in()
    named = ", ".join([*OURS, "X-Forwarded-For", "X-Forwarded-Proto", "Host"])
    for connection in (f"close, {named}", f"keep-alive, {named}", named, f"Upgrade, {named}", f"{named}, upgrade"):
        for name in ("Connection", "connection"):
            answer = scene.send(headers=headers | {name: connection})
            assert answer.status == 200, answer
            seen = scene.upstream.last
            assert [name for name in [*OURS, "X-Forwarded-For", "Host"] if name.lower() not in seen] == [], connection
            assert seen["x-user-id"] == [person.id] and seen["x-forwarded-for"] == ["127.0.0.1"]
    # In several fields too.
    assert scene.send(headers=[*headers.items(), *(("Connection", name) for name in OURS)]).status == 200
    assert [name for name in OURS if name.lower() not in scene.upstream.last] == []


def test_the_origin_cannot_be_hidden_from_the_gate(make_scene, program):
    scene = make_scene(program)
    headers, _ = scene.signed_in()
    cookie = {"Cookie": f"gapura_session={headers['Authorization'].split()[1]}", "Origin": "https://evil.example.com"}
    for connection in ("Origin, Sec-Fetch-Site", "close, Origin", "Upgrade, Origin", "Origin, Cookie, Authorization"):
        answer = scene.send(method="POST", headers=cookie | {"Connection": connection}, body=b"x")
        assert (answer.status, answer.code) == (403, "origin_not_allowed"), (connection, answer)
    assert scene.upstream.seen == []


def test_a_connection_becomes_no_other_protocol_than_websocket(make_scene, program):
    """After `101` for h2c a client would speak to the service with nobody between."""
    scene = make_scene(program)
    headers, _ = scene.signed_in()
    for upgrade in ("h2c", "websocket, h2c", "h2c, websocket", "TLS/1.0", "tcp", "websocketx", "h2c\twebsocket"):
        for connection in ("Upgrade, HTTP2-Settings", "Upgrade"):
            sent = {"Connection": connection, "Upgrade": upgrade, "HTTP2-Settings": "AAMAAABkAAQAAP__"}
            answer = scene.send(headers=headers | sent)
            assert answer.status in (200, 400), answer
            if answer.status == 200:
                assert "upgrade" not in scene.upstream.last, upgrade


def test_a_websocket_opens_once_counted_and_with_who_calls(make_scene, program):
    scene = make_scene(program)
    headers, person = scene.signed_in()
    for connection in ("Upgrade", "keep-alive, Upgrade", "upgrade, X-User-Id, X-Plan"):
        for upgrade in ("websocket", "WebSocket"):
            with handshake(scene.gateway.port, headers | {"Connection": connection, "Upgrade": upgrade}) as (status, _, echo):
                assert status == 101
                assert echo(b"\x81\x02hi") == b"\x81\x02hi"
            assert scene.upstream.last["x-user-id"] == [person.id]
    assert scene.send(headers=headers).headers["RateLimit"].startswith('"day";r=43;')
