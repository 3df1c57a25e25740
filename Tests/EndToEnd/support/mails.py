"""What a person does with the mails of an account: find the right one, read its code, open its link."""

import re
from urllib.parse import urlsplit

from support.client import fresh_email, token_of
from support.server import eventually

# By what their subjects say.
VERIFY = "Verify your address"
RESET = "Set a new password"
CODE = "sign-in code"
NEW_ADDRESS = "Confirm your new address"
NOTICE = "account may change"
UNDO = "account was changed"
CHANGED = "password was changed"
LOCKED = "are paused"
SESSION_ENDED = "account was ended"
REACTIVATE = "come back or leave"
NEW_DEVICE = "on a new device"
WELCOME = "Welcome to"
QUOTA_THRESHOLD = "80% of your quota"
QUOTA_EXHAUSTED = "is used up"
ALREADY_REGISTERED = "already have an account"
PASSKEY_ADDED = "passkey was added"
PASSKEY_REMOVED = "passkey was removed"
PASSKEY_SUSPENDED = "account was suspended"

PATHS = {VERIFY: "/verify", RESET: "/new-password", CODE: "/login/link", NEW_ADDRESS: "/change-email/confirm",
         UNDO: "/change-email/undo", REACTIVATE: "/reactivate"}


def mails(client, to, kind):
    """The newest first."""
    return [mail for mail in client.mails(to) if kind in mail["subject"]]


def wait_for(client, to, kind, count=1):
    """The newest of so many."""
    found = eventually(
        lambda: (found := mails(client, to, kind)) and len(found) >= count and found, f"{count} of {kind!r} to {to}"
    )
    assert len(found) == count
    return found[0]


def link_of(mail):
    """The mail's only link, which leads where its kind does."""
    [link] = mail["links"]
    kind = next(kind for kind in PATHS if kind in mail["subject"])
    assert urlsplit(link).path == PATHS[kind]
    return link


def token(client, to, kind, count=1):
    return token_of(link_of(wait_for(client, to, kind, count)))


def code_of(mail):
    """The only number of six digits, the same in text and HTML."""
    [code] = set(re.findall(r"(?<!\d)\d{6}(?!\d)", mail["text"]))
    assert code in mail["html"]
    return code


def all_sent(client):
    """Mails go out in order, so behind the mails of two registrations nothing from before can still come."""
    for marker in (fresh_email("marker"), fresh_email("marker")):
        client.register(marker)
        client.wait_for_mail(marker)
