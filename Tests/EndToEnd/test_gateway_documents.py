"""docs/gateway.md and the example do what they say."""

import json
import re
import shutil
import subprocess

import jwt
import pytest
from support.client import bearer, make_person, sign_in
from support.gateway import DEPLOY, free_port, render_nginx, send
from support.server import BINARY, PATIENCE, environment

ROOT = DEPLOY.parents[1]
PAGE = (ROOT / "docs/gateway.md").read_text()
pytestmark = pytest.mark.database_plays_no_part


def code(language):
    [block] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return block


def identity(server, headers=None, service="cvmaker"):
    answer = send(server.port, f"/access/forward/{service}", headers=headers or {"X-Forwarded-For": "192.0.2.33"})
    assert answer.status == 200, answer
    return answer.headers["X-Gapura-Identity"]


def test_the_python_of_the_page_tells_proof_from_anything_else(start):
    server = start()
    person = make_person(server)
    _, tokens = sign_in(server, person)
    page = {}
    exec(code("python").replace("https://id.example.com", server.url), page)
    mine = bearer(tokens["access_token"])
    claims = page["caller"](identity(server, mine))
    assert (claims["sub"], claims["kind"], claims["plan"], claims["roles"]) == (person.id, "user", "free", [])
    assert page["caller"](identity(server))["sub"] == "anonymous"

    head, body, signature = identity(server, mine).split(".")
    own = jwt.encode(claims, "k" * 32, headers={"typ": "gapura-identity+jwt"})
    for wrong in (
        tokens["access_token"], identity(server, mine, "jobportal"), own, f"{head}.{body}.{signature[:-6]}AAAAAA",
        f"{head}.{body}.", "x", "",
    ):
        with pytest.raises((jwt.InvalidTokenError, jwt.PyJWKClientError)):
            page["caller"](wrong)


def test_the_go_and_the_node_of_the_page_check_the_same():
    for block in (code("go"), code("js")):
        for part in ("gapura-identity+jwt", "ES256", "cvmaker", "/.well-known/jwks.json", "https://id.example.com"):
            assert part in block


def test_the_headers_of_the_page_are_those_of_an_answer(server):
    answer = send(server.port, "/access/forward/cvmaker", headers={"X-Forwarded-For": "192.0.2.44"})
    listed = re.findall(r"^\| `(X-[\w-]+)` \|", PAGE.split("## What the service gets")[1], re.MULTILINE)
    assert set(listed) == {name for name in answer.headers if name.startswith("X-")} - {
        "X-Content-Type-Options", "X-Frame-Options"}


def test_every_gateway_overwrites_what_the_page_lists():
    listed = re.findall(r"^\| `(X-[\w-]+)` \|", PAGE.split("## What the service gets")[1], re.MULTILINE)
    traefik = (DEPLOY / "traefik/dynamic.yml").read_text()
    caddy = (DEPLOY / "caddy/Caddyfile").read_text()
    plain, passing = [(DEPLOY / "nginx/gapura" / name).read_text() for name in (
        "upstream.conf", "upstream-with-credentials.conf")]
    for name in listed:
        assert f"proxy_set_header {name} $" in plain and f"proxy_set_header {name} $" in passing
        assert f"request_header {name} {{http." in caddy
        assert f"          - {name}\n" in traefik
        assert f"          {name}: \"\"\n" in traefik


def test_the_lines_of_the_page_are_in_the_shipped_files():
    nginx, caddy = (DEPLOY / "nginx/nginx.conf").read_text(), (DEPLOY / "caddy/Caddyfile").read_text()
    shown = re.findall(r"^ *(set \$gapura_\w+ \w+;|include gapura/\w+\.conf;)$", PAGE, re.MULTILINE)
    assert "set $gapura_preflights pass;" in shown and len(shown) >= 6
    assert [line for line in shown if line not in nginx] == []
    imports = re.findall(r"^\timport gapura.*$", PAGE, re.MULTILINE)
    assert len(imports) == 2 and [line for line in imports if line.strip() not in caddy] == []


def test_the_second_step_of_the_readme_works_as_written(start, tmp_path):
    server = start()
    ports = {name: free_port() for name in ("gateway", "service")}
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples", folder / "examples")
    render_nginx(folder / "deploy/gateway/nginx", ports["gateway"], server.port, ports["service"])
    section = (ROOT / "README.md").read_text().split("## A service behind the gate")[1].split("\n## ")[0]
    [script] = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    for old, new in [
        ("sudo nginx", "nginx"), (".build/release/gapura", f"cd '{server.folder}' && '{BINARY}'"),
        ("127.0.0.1:8000", f"127.0.0.1:{ports['gateway']}"), (" 9001", f" {ports['service']}"),
        ("APP_ENV=development cd", "cd"),
    ]:
        assert old in script, old
        script = script.replace(old, new)
    # People take a moment before they look; a script waits until both listen.
    wait = "until curl -s -o out http://127.0.0.1:{0}/; do sleep 0.05; done\n".format(ports["service"])
    script = script.replace("SERVICE=$!\n", "SERVICE=$!\n" + wait)
    variables = environment(server.variables) | {
        "APP_URL": server.url, "GAPURA": server.url, "GATEWAY": f"http://127.0.0.1:{ports['gateway']}"}
    variables["PATH"] += ":/usr/sbin"
    result = subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=variables, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 0, result.stdout + result.stderr
    first, second, played = re.split(r"(?=HTTP/1.1 429)|(?=Nobody signed in)", result.stdout)
    assert first.startswith("HTTP/1.1 200") and json.loads(first.split("\n\n")[-1].split("\r\n\r\n")[-1])["X-Plan"] == "anonymous"
    assert "Retry-After: " in second and '"code":"quota_exhausted"' in second
    lines = [line.split()[:3] for line in played.splitlines() if re.match(r"\w+ +\d{3} ", line)]
    assert lines == [
        ["anonymous", "429", "quota_exhausted"], ["anonymous", "429", "quota_exhausted"],
        ["free", "200", "user,"], ["free", "200", "user,"], ["free", "429", "quota_exhausted"],
        ["pro", "200", "user,"], ["pro", "200", "user,"],
    ]
    assert re.search(r'pro +200  user, plan pro +"day";r=998', played)
