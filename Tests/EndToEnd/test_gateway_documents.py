"""docs/gateway.md and the example do what they say."""

import itertools
import contextlib
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support import forge
from support.client import bearer, make_person, sign_in
from support.gateway import DEPLOY, send
from support.server import PATIENCE

ROOT = DEPLOY.parents[1]
PAGE = (ROOT / "docs/gateway.md").read_text()
pytestmark = pytest.mark.database_plays_no_part


def code(language):
    [block] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return block


def identity(server, headers=None, service="cvmaker"):
    visitor = {"X-Forwarded-For": f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"}
    answer = send(server.port, f"/access/forward/{service}", headers=headers or visitor)
    assert answer.status == 200, answer
    return answer.headers["X-Gapura-Identity"]


# A program around the code of the page: a token in each line, and for each the claims or `null`.
PROGRAMS = {
    "python": """
import json, sys
import jwt
from gate import caller
for line in sys.stdin:
    try:
        print(json.dumps(caller(line.strip())), flush=True)
    except (jwt.InvalidTokenError, jwt.PyJWKClientError):
        print("null", flush=True)
""",
    "go": """
package main

import (
	"bufio"
	"encoding/json"
	"gate"
	"os"
)

func main() {
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		caller, _ := gate.Identify(lines.Text())
		answers.Encode(caller)
	}
}
""",
    "js": """
import { createInterface } from "node:readline";
import { caller } from "./gate.mjs";
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await caller(line).catch(() => null)));
}
""",
}
# The libraries of Debian's packages.
GO_LIBRARIES, NODE_LIBRARIES = Path("/usr/share/gocode"), Path("/usr/share/nodejs")


class Checker:
    """The code of the page in one language, as a service would run it."""

    def __init__(self, language, url, folder):
        text = code(language)
        assert text.count("https://id.example.com") == 1
        text = text.replace("https://id.example.com", url)
        variables = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        if language == "python":
            (folder / "gate.py").write_text(text)
            (folder / "main.py").write_text(PROGRAMS[language])
            command = [sys.executable, "main.py"]
        elif language == "go":
            # Debian has version 4, under the path that it had before there were modules.
            for name, source in {"gate": text.replace("/jwt/v5", "/jwt"), "check": PROGRAMS[language]}.items():
                (folder / "src" / name).mkdir(parents=True)
                (folder / "src" / name / "main.go").write_text(source)
            paths = {"GOPATH": f"{folder}:{GO_LIBRARIES}", "GOCACHE": str(folder / "cache"), "GO111MODULE": "off"}
            build = ["go", "build", "-o", "check-program", "check"]
            built = subprocess.run(
                build, cwd=folder, env=variables | paths, capture_output=True, text=True, timeout=PATIENCE)
            assert built.returncode == 0, built.stderr
            command = [folder / "check-program"]
        else:
            (folder / "gate.mjs").write_text(text)
            (folder / "main.mjs").write_text(PROGRAMS[language])
            (folder / "node_modules").symlink_to(NODE_LIBRARIES)
            command = ["node", "main.mjs"]
        self.process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, token):
        """The claims; nothing if the token is refused."""
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0
        self.process.stdout.close()


@pytest.mark.parametrize("language", sorted(PROGRAMS))
def test_the_code_of_the_page_tells_proof_from_anything_else(server, tmp_path, language):
    person = make_person(server)
    _, tokens = sign_in(server, person)
    mine = bearer(tokens["access_token"])
    with contextlib.closing(Checker(language, server.url, tmp_path)) as caller:
        assert_tells_proof(server, caller, person, mine, tokens["access_token"])


def assert_tells_proof(server, caller, person, mine, access_token):
    proof = identity(server, mine)
    claims = caller(proof)
    assert (claims["sub"], claims["kind"], claims["plan"], claims["roles"]) == (person.id, "user", "free", [])
    assert (claims["tenant"], claims["exp"] - claims["iat"] <= 60) == (None, True)
    assert caller(identity(server))["sub"] == "anonymous"

    # What only Gapura can make, changed in one thing; without a change it is taken.
    key, (header, honest) = forge.private_key(server), forge.parts(proof)
    jwk, _ = forge.public_key(server)

    def signed(key=key, header=header, sign=forge.sign_es256, **changes):
        return sign(key, header, {name: value for name, value in (honest | changes).items() if value is not ...})

    assert caller(signed())["sub"] == person.id
    own_key = ec.generate_private_key(ec.SECP256R1())
    head, body, signature = proof.split(".")
    wrong = {
        "an access token": access_token,
        "for another service": identity(server, mine, "jobportal"),
        "for another audience": signed(aud="other"),
        "without an audience": signed(aud=...),
        "of another issuer": signed(iss="https://id.example.com"),
        "without an issuer": signed(iss=...),
        "expired": signed(iat=honest["iat"] - 120, exp=honest["exp"] - 120),
        "without an end": signed(exp=...),
        "of another kind": signed(header=header | {"typ": "JWT"}),
        "of no kind": signed(header={name: value for name, value in header.items() if name != "typ"}),
        "a changed signature": f"{head}.{body}.{signature[:-6]}AAAAAA",
        "changed claims": f"{head}.{forge.segment(honest | {'plan': 'enterprise'})}.{signature}",
        "no signature": f"{head}.{body}.",
        "an own key": signed(own_key),
        "an own key of another name": signed(own_key, header | {"kid": "own"}),
        "an own key in the header": signed(own_key, header | {"jwk": jwk}),
        "no algorithm": f"{forge.segment(header | {'alg': 'none'})}.{body}.",
        "the public key as a secret": signed(forge.decode(jwk["x"]), header | {"alg": "HS256"}, forge.sign_hs256),
        "no token": "x",
        "nothing": "",
    }
    assert [name for name, token in wrong.items() if caller(token) is not None] == []
    assert caller(identity(server, mine))["sub"] == person.id


def test_the_headers_of_the_page_are_those_of_an_answer(server):
    answer = send(server.port, "/access/forward/cvmaker", headers={"X-Forwarded-For": "192.0.2.44"})
    listed = re.findall(r"^\| `(X-[\w-]+)` \|", PAGE.split("## What the service gets")[1], re.MULTILINE)
    assert set(listed) == {name for name in answer.headers if name.startswith("X-")} - {
        "X-Content-Type-Options", "X-Frame-Options"}


def test_every_gateway_overwrites_what_the_page_lists():
    listed = re.findall(r"^\| `(X-[\w-]+)` \|", PAGE.split("## What the service gets")[1], re.MULTILINE)
    traefik = (DEPLOY / "traefik/dynamic.yml").read_text()
    caddy = (DEPLOY / "caddy/Caddyfile").read_text()
    nginx = (DEPLOY / "nginx/gapura/headers.conf").read_text()
    for name in ("upstream.conf", "upstream-with-credentials.conf"):
        assert "\ninclude gapura/headers.conf;\n" in (DEPLOY / "nginx/gapura" / name).read_text()
    for name in listed:
        assert f"proxy_set_header {name} $" in nginx
        assert f"request_header {name} {{http." in caddy
        assert f"          - {name}\n" in traefik
        assert f"          {name}: \"\"\n" in traefik


def test_traefik_removes_every_spelling_of_what_names_another_request():
    # Traefik hands names with underscores on, which many languages read as the same.
    traefik = (DEPLOY / "traefik/dynamic.yml").read_text()
    names = ("X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override")
    for name in names:
        parts = name.split("-")
        for joints in itertools.product("-_", repeat=len(parts) - 1):
            spelling = parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:]))
            assert f'          {spelling}: ""\n' in traefik


def test_traefik_removes_what_moves_the_path_and_what_removes_headers():
    traefik = (DEPLOY / "traefik/dynamic.yml").read_text()
    for name in ("SCRIPT_NAME", "Script-Name", "PATH_INFO", "Path-Info", "Connection", "Upgrade"):
        assert f'          {name}: ""\n' in traefik


def test_traefik_removes_what_nginx_does_but_for_what_it_says_itself():
    names = re.findall(r'^proxy_set_header ([\w-]+) "";$', (DEPLOY / "nginx/gapura/headers.conf").read_text(), re.MULTILINE)
    removed = {name.lower() for name in re.findall(r'^ {10}([\w-]+): ""$', (DEPLOY / "traefik/dynamic.yml").read_text(), re.MULTILINE)}
    left = {name for name in names if name.lower() not in removed}
    assert left == {
        "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Port", "X-Forwarded-Server", "X-Gapura-Status", "X-Gapura-Code",
        "X-Gapura-Problem"}


def test_the_lines_of_the_page_are_in_the_shipped_files():
    nginx, caddy = (DEPLOY / "nginx/nginx.conf").read_text(), (DEPLOY / "caddy/Caddyfile").read_text()
    shown = re.findall(r"^ *(set \$gapura_\w+ \w+;|include gapura/\w+\.conf;)$", PAGE, re.MULTILINE)
    assert "set $gapura_preflights pass;" in shown and len(shown) >= 6
    assert [line for line in shown if line not in nginx] == []
    imports = re.findall(r"^\timport gapura.*$", PAGE, re.MULTILINE)
    assert len(imports) == 2 and [line for line in imports if line.strip() not in caddy] == []
