"""Real gateways with the files that we ship, only their ports changed, in front of a service that tells what it got."""

import base64
import contextlib
import email
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.client import PASSWORD, bearer, fresh_email, make_person, sign_in, token_of
from support.server import PATIENCE, eventually, run

DEPLOY = Path(__file__).parents[3] / "deploy" / "gateway"


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def code(self):
        assert self.headers["Content-Type"] == "application/problem+json", (self.status, self.body)
        document = json.loads(self.body)
        assert document["status"] == self.status
        assert document["type"] == f"urn:gapura:problem:{document['code']}"
        return document["code"]

    def __repr__(self):
        return f"{self.status} {self.headers.items()} {self.body!r}"


def send(port, path="/", method="GET", headers=None, source="127.0.0.1", body=None):
    """A request as written: no path is mended, and a list of pairs may have a header twice."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0))
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items() if isinstance(headers, dict) else headers or []:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()


@contextlib.contextmanager
def handshake(port, headers, path="/", source="127.0.0.1"):
    """Asks for a WebSocket: gives the answer, and after a 101 a function that sends bytes and returns what came back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0))
    wanted = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    connection.putrequest("GET", path, skip_accept_encoding=True)
    for name, value in (wanted | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    # http.client reads no body after a 101, so nothing of the stream is lost; getresponse would close the socket.
    stream = connection.sock
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1) or b"\r\n\r\n"

    def echo(data):
        stream.sendall(data)
        back = b""
        while len(back) < len(data):
            back += stream.recv(4096)
        return back

    try:
        lines = head.decode("latin-1").splitlines()
        yield int(lines[0].split()[1]), email.message_from_string("\n".join(lines[1:])), echo
    finally:
        connection.close()


class Upstream:
    """A service without any protection of its own. `seen` has the headers of every request that came to it.

    - answers: by path the status and the headers of an answer; 200 without any for others.
    """

    def __init__(self):
        seen = self.seen = []
        answers = self.answers = {}

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append((self.command, self.path, self.headers.items(), body))
                if self.headers.get("Upgrade") == "websocket":
                    return self.echo()
                status, headers = answers.get(self.path, (200, []))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def echo(self):
                """A WebSocket (RFC 6455, 4.2.2) that gives back what comes, as it came, until the client closes."""
                accept = hashlib.sha1(self.headers["Sec-WebSocket-Key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                self.protocol_version = "HTTP/1.1"
                self.send_response(101)
                self.send_header("Connection", "Upgrade")
                self.send_header("Upgrade", "websocket")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept.digest()).decode())
                self.end_headers()
                self.close_connection = True
                while data := self.connection.recv(4096):
                    self.connection.sendall(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def last(self):
        """The headers of the last request: lower-case name to every value."""
        headers = {}
        for name, value in self.seen[-1][2]:
            headers.setdefault(name.lower(), []).append(value)
        return headers


def free_port():
    for _ in range(100):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port")


class Program:
    """A program of others that listens at `port`."""

    def __init__(self, folder, command, variables=None):
        self.log = open(folder / "program.log", "w+b")
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(folder)} | (variables or {}),
        )
        eventually(self._is_up, "the program to listen")

    def _is_up(self):
        assert self.process.poll() is None, self.tail()
        with socket.socket() as probe:
            return not probe.connect_ex(("127.0.0.1", self.port))

    def tail(self):
        self.log.seek(0)
        return self.log.read().decode()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.log.close()


def replace_once(path, pairs):
    text = path.read_text()
    for old, new in pairs:
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


def render_nginx(
    folder, port, gapura, upstream, slug="cvmaker", servers="", key="", passes_credentials=False, preflights=False
):
    """The shipped files with other ports, and with files of its own in the folder alone.

    - servers: more for the http block.
    - preflights: whether they pass.
    """
    shutil.copytree(DEPLOY / "nginx", folder, dirs_exist_ok=True)
    own = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.getuid() == 0 else ""
    pairs = [
        ("pid /run/gapura-gateway.pid;", f"{user}pid {folder}/nginx.pid;"),
        ("server 127.0.0.1:9001", f"server 127.0.0.1:{upstream}"),
        ("listen 127.0.0.1:8000", f"listen 127.0.0.1:{port}"),
        ("$gapura_service cvmaker", f"$gapura_service {slug}"),
        ("http {\n", "http {\n" + own + servers),
    ]
    if passes_credentials:
        pairs.insert(0, ("include gapura/upstream.conf", "include gapura/upstream-with-credentials.conf"))
    if preflights:
        pairs.append(("# set $gapura_preflights", "set $gapura_preflights"))
    replace_once(folder / "nginx.conf", pairs)
    replace_once(folder / "gapura/address.conf", [("server 127.0.0.1:8080", f"server 127.0.0.1:{gapura}")])
    replace_once(folder / "gapura/http.conf", [
        ('$gapura_gateway_key {\n    default "";', f'$gapura_gateway_key {{\n    default "{key}";'),
    ])


class Nginx(Program):
    def __init__(self, folder, gapura, upstream, **options):
        self.port = free_port()
        render_nginx(folder, self.port, gapura, upstream, **options)
        super().__init__(folder, ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])


class Caddy(Program):
    def __init__(self, folder, gapura, upstream, slug="cvmaker", key="", preflights=False, trusted_proxies=None):
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(DEPLOY / "caddy/Caddyfile", folder)
        replace_once(folder / "Caddyfile", [
            ("reverse_proxy 127.0.0.1:9001", f"reverse_proxy 127.0.0.1:{upstream}"),
            ("http://127.0.0.1:8000 {", f"http://127.0.0.1:{self.port} {{"),
            ("import gapura cvmaker", f"import gapura {slug}"),
            *([("# import gapura-preflights", "import gapura-preflights")] if preflights else []),
            *([("header_up X-Forwarded-Method", f"trusted_proxies {trusted_proxies}\n\t\theader_up X-Forwarded-Method")]
              if trusted_proxies else []),
        ])
        variables = {"GAPURA": f"127.0.0.1:{gapura}"} | ({"GAPURA_GATEWAY_KEY": key} if key else {})
        super().__init__(folder, ["caddy", "run", "--adapter", "caddyfile", "--config", "Caddyfile"], variables)


class Administrator:
    def __init__(self, server):
        email = fresh_email("boss")
        link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
        self.client = server.client()
        done = self.client.post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD})
        assert done.status_code == 200, done.text
        self.headers = bearer(self.client.log_in(email).json()["access_token"])

    def __call__(self, method, path, body=None, status=200):
        answer = self.client.request(method, path, json=body, headers=self.headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def add_service(self, slug, **fields):
        body = {"slug": slug, "name": slug, "audience": slug, "upstream": "http://127.0.0.1:9001"} | fields
        return self("POST", "/services", body, 201)

    def key(self, *scopes, services=None):
        """A gateway's, if all scopes are for asking; else a personal one for these services."""
        body = {"name": "key", "scopes": list(scopes)} | ({"services": services} if services else {})
        return self("POST", "/api-keys", body, 201)["key"]

    def refusals(self, reason, service, **personal):
        """How many the audit log tells of, and by whom; equal ones are one line with a count."""
        lines = self("GET", f"/audit?action=access.decide&subject=service:{service}&limit=100")["data"]
        found = [
            line for line in lines
            if line["reason"] == reason and line["outcome"] == "refused" and personal.items() <= line["personal"].items()
        ]
        return sum(line["count"] for line in found), {line["actor"] for line in found}

    def wait_for_refusals(self, count, reason, service, by="anonymous", **personal):
        """Until so many are written down, all by this one."""
        eventually(
            lambda: self.refusals(reason, service, **personal) == (count, {by}),
            f"{count} times {reason} at {service} in the audit log; there are {self.refusals(reason, service)}")


class Scene:
    """Gapura, a service, and a gateway between the service and the world."""

    def __init__(self, server, make_gateway):
        self.server = server
        self.admin = Administrator(server)
        self.upstream = Upstream()
        self.make_gateway = make_gateway
        self.gateways = []
        self.gateway = self.add_gateway("cvmaker")

    def add_gateway(self, slug, upstream=None, **options):
        folder = self.server.folder / f"gateway{len(self.gateways)}"
        folder.mkdir()
        gateway = self.make_gateway(folder, self.server.port, upstream or self.upstream.port, slug=slug, **options)
        self.gateways.append(gateway)
        return gateway

    def close(self):
        for gateway in self.gateways:
            gateway.close()
        self.upstream.close()

    def send(self, path="/", method="GET", headers=None, gateway=None, **options):
        return send((gateway or self.gateway).port, path, method, headers, **options)

    def signed_in(self, plan=None):
        """Somebody's headers with his access token, and who he is."""
        person = make_person(self.server)
        if plan:
            self.admin("PUT", f"/users/{person.id}/entitlement", {"plan": plan})
        _, tokens = sign_in(self.server, person)
        return bearer(tokens["access_token"]), person

    def spend(self, service, headers, cost):
        """Draws from somebody's quota, past the gateway."""
        key = self.admin.key(f"access:check:{service}")
        answer = self.server.client().post(
            "/access/check", headers=bearer(key),
            json={"service": service, "credential": headers["Authorization"].split()[1], "cost": cost},
        )
        assert answer.json()["allowed"], answer.text
