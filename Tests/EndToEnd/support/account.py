"""The calls by which a person lives with an account."""

from support.client import PASSWORD

NEW_PASSWORD = "another horse entirely"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def token_login(server, email, password=PASSWORD):
    """An app's tokens: access, refresh."""
    answer = server.client().log_in(email, password, headers={"X-Token-Delivery": "body"})
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"], answer.json()["refresh_token"]


def refresh(server, token):
    return server.client().post("/refresh-token", json={"refresh_token": token})


def ask(client, path, email):
    answer = client.post(path, json={"email": email})
    assert (answer.status_code, answer.content) == (202, b""), answer.text


def new_password(client, token, password=NEW_PASSWORD, **options):
    return client.post("/new-password", json={"token": token, "password": password}, **options)


def with_code(client, email, code):
    return client.post("/login/code", json={"email": email, "code": code})
