"""A receiver of webhooks on a thread, which fails, hangs, redirects and lies on request."""

import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.server import PATIENCE, eventually


@dataclass
class Received:
    path: str
    headers: dict
    body: bytes


@dataclass
class Receiver:
    """What it does is looked up by the path; the last behaviour of a list stays."""

    behaviours: dict = field(default_factory=dict)
    received: list = field(default_factory=list)

    def __post_init__(self):
        receiver = self
        self.closing = threading.Event()
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.answer(self, Received(self.path, dict(self.headers.items()), body))

            def do_GET(self):
                receiver.answer(self, Received(self.path, dict(self.headers.items()), b""))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def does(self, path, *behaviours):
        """For each request the next of them: a status, or a name of `answer`'s. Returns the URL."""
        self.behaviours[path] = list(behaviours)
        return self.url + path

    def answer(self, handler, received):
        with self._lock:
            self.received.append(received)
            behaviours = self.behaviours.get(received.path, [204])
            behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        if behaviour == "hang":
            self.closing.wait(PATIENCE)
            handler.close_connection = True
        elif behaviour == "close early":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            handler.close_connection = True
        elif behaviour == "close at once":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif behaviour == "megabytes":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
            try:
                while not self.closing.is_set():
                    handler.wfile.write(b"m" * 65536)
            except OSError:
                pass
            handler.close_connection = True
        elif behaviour == "redirect":
            handler.send_response(302)
            handler.send_header("Location", self.url + "/elsewhere")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        else:
            body = f"status {behaviour}".encode()
            handler.send_response(behaviour)
            if behaviour != 204:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            if behaviour != 204:
                handler.wfile.write(body)

    def at(self, path):
        with self._lock:
            return [received for received in self.received if received.path == path]

    def wait_for(self, path, count=1):
        eventually(lambda: len(self.at(path)) >= count, f"{count} requests at {path}")
        return self.at(path)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)
