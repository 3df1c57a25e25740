"""A browser that comes to a service behind a real gateway: still signed in after an hour, and led back after a month."""

import pytest

from support.client import BROWSER, PASSWORD, Page, make_person
from support.gateway import Caddy, Nginx, free_port

pytestmark = pytest.mark.database_plays_no_part

NAVIGATION = BROWSER | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


class AtPort:
    """The program at a port that is known before Gapura starts, which has to have it in its list."""

    def __init__(self, program, port):
        self.program, self.port = program, port

    def __call__(self, folder, gapura, upstream, **options):
        port = self.port

        class Fixed(self.program):
            def __setattr__(self, name, value):
                super().__setattr__(name, port if name == "port" else value)

        return Fixed(folder, gapura, upstream, **options)


@pytest.fixture(params=[Nginx, Caddy], ids=["nginx", "caddy"])
def scene(request, make_scene):
    port = free_port()
    return make_scene(AtPort(request.param, port), REDIRECT_URLS=f"http://127.0.0.1:{port}")


def opens(scene, browser, path="/reports?year=2026", **headers):
    """Opens a page of the service, and is led on until something is there: the answer and the ways there."""
    url, ways = f"http://127.0.0.1:{scene.gateway.port}{path}", []
    for _ in range(8):
        answer = browser.get(url, headers=NAVIGATION | headers, allow_redirects=False)
        if answer.status_code not in (302, 303, 307):
            return answer, ways
        url = answer.headers["Location"]
        url = url if url.startswith("http") else browser.url + url
        ways.append(url)
    raise AssertionError(f"in a circle: {ways}")


def forget(browser, name):
    """What a browser does when a cookie's time is over."""
    for cookie in list(browser.cookies):
        if cookie.name == name:
            browser.cookies.clear(cookie.domain, cookie.path, cookie.name)


def test_a_browser_comes_back_after_an_hour_and_is_still_signed_in(scene):
    person, browser = make_person(scene.server), scene.server.client()
    assert browser.log_in(person.email).status_code == 200
    answer, ways = opens(scene, browser)
    assert (answer.status_code, ways) == (200, []) and scene.upstream.last["x-user-id"] == [person.id]
    forget(browser, "gapura_session")
    answer, ways = opens(scene, browser)
    assert answer.status_code == 200 and len(ways) == 2 and "/refresh-token/continue?return_to=" in ways[0]
    assert scene.upstream.seen[-1][1] == "/reports?year=2026" and scene.upstream.last["x-user-id"] == [person.id]
    assert scene.upstream.last.get("cookie", [""]) == [""] or "gapura" not in scene.upstream.last["cookie"][0]


def test_after_the_refresh_tokens_end_it_signs_in_and_comes_back_to_where_it_was(scene):
    person, browser = make_person(scene.server), scene.server.client()
    browser.log_in(person.email)
    forget(browser, "gapura_session")
    forget(browser, "refresh_token")
    answer, ways = opens(scene, browser)
    assert ways[-1].startswith(f"{scene.server.url}/sign-in?return_to=http") and answer.status_code == 200
    done = Page(answer).press(browser, "/sign-in", email=person.email, password=PASSWORD)
    # To another origin a page leads on: Chromium drops a redirect of a form.
    assert done.status_code == 200 and f"url=http://127.0.0.1:{scene.gateway.port}/reports?year=2026" in done.text
    answer, ways = opens(scene, browser)
    assert (answer.status_code, ways) == (200, [])


def test_scripts_and_programs_get_401_and_what_is_not_listed_stays_401(scene):
    browser = scene.server.client()
    scene.admin("PATCH", "/services/cvmaker", {"allow_anonymous": False})
    answer, ways = opens(scene, browser)
    assert "/sign-in?return_to=" in ways[-1]
    for headers in ({"Sec-Fetch-Mode": "cors"}, {"Accept": "application/json"}):
        answer, ways = opens(scene, browser, **headers)
        assert (answer.status_code, ways) == (401, [])
        assert answer.json()["code"] == "missing_credential"
    # Caddy serves no other name than its own.
    if isinstance(scene.gateway, Nginx):
        answer, ways = opens(scene, browser, Host="evil.example")
        assert (answer.status_code, ways) == (401, [])


def test_a_visitor_without_the_hint_is_anonymous_and_a_service_can_switch_it_off(scene):
    answer, ways = opens(scene, scene.server.client())
    assert (answer.status_code, ways) == (200, []) and scene.upstream.last["x-caller-kind"] == ["anonymous"]
    person, browser = make_person(scene.server), scene.server.client()
    browser.log_in(person.email)
    forget(browser, "gapura_session")
    scene.admin("PATCH", "/services/cvmaker", {"browser_sign_in": False, "allow_anonymous": False})
    answer, ways = opens(scene, browser)
    assert (answer.status_code, ways) == (401, [])
