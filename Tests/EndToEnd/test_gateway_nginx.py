"""What is nginx's alone of the gate, with the files of deploy/gateway/nginx."""

import contextlib
import re

import pytest
from support import gateway_behaviour
from support.client import bearer, make_person, sign_in
from support.gateway import DEPLOY, Nginx, free_port, send

pytestmark = pytest.mark.database_plays_no_part


def test_what_nginx_asks_again_is_counted_once(make_scene):
    scene = make_scene(Nginx)
    port = free_port()
    files = scene.server.folder / "files"
    (files / "folder").mkdir(parents=True)
    for name in ("index.html", "folder/index.html", "fallback.html", "missing.html"):
        (files / name).write_text(name)
    scene.add_gateway("cvmaker", servers=f"""
        server {{
            listen 127.0.0.1:{port};
            include gapura/server.conf;
            root {files};
            set $gapura_service cvmaker;
            location / {{
                include gapura/protect.conf;
                index index.html;
            }}
            location /tried/ {{
                include gapura/protect.conf;
                try_files $uri /fallback.html;
            }}
            location /page/ {{
                include gapura/protect.conf;
                error_page 404 /missing.html;
            }}
        }}
    """)
    headers, _ = scene.signed_in()
    left = 50
    for path, status, body in [
        ("/", 200, b"index.html"), ("/folder/", 200, b"folder/index.html"), ("/tried/x", 200, b"fallback.html"),
        ("/page/x", 404, b"missing.html"), ("/fallback.html", 200, b"fallback.html"),
    ]:
        answer = send(port, path, headers=headers)
        left -= 1
        assert (answer.status, answer.body) == (status, body), answer
        assert answer.headers["RateLimit"].startswith(f'"day";r={left};'), (path, answer)
    # Nobody signed in has one request: it is enough for one that nginx asks about twice.
    assert [send(port, "/", source="127.0.0.81").status for _ in range(2)] == [200, 429]


@pytest.mark.only_on("postgres")
def test_what_nginx_asks_again_is_counted_once_by_several_processes(start, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    variables = {"MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "APP_URL": "http://gate.example"}
    first, second = [start(folder=folder, **variables) for _ in range(2)]
    files, port = tmp_path / "files", free_port()
    (files / "folder").mkdir(parents=True)
    for name in ("folder/index.html", "fallback.html", "missing.html"):
        (files / name).write_text(name)
    (tmp_path / "gateway").mkdir()
    # nginx takes them in turn.
    both = f"{first.port};\n    server 127.0.0.1:{second.port}"
    gateway = Nginx(tmp_path / "gateway", both, 1, servers=f"""
        server {{
            listen 127.0.0.1:{port};
            include gapura/server.conf;
            root {files};
            set $gapura_service cvmaker;
            location / {{
                include gapura/protect.conf;
                index index.html;
            }}
            location /tried/ {{
                include gapura/protect.conf;
                try_files $uri /fallback.html;
            }}
            location /page/ {{
                include gapura/protect.conf;
                error_page 404 /missing.html;
            }}
        }}
    """)
    with contextlib.closing(gateway):
        _, tokens = sign_in(first, make_person(first))
        left = 50
        for path, status in [("/folder/", 200), ("/tried/x", 200), ("/page/x", 404)] * 8:
            answer = send(port, path, headers=bearer(tokens["access_token"]))
            left -= 1
            assert answer.status == status and answer.headers["RateLimit"].startswith(f'"day";r={left};'), (path, answer)


def test_a_service_with_pass_credentials_gets_them_and_no_other_headers_of_the_client(make_scene):
    scene = make_scene(Nginx)
    gateway = scene.add_gateway("cvmaker", passes_credentials=True)
    headers, person = scene.signed_in()
    spoofed = gateway_behaviour.SPOOFED | {"Cookie": "a=1; gapura_visitor=v"}
    assert scene.send(gateway=gateway, headers=headers | spoofed).status == 200
    seen = scene.upstream.last
    assert seen["authorization"] == [headers["Authorization"]] and seen["cookie"] == ["a=1; gapura_visitor=v"]
    assert seen["x-user-id"] == [person.id] and "x_user_id" not in seen


def test_addresses_of_one_ipv6_network_behind_a_balancer_draw_from_one_share(make_scene):
    scene = make_scene(Nginx)
    port = free_port()
    scene.add_gateway("cvmaker", servers=f"""
        server {{
            listen 127.0.0.1:{port};
            set_real_ip_from 127.0.0.2;
            real_ip_header X-Forwarded-For;
            include gapura/server.conf;
            location / {{
                set $gapura_service cvmaker;
                include gapura/protect.conf;
                include gapura/upstream.conf;
                proxy_pass http://127.0.0.1:{scene.upstream.port};
            }}
        }}
    """)

    def send_from(address, balancer="127.0.0.2", **headers):
        return send(port, headers={"X-Forwarded-For": address} | headers, source=balancer)

    browser = {"Accept": "text/html"}
    first = send_from("2001:db8:7:1::1", **browser)
    assert first.status == 200 and first.headers["Set-Cookie"].startswith("gapura_visitor=")
    # Another address each time, and no cookie, a forged one, or that of the first time.
    for number in range(2, 12):
        for cookie in ({}, {"Cookie": "gapura_visitor=new"}, {"Cookie": first.headers["Set-Cookie"].split(";")[0]}):
            assert send_from(f"2001:db8:7:1:{number:x}::1", **browser, **cookie).code == "quota_exhausted"
    assert send_from("2001:db8:7:1::1, 2001:db8:7:1::2").code == "quota_exhausted"
    assert send_from("2001:db8:8:1::1").status == 200
    # Who is no balancer is counted by himself, whatever he claims.
    statuses = [send_from(f"2001:db8:9:{number}::1", "127.0.0.93").status for number in range(3)]
    assert statuses == [200, 429, 429]
    assert len(scene.upstream.seen) == 3


def test_nobody_reaches_the_question_itself(make_scene):
    scene = make_scene(Nginx)
    for path in ("/_gapura/forward", "/_gapura/../_gapura/forward", "/%5fgapura/forward"):
        assert scene.send(path).status == 404
    assert scene.upstream.seen == []


def test_an_error_page_of_a_post_is_decided_about_as_the_post(make_scene):
    scene = make_scene(Nginx)
    scene.admin.add_service("forms", routes=[{"path": "/form", "method": "POST"}, {"path": "/errors", "method": "GET"}])
    port = free_port()
    scene.add_gateway("cvmaker", servers=f"""
        server {{
            listen 127.0.0.1:{port};
            include gapura/server.conf;
            set $gapura_service forms;
            location / {{
                include gapura/protect.conf;
                include gapura/upstream.conf;
                proxy_pass http://127.0.0.1:{scene.upstream.port};
                proxy_intercept_errors on;
                error_page 404 /errors/404.html;
            }}
        }}
    """)
    scene.upstream.answers |= {"/form": (404, [])}
    headers, _ = scene.signed_in()
    answer = send(port, "/form", "POST", headers, body=b"x")
    assert (answer.status, answer.body) == (404, b"ok"), answer
    assert [line[:2] for line in scene.upstream.seen] == [("POST", "/form"), ("GET", "/errors/404.html")]
    assert answer.headers["RateLimit"].startswith('"day";r=49;')
    # Asked about for itself, it is as the routes say.
    assert send(port, "/form", "GET", headers).status == 403
    assert send(port, "/errors/404.html", "POST", headers, body=b"x").status == 403


def test_the_service_s_own_errors_are_not_told_as_the_gate_s(make_scene):
    scene = make_scene(Nginx)
    port = free_port()
    scene.add_gateway("cvmaker", servers=f"""
        server {{
            listen 127.0.0.1:{port};
            include gapura/server.conf;
            set $gapura_service cvmaker;
            location / {{
                set $gapura_preflights pass;
                include gapura/protect.conf;
                include gapura/upstream.conf;
                proxy_pass http://127.0.0.1:{scene.upstream.port};
                proxy_intercept_errors on;
            }}
        }}
    """)
    headers, _ = scene.signed_in()
    preflight = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT"}
    for status in (403, 500):
        scene.upstream.answers["/"] = (status, [])
        for method, sent in (("GET", headers), ("OPTIONS", preflight)):
            answer = send(port, "/", method, sent)
            assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html"), answer
            assert answer.headers["Retry-After"] is None and b"gapura" not in answer.body
    # The gate's are told as before, also after the service's.
    assert send(port, headers=bearer("x")).code == "invalid_credential"
    scene.server.kill()
    closed = send(port, headers=headers)
    assert (closed.status, closed.code, closed.headers["Retry-After"]) == (503, "unavailable", "1")
    scene.server.start()


def test_a_stranger_gets_no_identity_through_the_balancer_of_the_manual(make_scene):
    scene = make_scene(Nginx, TRUSTED_PROXIES="127.0.0.1", GATEWAYS="192.0.2.1")
    page = (DEPLOY.parents[1] / "docs/operations.md").read_text()
    [block] = re.findall(r"^server \{\n    listen 443 ssl;\n.*?^\}", page, re.MULTILINE | re.DOTALL)
    port = free_port()
    # The upstream gapura of the gateway's files is the same.
    scene.add_gateway("cvmaker", servers=block.replace("listen 443 ssl", f"listen 127.0.0.1:{port}"))
    for sent in ({}, {"X-Original-URI": "/", "X-Original-Method": "GET"}, {"X-Gapura-Request": "12345678-same"}):
        answer = send(port, "/access/forward/cvmaker?dialect=caddy", headers=sent)
        assert (answer.status, answer.code) == (403, "untrusted_gateway")
        assert answer.headers["X-Gapura-Identity"] is None
    assert send(port, "/health/live").status == 200
