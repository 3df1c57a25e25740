"""`make screenshots`: each page on a phone and on a desk, light and dark, with its error state, to be looked at."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from support import mails
from support.browser import DESK, PHONE, chromium, fill, press
from support.client import PASSWORD, fresh_email, make_person
from support.server import Server

PUBLIC = ["/", "/sign-in", "/sign-in/code", "/sign-in/forgotten", "/sign-in/sent", "/sign-up", "/sign-up/sent", "/sign-out",
          "/verify?token=x"]
OWN = ["/account", "/account/security", "/account/sessions", "/account/keys", "/account/usage", "/account/data"]
BAD = [("/sign-in", "/sign-in"), ("/sign-in/code", "/sign-in/code"), ("/sign-in/forgotten", "/sign-in/forgotten"),
       ("/sign-up", "/sign-up")]
OWN_BAD = [("/account/security", "/account/security/password"), ("/account/keys", "/account/keys"),
           ("/account/data", "/account/data/erase")]


def name_of(path):
    return path.strip("/").split("?")[0].replace("/", "_") or "home"


def shoot(browser, server, folder, size_name, size, scheme):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page, client = context.new_page(), server.client()
    email = fresh_email("ana")

    def take(name):
        page.screenshot(path=folder / f"{name}.{size_name}.{scheme}.png", full_page=True)

    def walk(paths, forms):
        for path in paths:
            page.goto(server.url + path)
            take(name_of(path))
        for path, action in forms:
            page.goto(server.url + path)
            press(page, action)
            take(f"{name_of(action)}_errors")

    walk(PUBLIC, BAD)
    client.register(email)
    page.goto(mails.link_of(mails.wait_for(client, email, mails.VERIFY)))
    take("verify")
    person = make_person(server, first_name="Ana", last_name="Kusuma")
    page.goto(server.url + "/sign-in")
    fill(page, email=person.email, password=PASSWORD)
    press(page, "/sign-in")
    page.goto(server.url + "/account/keys")
    fill(page, name="Nightly backup", services="cvmaker")
    press(page, "/account/keys")
    take("account_keys_shown")
    walk(OWN, OWN_BAD)
    context.close()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        server = Server(data)
        try:
            for scheme in ("light", "dark"):
                for size_name, size in (("phone", PHONE), ("desk", DESK)):
                    shoot(browser, server, folder, size_name, size, scheme)
        finally:
            server.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
