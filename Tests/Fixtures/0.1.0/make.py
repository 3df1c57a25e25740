"""Makes the fixtures of this folder with a gapura of 0.1.0; README.md says when and how.

Each database is an installation in the middle of its day: people with sessions, links and codes under way, keys,
counts, mails that wait, events that nobody has delivered, and a server that was killed.
"""

import json
import re
import subprocess
import sys
import tempfile
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jwt

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1] / "EndToEnd"))

from support.client import bearer, token_of
from support.database import PostgresDatabases, PostgresServer, SQLiteFiles
from support.server import Server, eventually, run
from support.smtp import MailServer, to
from support.upgrade import SETTINGS

PASSWORD = "correct horse battery staple"
UNVERIFIED = {"verify_signature": False}
# Of "correct horse", by PyPI's bcrypt.
BCRYPT = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."
SERVICES = [
    {"slug": "shop", "name": "Shop", "audience": "shop", "required_permission": "shop:use",
     "routes": [{"path": "/orders", "cost": 2}, {"path": "/"}]},
    {"slug": "news", "name": "News", "audience": "news", "allow_anonymous": True, "wants_email": True},
    {"slug": "closed", "name": "Closed", "audience": "closed"},
]


class Maker:
    def __init__(self, folder, database, mail_server):
        self.folder, self.database, self.mail_server = folder, database, mail_server
        self.secrets = {"password": PASSWORD, "users": {}, "keys": {}}
        self.server = None

    def serve(self, **variables):
        self.server = Server(self.folder, variables, SETTINGS, database=self.database)
        self.client = self.server.client()

    def ok(self, answer, *statuses):
        assert answer.status_code in (statuses or (200, 201, 202, 204)), f"{answer.request.url}: {answer.text}"
        return answer.json() if answer.content else None

    def admin(self, method, path, body=None, **headers):
        return self.ok(self.client.request(method, path, json=body, headers=self.administrator | headers))

    def command(self, *arguments):
        ended = run(*arguments, folder=self.folder, variables=self.server.variables)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def link(self, email, count=1):
        return token_of(re.search(r"https://\S+", self.mail_server.wait_for(email, count).part("plain"))[0])

    def register(self, name, **fields):
        email = f"{name}@example.com"
        user = self.ok(self.client.register(email, PASSWORD, **fields))
        self.secrets["users"][name] = {"email": email, "id": user["id"]}
        return email

    def person(self, name, **fields):
        email = self.register(name, **fields)
        self.ok(self.client.prove(self.link(email)))
        return email

    def session(self, name):
        answer = self.client.log_in(f"{name}@example.com", PASSWORD, headers={"X-Token-Delivery": "body"})
        tokens = self.ok(answer)
        return {"access": tokens["access_token"], "refresh": tokens["refresh_token"]}

    def key(self, name, headers, scopes):
        body = {"name": name, "scopes": scopes}
        self.secrets["keys"][name] = made = self.ok(self.client.post("/api-keys", json=body, headers=headers))
        return made["key"]

    def id(self, name):
        return self.secrets["users"][name]["id"]

    # The day

    def morning(self):
        """Everything works."""
        self.serve(**to(self.mail_server))
        link = self.command("admin", "create", "root@example.com")
        root = self.ok(self.client.post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD}))
        self.secrets["users"]["root"] = {"email": "root@example.com", "id": root["id"]}
        self.secrets["root"] = self.session("root")
        self.administrator = bearer(self.secrets["root"]["access"])
        self.people()
        self.gate()
        self.under_way()
        self.command("keys", "rotate")
        self.mailed()
        assert self.server.stop() == 0

    def people(self):
        self.person("ana", username="ana", first_name="Zoë", last_name="Жук")
        self.secrets["ana"] = self.session("ana")
        self.ok(self.client.patch("/me", json={"locale": "id"}, headers=bearer(self.secrets["ana"]["access"])))
        # Its successor was used, and so long ago that it counts as stolen when it comes again.
        spent = self.session("ana")
        token = spent["refresh"]
        for _ in range(2):
            token = self.ok(self.client.post("/refresh-token", json={"refresh_token": token}))["refresh_token"]
        self.secrets["spent_refresh"] = spent["refresh"]
        self.age(spent)
        ended = self.session("ana")
        self.ok(self.client.post("/logout", headers=bearer(ended["access"])))
        self.secrets["ended"] = ended
        self.ok(self.client.log_in("ana@example.com", "wrong"), 401)

        self.person("blocked")
        self.secrets["blocked"] = self.session("blocked")
        self.admin("POST", f"/users/{self.id('blocked')}/block", {"reason": "spam"})
        self.person("deactivated")
        self.ok(self.client.post("/deactivate", headers=bearer(self.session("deactivated")["access"])))
        self.person("erased")
        self.admin("DELETE", f"/users/{self.id('erased')}")

        lines = self.folder / "users.jsonl"
        lines.write_text(json.dumps({"email": "imported@example.com", "password_hash": BCRYPT, "email_verified": True}))
        self.command("users", "import", str(lines))
        self.secrets["imported_password"] = "correct horse"

    def age(self, session):
        """Behind the time in which a spent token may come again."""
        minutes, id = timedelta(minutes=5), uuid.UUID(jwt.decode(session["access"], options=UNVERIFIED)["sid"])
        self.database.execute(
            "UPDATE sessions SET created_at = created_at - ?, last_used = last_used - ? WHERE id = ?",
            minutes, minutes, id)
        self.database.execute(
            "UPDATE refresh_tokens SET created_at = created_at - ?, revoked_at = revoked_at - ? WHERE session_id = ?",
            minutes, minutes, id)

    def gate(self):
        self.admin("POST", "/roles", {"name": "buyer", "permissions": ["shop:use", "shop:report"]})
        self.admin("PUT", f"/users/{self.id('ana')}/roles", {"roles": ["buyer", "support"]})
        for service in SERVICES:
            self.admin("POST", "/services", {"upstream": "http://127.0.0.1:9000"} | service)
        self.admin("POST", "/services/closed/deactivate")
        limits = [
            {"amount": 10, "window": "day", "scope": "global"},
            {"amount": 1000, "window": "month", "scope": "service", "service": "shop", "durability": "strict"},
        ]
        self.admin("PUT", f"/users/{self.id('ana')}/entitlement", {"plan": "enterprise", "limits": limits})
        ana = bearer(self.secrets["ana"]["access"])
        gateway = self.key("gateway", self.administrator, ["access:check"])
        self.key("shop", self.administrator, ["access:check:shop"])
        self.key("reader", self.administrator, ["users:read", "audit:read"])
        self.key("personal", ana, ["shop:use"])
        revoked = self.key("revoked", ana, ["shop:use"])
        self.ok(self.client.delete(f"/api-keys/{self.secrets['keys']['revoked']['id']}", headers=ana))
        body = {"name": "again", "scopes": ["users:read"]}
        headers = self.administrator | {"Idempotency-Key": "one"}
        made = self.ok(self.client.post("/api-keys", json=body, headers=headers))
        self.secrets["idempotent"] = {"key": "one", "body": body, "id": made["id"]}

        def ask(path="/access/check", **question):
            answer = self.client.post(path, json=question, headers={"X-Api-Key": gateway})
            assert answer.status_code == 200, answer.text
            return answer.json()

        eventually(lambda: self.decide(gateway, "/", dry_run=True).get("reason") is None, "the role to count")
        for path in ("/", "/orders/1"):
            assert self.decide(gateway, path)["allowed"]
        assert self.decide(gateway, "/", credential="forged")["reason"] == "invalid_credential"
        assert self.decide(gateway, "/", credential=revoked)["reason"] == "invalid_credential"
        visitor = {"address": "203.0.113.7", "device": "device-of-somebody"}
        assert ask(service="news", anonymous=visitor)["allowed"]
        reserved = {"permission": "shop:use", "service": "shop", "credential": self.secrets["ana"]["access"]}
        open_ = ask("/access/reserve", **reserved, amount=2, key="open", expires_in=3_600)
        done = ask("/access/reserve", **reserved, amount=3, key="done", expires_in=3_600)
        settled = f"/access/reservations/{done['reservation']['id']}/commit"
        self.ok(self.client.post(settled, json={"used": 1}, headers={"X-Api-Key": gateway}))
        self.secrets["reservation"] = open_["reservation"]["id"]
        self.secrets["used"] = 4

    def decide(self, key, path, **question):
        body = {"service": "shop", "credential": self.secrets["ana"]["access"], "method": "GET", "path": path}
        answer = self.client.post("/access/check", json=body | question, headers={"X-Api-Key": key})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def under_way(self):
        """What each of these people has in the mail and has not used."""
        self.secrets["verification"] = self.link(self.register("unproved"))
        email = self.person("forgetful")
        self.ok(self.client.post("/forget-password", json={"email": email}))
        self.secrets["reset"] = self.link(email, 2)
        for name in ("coded", "linked"):
            email = self.person(name)
            self.ok(self.client.post("/request/login-code", json={"email": email}))
            mail = self.mail_server.wait_for(email, 2).part("plain")
            self.secrets[f"{name}_code"] = re.search(r"(?<!\d)\d{6}(?!\d)", mail)[0]
            self.secrets[f"{name}_link"] = self.link(email, 2)
        self.person("moving")
        body = {"email": "moved@example.com", "password": PASSWORD}
        self.ok(self.client.post("/change-email", json=body, headers=bearer(self.session("moving")["access"])))
        self.secrets["move"] = self.link("moved@example.com")
        self.secrets["administrator_link"] = token_of(self.command("admin", "create", "second@example.com"))

    def mailed(self):
        """An address that does not exist, and one whose server says later."""
        self.mail_server.on_recipient["gone@example.com"] = ["550 5.1.1 no such user"]
        self.register("gone")
        self.mail_server.on_recipient["later@example.com"] = ["451 4.2.0 later"] * 50
        self.register("later")
        tried = "SELECT attempts FROM notifications WHERE state = 'queued'"
        suppressed = "SELECT count(*) FROM mail_suppressions"
        eventually(lambda: self.database.rows(tried) == [(1,)], "the second mail to have been tried")
        eventually(lambda: self.database.rows(suppressed) == [(1,)], "the first address to be known as gone")

    def noon(self):
        """No mail server is set, so mails stay."""
        self.serve()
        self.register("queued")
        self.ok(self.client.post("/forget-password", json={"email": "ana@example.com"}))
        queued = "SELECT count(*) FROM notifications WHERE state = 'queued'"
        eventually(lambda: self.database.rows(queued) == [(3,)], "the mails to be queued")
        eventually(lambda: self.database.rows("SELECT count(*) FROM outbox") == [(0,)], "the events to be delivered")
        assert self.server.stop() == 0

    def evening(self):
        """Another process has taken every partition of the outbox, and delivers nothing. Then both are killed."""
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        for partition in range(16):
            self.database.execute(
                "INSERT INTO outbox_leases (partition, owner, fence, lease_until) VALUES (?, ?, 1, ?)",
                partition, uuid.UUID(int=1), later)
        self.serve()
        self.register("undelivered")
        self.ok(self.client.post("/request/login-code", json={"email": "imported@example.com"}))
        self.secrets["late"] = self.session("moving")
        moving = bearer(self.secrets["late"]["access"])
        self.admin("PUT", f"/users/{self.id('moving')}/roles", {"roles": ["buyer"]})
        self.key("orphaned", moving, ["shop:use"])
        self.one_leaves()
        eventually(self.sealed, "the seals of the audit log")
        self.server.kill()
        self.database.execute("UPDATE outbox_leases SET lease_until = ?", datetime.now(timezone.utc))
        waiting = [type for (type,) in self.database.rows("SELECT type FROM outbox ORDER BY number")]
        for type in ("user.created", "user.login_code_requested", "user.logged_in", "api_key.created", "user.deleted"):
            assert type in waiting, waiting

    def one_leaves(self):
        body = {"email": "leaving@example.com", "password": PASSWORD, "is_verified": True}
        user = self.admin("POST", "/users", body)
        self.secrets["users"]["leaving"] = {"email": body["email"], "id": user["id"]}
        self.admin("PUT", f"/users/{user['id']}/roles", {"roles": ["buyer"]})
        self.key("left", bearer(self.session("leaving")["access"]), ["shop:use"])
        self.admin("DELETE", f"/users/{user['id']}")

    def sealed(self):
        open_ = "SELECT count(*) FROM audit_entries WHERE position IS NULL AND outcome = 'done'"
        return self.database.rows(open_) == [(0,)]

    def make(self):
        self.morning()
        self.noon()
        self.evening()
        self.secrets["made_at"] = datetime.now(timezone.utc).replace(microsecond=0).isoformat()
        return self.secrets


def dump(database):
    if database.kind == "sqlite":
        with database._connection() as connection:
            return "\n".join(connection.iterdump()) + "\n"
    dumped = subprocess.run(
        ["pg_dump", "--no-owner", "--no-privileges", "--inserts", database.url],
        check=True, capture_output=True, text=True,
    ).stdout
    # What depends on the version of pg_dump, and what only people read.
    left_out = re.compile(r"(SET |SELECT pg_catalog\.set_config|--|\\)")
    lines = [line for line in dumped.splitlines() if line and not left_out.match(line)]
    return "\n".join(lines) + "\n"


def main():
    postgres_server = PostgresServer()
    mail_server = MailServer().start()
    try:
        for databases in (SQLiteFiles(), PostgresDatabases(postgres_server.url)):
            with tempfile.TemporaryDirectory() as folder:
                maker = Maker(Path(folder), databases.of(Path(folder)), mail_server)
                try:
                    secrets = maker.make()
                    (FOLDER / f"{databases.kind}.sql").write_text(dump(maker.database))
                    (FOLDER / f"{databases.kind}.json").write_text(json.dumps(secrets, indent=2, sort_keys=True) + "\n")
                finally:
                    if maker.server:
                        maker.server.close()
                    databases.close()
                    mail_server.mails.clear()
    finally:
        mail_server.stop()
        postgres_server.stop()


if __name__ == "__main__":
    main()
