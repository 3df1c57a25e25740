"""Who may do what, from Gapura's database: keys and services read at the start, people remembered for a second."""

import hashlib
import json
import time
import uuid
from typing import NamedTuple

from . import access_quota
from .fastapi_app import database

REMEMBERED_SECONDS = 1
REMEMBERED_MAX = 50_000


class Route(NamedTuple):
    permission: str | None = None
    cost: int = 1


class Service(NamedTuple):
    slug: str
    audience: str
    permission: str | None
    wants_email: bool
    plans: list[str]
    routes: list[tuple[str, dict[str | None, Route]]]
    """By prefix, longest first; then by method, None for any."""

    def route(self, method: str, path: str) -> Route | None:
        """The longest prefix on whole segments decides, then the method."""
        if not self.routes:
            return Route()
        for prefix, methods in self.routes:
            if path == prefix or path.startswith(prefix + "/"):
                return methods.get(method) or (methods.get("GET") if method == "HEAD" else None) or methods.get(None)
        return None


class Standing(NamedTuple):
    user_id: str
    email: str
    is_good: bool
    roles: list[str]
    permissions: list[str]
    plan: str
    limits: list[dict] | None
    rules: dict[str, list[access_quota.Rule]]
    """By service, made when first asked for."""

    def may(self, permission: str | None) -> bool:
        return permission is None or any(covers(own, permission) for own in self.permissions)

    def rules_for(self, service: str) -> list[access_quota.Rule]:
        if service not in self.rules:
            self.rules[service] = access_quota.rules(self.plan, self.limits, service)
        return self.rules[service]


standings: dict[tuple[bytes, bytes], tuple[float, Standing | None]] = {}


def covers(own: str, wanted: str) -> bool:
    return all(have in ("*", want) for have, want in zip(own.split(":"), wanted.split(":")))


def load_services() -> dict[str, Service]:
    found = {}
    for row in database().execute("SELECT * FROM services WHERE is_active"):
        routes: dict[str, dict[str | None, Route]] = {}
        for route in json.loads(row["routes"]):
            methods = routes.setdefault(route["path"].rstrip("/"), {})
            methods[route["method"]] = Route(route["permission"], route["cost"])
        found[row["slug"]] = Service(
            row["slug"], row["audience"], row["required_permission"], bool(row["wants_email"]),
            json.loads(row["plans"]), sorted(routes.items(), key=lambda item: -len(item[0])))
    return found


def load_keys() -> dict[bytes, list[str]]:
    """The scopes of the API keys by the SHA-256 of the secret."""
    return {
        bytes(row["key_hash"]): json.loads(row["scopes"])
        for row in database().execute("SELECT key_hash, scopes FROM api_keys WHERE revoked_at IS NULL")
    }


def key_hash(key: str) -> bytes:
    """Of `gpk_<prefix>_<secret><checksum>`: 10, 32 and 6 characters."""
    return hashlib.sha256(key[15:47].encode()).digest()


def standing(user: bytes, session: bytes) -> Standing | None:
    """None for a session that is over."""
    now = time.time()
    known = standings.get((user, session))
    if known and now - known[0] < REMEMBERED_SECONDS:
        return known[1]
    if len(standings) >= REMEMBERED_MAX:
        standings.clear()
    found = read_standing(user, session, int(now * 1000))
    standings[user, session] = (now, found)
    return found


def read_standing(user: bytes, session: bytes, now: int) -> Standing | None:
    row = database().execute(
        """
        SELECT users.email, users.is_active, users.blocked_until, users.block_reason, platform_roles.role,
            entitlements.plan, entitlements.limits
        FROM sessions JOIN users ON users.id = sessions.user_id
            LEFT JOIN platform_roles ON platform_roles.user_id = users.id
            LEFT JOIN entitlements ON subject_kind = 'user' AND subject_id = users.id AND since <= :now
                AND (until IS NULL OR until > :now) AND NOT is_past_due
        WHERE sessions.id = :session AND users.id = :user AND sessions.revoked_at IS NULL
            AND sessions.expires_at > :now
        """,
        {"user": user, "session": session, "now": now}).fetchone()
    if row is None:
        return None
    roles = database().execute(
        "SELECT name, permissions FROM user_roles JOIN roles ON roles.id = role_id WHERE user_id = ?",
        (user,)).fetchall()
    permissions = [permission for role in roles for permission in json.loads(role["permissions"])]
    names = [role["name"] for role in roles]
    if row["role"] == "admin":
        names.append("admin")
        permissions.append("*:*")
    is_blocked = row["block_reason"] is not None and row["blocked_until"] is None or (row["blocked_until"] or 0) > now
    return Standing(
        str(uuid.UUID(bytes=user)), row["email"], bool(row["is_active"]) and not is_blocked, sorted(names),
        permissions, row["plan"] or "free", json.loads(row["limits"]) if row["limits"] else None, {})
