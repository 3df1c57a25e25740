"""The audit log from outside: checked, exported, cut, and found out when somebody changed it."""

import http.client
import json

import pytest

from support.client import fresh_email, make_person
from support.database import moment
from support.schedules import RETENTION, stop_for_long
from support.server import eventually, run


def audit(server, *arguments):
    return run("audit", *arguments, folder=server.folder, variables=server.variables)


def verdict(server, *arguments):
    result = audit(server, "verify", "--json", *arguments)
    assert result.returncode in (0, 1), result.stderr
    found = json.loads(result.stdout)
    assert (found["break"] is None) == (result.returncode == 0)
    return found


def sealed(server):
    [(unsealed,)] = server.database.rows("SELECT count(*) FROM audit_entries WHERE position IS NULL")
    return unsealed == 0


@pytest.fixture
def written(start):
    """A server with a few lines, all sealed."""
    server = start()
    make_person(server)
    for _ in range(3):
        assert server.client().register(fresh_email()).status_code == 201
    eventually(lambda: sealed(server), "all lines sealed")
    return server


def test_a_log_that_nobody_touched_is_whole(written):
    result = audit(written, "verify")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("the audit log is whole up to line ")
    assert verdict(written)["checkpoint"] == 0


def test_a_line_that_was_changed_or_removed_is_named(written):
    [(second,)] = written.database.rows("SELECT actor FROM audit_entries WHERE position = 2")
    written.database.execute("UPDATE audit_entries SET actor = 'user:nobody' WHERE position = 2")
    found = verdict(written)["break"]
    assert (found["kind"], found["position"]) == ("changed", 2) and found["id"]
    assert found["id"] in audit(written, "verify").stderr
    export = audit(written, "export")
    assert export.returncode == 1 and len(export.stdout.splitlines()) == 2
    written.database.execute("UPDATE audit_entries SET actor = ? WHERE position = 2", second)
    assert verdict(written)["break"] is None
    written.database.execute("DELETE FROM audit_entries WHERE position = 2")
    assert verdict(written)["break"] == {"kind": "missing", "position": 2, "id": None}


def test_an_export_is_checked_across_a_cut(written, tmp_path):
    export = audit(written, "export")
    assert export.returncode == 0, export.stderr
    lines = [json.loads(line) for line in export.stdout.splitlines()]
    assert lines[0]["position"] == 0
    assert [line["position"] for line in lines[1:]] == list(range(1, len(lines)))
    assert "address" not in export.stdout
    file = tmp_path / "audit.jsonl"
    file.write_text(export.stdout)
    assert verdict(written, "--file", str(file))["position"] == len(lines) - 1

    # The clock cannot be moved here: the lines are made old, which the chain shows, and so nothing is cut.
    stop_for_long(written, RETENTION)
    written.database.execute("UPDATE audit_entries SET time = ? WHERE position = 1", moment(0))
    written.expected_errors.add("a job failed for the last time")
    written.start()
    eventually(
        lambda: any(line["message"] == "rows could not be pruned" for line in written.log), "that nothing is cut")
    assert verdict(written)["break"]["position"] == 1
    [(count,)] = written.database.rows("SELECT count(*) FROM audit_entries WHERE position IS NOT NULL")
    assert count >= len(lines) - 1

    file.write_text(export.stdout.replace(lines[1]["actor"], "user:nobody", 1))
    result = audit(written, "verify", "--file", str(file))
    assert result.returncode == 1 and "was changed" in result.stderr
    file.write_text("nonsense\n")
    assert audit(written, "verify", "--file", str(file)).returncode == 1
    assert audit(written, "verify", "--file", str(tmp_path / "none")).returncode == 69


def test_ten_thousand_bad_credentials_from_one_ipv6_network_are_a_line_a_minute(start):
    server = start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    for number in range(10_000):
        headers = {
            "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET", "Authorization": f"Bearer nonsense{number}",
            "X-Forwarded-For": f"2001:db8:1:7:{number * 7919 % 0xffff:x}:{number:x}:{number % 251:x}:1",
        }
        connection.request("GET", "/access/forward/cvmaker?dialect=caddy", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 401

    def counted():
        return server.database.rows("SELECT coalesce(sum(count), 0) FROM audit_entries WHERE outcome = 'refused'")

    eventually(lambda: counted()[0][0] == 10_000, "every refusal counted")
    # The requests may have begun in one minute and ended in another.
    rows = server.database.rows("SELECT count, time FROM audit_entries WHERE outcome = 'refused'")
    assert len(rows) == len({str(time)[:16] if not isinstance(time, int) else time // 60_000 for _, time in rows})
