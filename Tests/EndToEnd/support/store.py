"""A server's database as the tests of accounts look at it, and time that passes at once for single rows."""

import json
import uuid

from support.database import moment, span

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

FAR_FUTURE = moment(9_000_000_000_000)


class Store:
    def __init__(self, server):
        self.database = server.database
        self.database.install_journal()
        self.rows = self.database.rows
        self.change_all = self.database.execute_all
        self.locked = self.database.locked

    def value(self, sql, *values):
        [(value,)] = self.rows(sql, *values)
        return value

    def change(self, sql, *values):
        """Changes rows, and some at least."""
        changed = self.database.execute(sql, *values)
        assert changed > 0, sql
        return changed

    def events(self, subject, type=None):
        """Types and data of what was told about somebody or something, the oldest first."""
        rows = self.rows("SELECT type, data FROM test_events WHERE subject = ? ORDER BY number", key(subject))
        return [(found, json.loads(data)) for found, data in rows if type in (None, found)]

    def audit(self, subject, action=None):
        """Lines of the audit log about `kind:id`, the oldest first."""
        rows = self.rows(
            "SELECT action, outcome, reason, actor, count FROM audit_entries WHERE subject = ? ORDER BY time, id",
            subject,
        )
        return [row for row in rows if action in (None, row[0])]

    # Time that passes. Every time of a row moves into the past together.

    def age(self, table, milliseconds, *times, where="", values=()):
        changes = ", ".join(f"{time} = {time} - ?" for time in times)
        self.change(f"UPDATE {table} SET {changes} {where}", *[span(milliseconds)] * len(times), *values)

    def age_session(self, session_id, milliseconds):
        self._age("sessions", "id", session_id, milliseconds, "created_at", "last_used", "expires_at", "revoked_at")
        self._age("refresh_tokens", "session_id", session_id, milliseconds, "created_at", "expires_at", "revoked_at")

    def age_links(self, user_id, milliseconds):
        self._age("validation_tokens", "user_id", user_id, milliseconds, "created_at", "used_at")

    def age_codes(self, user_id, milliseconds):
        """Codes and links keep their end: it is part of what is signed."""
        self._age("login_codes", "user_id", user_id, milliseconds, "created_at", "used_at")

    def age_failures(self, milliseconds, like="%"):
        times = ("window_start", "last_failure", "locked_until")
        self.age("login_attempts", milliseconds, *times, where="WHERE key LIKE ?", values=(like,))

    def failures(self, like="%"):
        """How often each key has failed in its window."""
        return dict(self.rows("SELECT key, failures FROM login_attempts WHERE key LIKE ?", like))

    def _age(self, table, column, identifier, milliseconds, *times):
        self.age(table, milliseconds, *times, where=f"WHERE {column} = ?", values=(key(identifier),))


def terms_end(server):
    """As half a minute later: what a process that has ended held, events and mails, is free for the next one."""
    server.database.execute("UPDATE event_leases SET lease_until = ?", moment(0))
    server.database.execute("UPDATE notifications SET claimed_until = ?", moment(0))


def key(identifier):
    return uuid.UUID(identifier)
