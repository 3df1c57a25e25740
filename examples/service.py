"""A service behind the gate. It protects nothing itself: it answers whoever comes, with what the gate says of him.

    python3 examples/service.py [PORT]
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ABOUT = ["X-Caller-Kind", "X-User-Id", "X-Plan", "X-Roles"]


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"path": self.path} | {name: self.headers[name] for name in ABOUT}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    # Only the gateway of this machine reaches it: whoever got here past the gate could say that he is anybody.
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9001), Service).serve_forever()
