"""Three visitors of the service behind the gate: one is nobody, one has signed in, and one has the plan `pro`.

    python3 examples/visitors.py LINK

LINK makes an administrator, as `gapura admin create` prints it: he gives the third visitor his plan. Gapura runs in
development, so that the mails are in its mailbox. Standard library only.
"""

import json
import os
import sys
import time
import uuid
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

GAPURA = os.environ.get("GAPURA", "http://localhost:8080")
GATEWAY = os.environ.get("GATEWAY", "http://127.0.0.1:8000")
PASSWORD = "correct horse battery staple"


def call(base, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = HTTPConnection(urlsplit(base).netloc, timeout=30)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        return answer.status, answer.headers, json.loads(text) if is_json and text else {}
    finally:
        connection.close()


def gapura(method, path, body=None, token=None):
    status, headers, answer = call(GAPURA, method, path, body, token)
    if status == 429:
        # As every client should: not before the time that the answer names.
        seconds = int(headers["Retry-After"])
        print(f"(waiting {seconds} s: {answer.get('detail')})", file=sys.stderr)
        time.sleep(seconds)
        status, headers, answer = call(GAPURA, method, path, body, token)
    if status >= 400:
        sys.exit(f"{method} {path}: {status} {answer.get('detail')}")
    return answer


def token_of(link):
    return parse_qs(urlsplit(link).query)["token"][0]


def mailed_link(email):
    mails = gapura("GET", f"/dev/mailbox.json?to={email}&wait=5")
    return mails[0]["links"][0] if mails else sys.exit(f"no mail to {email}")


def register():
    """- Returns: the id of somebody new who has proved his address, and his access token."""
    email = f"visitor.{uuid.uuid4().hex[:12]}@example.com"
    gapura("POST", "/register", {"email": email, "password": PASSWORD})
    user = gapura("POST", "/verify", {"token": token_of(mailed_link(email))})
    return user["id"], gapura("POST", "/login", {"email": email, "password": PASSWORD})["access_token"]


def administrator(link):
    """- Returns: the access token of the administrator whom the link makes."""
    body = {"token": token_of(link), "password": PASSWORD}
    status, _, answer = call(GAPURA, "POST", "/administrator/accept", body)
    if status == 422:
        # The link of the first start is for any address.
        body["email"] = f"boss.{uuid.uuid4().hex[:12]}@example.com"
        status, _, answer = call(GAPURA, "POST", "/administrator/accept", body)
    if status >= 400:
        sys.exit(f"the link does not open: {answer.get('detail')}")
    return gapura("POST", "/login", {"email": answer["email"], "password": PASSWORD})["access_token"]


def visit(who, token=None):
    status, headers, answer = call(GATEWAY, "GET", "/", token=token)
    told = answer.get("code") or f"{answer['X-Caller-Kind']}, plan {answer['X-Plan']}"
    print(f"{who:10} {status}  {told:24} {headers['RateLimit'] or ''}")
    return status


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    boss = administrator(sys.argv[1])

    print("Nobody signed in has one request a day, at each service:")
    visit("anonymous")
    visit("anonymous")

    print("Signed in, one has fifty a day, at all services together:")
    _, token = register()
    visit("free", token)
    for _ in range(48):
        call(GATEWAY, "GET", "/", token=token)
    visit("free", token)
    visit("free", token)

    print("A plan counts at the next request, and with it the thousand of `pro`:")
    user, token = register()
    visit("pro", token)
    gapura("PUT", f"/users/{user}/entitlement", {"plan": "pro"}, boss)
    visit("pro", token)


if __name__ == "__main__":
    main()
