"""Signing in with other companies, as far as it needs none: what is not configured, and closed registration."""

import pytest

from support.client import fresh_email, problem

STATE = "A" * 22
CALLBACK = "/auth/social/callback/google"


def test_companies_are_listed_and_the_others_are_unknown(server):
    client = server.client()
    for provider in client.get("/auth/providers").json()["providers"]:
        assert set(provider) == {"name", "label", "login_path"}
    problem(client.get("/oidc/nobody/login", headers={"Accept": "application/json"}), 404, "provider_unknown")


@pytest.mark.parametrize(
    "query", ["", "?state=x", f"?state={STATE}", f"?state={STATE}&code=c", f"?state={STATE}&code=c&error=x"]
)
def test_a_callback_that_nobody_began_changes_nothing(server, query):
    client = server.client()
    answer = client.get(CALLBACK + query, headers={"Accept": "application/json"})
    problem(answer, 400, "invalid_state")
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    page = client.get(CALLBACK + query, headers={"Accept": "text/html"})
    assert page.status_code == 400 and page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name, value", [("Sec-Purpose", "prefetch"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")])
def test_a_browser_that_looks_ahead_gets_nothing(server, name, value):
    client = server.client()
    for path in (f"{CALLBACK}?state={STATE}&code=c", "/google/login"):
        answer = client.get(path, headers={name: value})
        assert answer.status_code == 204 and "Set-Cookie" not in answer.headers


def test_where_registration_is_closed_administrators_alone_make_accounts(start):
    client = start(REGISTRATION="closed").client()
    problem(client.post("/register", json={"email": fresh_email(), "password": "correct horse"}), 403, "registration_closed")
