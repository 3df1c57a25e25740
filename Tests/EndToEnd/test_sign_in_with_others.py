"""Signing in with other companies, as far as it needs none: what is not configured, and closed registration."""

from support.client import fresh_email, problem

PASSWORD = "correct horse battery"


def test_without_a_company_nobody_signs_in_with_one(start):
    server = start()
    assert server.get("/auth/providers").json()["providers"] == [] or all(
        set(provider) == {"name", "label", "login_path"} for provider in server.get("/auth/providers").json()["providers"]
    )
    for path in ("/sber/login", "/oidc/nobody/login"):
        assert problem(server.get(path, headers={"Accept": "application/json"})) == (404, "provider_unknown")


def test_a_callback_that_nobody_began_changes_nothing(start):
    server = start()
    state = "A" * 22
    for query in ("", "?state=x", f"?state={state}", f"?state={state}&code=c", f"?state={state}&code=c&error=x"):
        answer = server.get(f"/auth/social/callback/google{query}", headers={"Accept": "application/json"})
        assert problem(answer) == (400, "invalid_state")
        assert "no-store" in answer.headers["Cache-Control"]
    page = server.get(f"/auth/social/callback/google?state={state}&code=c", headers={"Accept": "text/html"})
    assert page.status_code == 400 and page.headers["Content-Type"].startswith("text/html")
    ahead = server.get(f"/auth/social/callback/google?state={state}&code=c", headers={"Sec-Purpose": "prefetch"})
    assert ahead.status_code == 204


def test_where_registration_is_closed_administrators_alone_make_accounts(start):
    server = start(REGISTRATION="closed")
    body = {"email": fresh_email(), "password": PASSWORD}
    assert problem(server.post("/register", json=body)) == (403, "registration_closed")


def test_a_target_that_is_not_an_address_stops_the_start(start):
    for value in ("*", "javascript:alert(1)", "https://example.com/?x"):
        failed = start(REDIRECT_URLS=value, expect_exit=True)
        assert "REDIRECT_URLS" in failed
