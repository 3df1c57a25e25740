"""Chromium, as people have it: Debian's, without a window."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@contextmanager
def chromium():
    path = shutil.which("chromium")
    assert path, "scripts/bootstrap --test installs chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def fill(page, **values):
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def press(page, action, text=None):
    """The button of the form that goes there, or the one that goes elsewhere by itself."""
    button = f"[formaction='{action}']" if text is None and page.query_selector(f"[formaction='{action}']") else (
        f"form[action='{action}'] button" + (f":has-text('{text}')" if text else ":not([formaction])"))
    page.locator(button).first.click()


def cookie(context, name):
    return next((cookie for cookie in context.cookies() if cookie["name"] == name), None)
