"""A client that writes bytes, for what no well-behaved client would send."""

import json
import socket
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def code(self):
        return json.loads(self.body)["code"]


class Closed(Exception):
    """The server closed the connection instead of answering."""


class Connection:
    def __init__(self, server, patience=60, port=None):
        self.socket = socket.create_connection(("127.0.0.1", port or server.port), timeout=patience)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def reset(self):
        """Ends it by RST, as a crash of the client or an angry router does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def wait_for_answer(self):
        """It has begun to come, and is not read."""
        assert self.socket.recv(1, socket.MSG_PEEK)

    def read(self, head_only=False):
        """One answer."""
        try:
            status_line = self.file.readline()
        except ConnectionError as error:
            raise Closed from error
        if not status_line:
            raise Closed
        version, status, _ = status_line.split(b" ", 2)
        assert version == b"HTTP/1.1"
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, value = line.decode("latin-1").split(":", 1)
            headers[name.lower()] = value.strip()
        length = 0 if head_only else int(headers.get("content-length", 0))
        return Answer(int(status), headers, self.file.read(length))

    def read_rest(self):
        """Everything up to the end of the connection, which is waited for."""
        try:
            return self.file.read()
        except ConnectionError:
            return b""

    @property
    def is_closed(self):
        """Whether nothing more comes but the end of the connection, which is waited for."""
        return self.read_rest() == b""


def exchange(server, data):
    """The answer to these bytes on a connection of their own."""
    with Connection(server) as connection:
        return connection.send(data).read()


def get(path="/health/live", headers=""):
    headers = headers if isinstance(headers, bytes) else headers.encode()
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode() + headers + b"\r\n"


def post(path, document, headers=""):
    body = json.dumps(document).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode() + body
