"""A person's or program's view of a server, by the requests library."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PASSWORD = "correct horse battery staple"


def fresh_email(name="ana"):
    return f"{name}.{uuid.uuid4().hex}@example.com"


class Client(requests.Session):
    """Keeps cookies as a browser does; paths are relative to the server."""

    def __init__(self, url, patience=60):
        super().__init__()
        self.url = url
        self.patience = patience
        self.trust_env = False

    def request(self, method, path, **options):
        options.setdefault("timeout", self.patience)
        options.setdefault("allow_redirects", False)
        url = path if path.startswith("http") else self.url + path
        return super().request(method, url, **options)

    def register(self, email, password=PASSWORD, **fields):
        return self.post("/register", json={"email": email, "password": password, **fields})

    def log_in(self, email, password=PASSWORD, **options):
        return self.post("/login", json={"email": email, "password": password}, **options)

    def me(self, token):
        return self.get("/me", headers=bearer(token))

    def mails(self, to=None, wait=0):
        """Captured mails, all or those to one address, the newest first, over all parts of the list.

        If there are none yet, the server waits for so many seconds.
        """
        query = {"limit": 100} | ({"to": to, "wait": wait} if to else {})
        mails, path = [], "/dev/mailbox.json?" + urlencode(query)
        while path:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            mails += answer.json()
            path = answer.links.get("next", {}).get("url")
        return [mail for mail in mails if to is None or mail["to"] == to]

    def wait_for_mail(self, to):
        from support.server import eventually

        return eventually(lambda: self.mails(to, wait=5), f"a mail to {to}")[0]

    def link_token(self, to):
        [link] = self.wait_for_mail(to)["links"]
        return token_of(link)

    def prove(self, token):
        return self.post("/verify", json={"token": token})


@dataclass
class Person:
    """Somebody with a verified account."""

    email: str
    id: str
    password: str = PASSWORD


def make_person(server, **fields):
    client = server.client()
    email = fresh_email()
    answer = client.register(email, **fields)
    assert answer.status_code == 201, answer.text
    answer = client.prove(client.link_token(email))
    assert answer.status_code == 200, answer.text
    return Person(email, answer.json()["id"])


def sign_in(server, person, **options):
    """A browser with the cookies, and the tokens."""
    client = server.client()
    answer = client.log_in(person.email, person.password, **options)
    assert answer.status_code == 200, answer.text
    return client, answer.json()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def token_of(link):
    [token] = parse_qs(urlsplit(link).query)["token"]
    return token


def problem(answer, status, code):
    """Asserts that the answer is the problem document of this code, whole; returns it."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    # A refusal at a door of the gate has the identifier of its decision.
    assert set(document) - {"errors", "decision_id"} == {"type", "title", "status", "code", "detail", "request_id"}
    assert document["code"] == code
    assert document["status"] == status
    assert document["type"] == f"urn:gapura:problem:{code}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    return document


def at_once(count, action):
    """Runs the action in so many threads that all start together; returns the results in order."""
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class Page(HTMLParser):
    """What a person's browser takes from a page: its forms, links and text."""

    def __init__(self, answer):
        super().__init__()
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        self.forms = []
        self.links = []
        self.texts = []
        self.tags = set()
        self.feed(answer.text)
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        if tag == "form":
            self.forms.append({"action": attributes["action"], "method": attributes["method"], "fields": {}})
        elif tag == "input":
            self.forms[-1]["fields"][attributes["name"]] = attributes.get("value", "")
        elif tag == "a":
            self.links.append(attributes["href"])

    def handle_data(self, data):
        self.texts.append(data)

    def form(self, action):
        return next(form for form in self.forms if form["action"] == action)

    def submit(self, client, action, **filled):
        """Presses the button of the form that goes there, and is led on."""
        answer = self.press(client, action, **filled)
        return client.get(answer.headers["Location"], headers=BROWSER) if answer.status_code == 303 else answer

    def press(self, client, action, **filled):
        """The same without being led on."""
        form = self.form(action)
        assert form["method"] == "post"
        # Behind a proxy that does TLS a browser sends these over it; this client speaks to the server itself.
        secure = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies if cookie.secure)
        headers = BROWSER | ({"Cookie": secure} if secure else {})
        return client.post(form["action"], data=form["fields"] | filled, headers=headers)
