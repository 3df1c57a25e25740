"""What a person does before there is anything to measure: register, verify, sign in."""

import json
import time
import urllib.error
import urllib.request

PASSWORD = "correct horse battery staple"


def call(method: str, url: str, body: dict | None = None, headers: dict[str, str] | None = None) -> tuple[bytes, dict]:
    """The body and the headers of an answer; anything but 2xx is an error."""
    request = urllib.request.Request(url, method=method, headers=headers or {})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {url}: {error.code} {error.read()[:300]!r}") from error


def status(url: str, headers: dict[str, str]) -> tuple[int, dict]:
    """The status, whatever it is, and the headers of the answer to a GET."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


def verified_user(url: str, email: str) -> None:
    call("POST", f"{url}/register", {"email": email, "password": PASSWORD, "first_name": "Ayu"})
    end = time.monotonic() + 10
    while time.monotonic() < end:
        mails = json.loads(call("GET", f"{url}/dev/mailbox.json", headers={"Host": "localhost"})[0])
        for mail in mails:
            if mail["to"] == email:
                link = next(link for link in mail["links"] if "/verify" in link)
                call("POST", f"{url}/verify", {"token": link.rpartition("token=")[2]}, {"Accept": "application/json"})
                return
        time.sleep(0.05)
    raise RuntimeError("the verification mail did not come")


def access_token(url: str, email: str) -> str:
    return sign_in(url, email)["access_token"]


def refresh_token(url: str, email: str) -> str:
    return sign_in(url, email)["refresh_token"]


def sign_in(url: str, email: str) -> dict:
    body, _ = call(
        "POST", f"{url}/login", {"email": email, "password": PASSWORD}, {"X-Token-Delivery": "body"})
    return json.loads(body)
