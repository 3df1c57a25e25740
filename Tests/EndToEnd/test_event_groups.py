"""The consumer groups of events, by the command."""

import json

from support.database import moment
from support.gateway import Administrator
from support.server import eventually, run


def groups(server, *arguments):
    return run("events", "groups", *arguments, folder=server.folder, variables=server.variables)


def listed(server):
    result = groups(server, "list", "--json")
    assert result.returncode == 0, result.stderr
    return {group["name"]: group for group in json.loads(result.stdout)}


def test_a_group_that_runs_is_listed_and_stays(start):
    server = start()
    assert eventually(lambda: set(listed(server)) == {"access", "notifications", "webhooks"}, "the groups of the process")
    assert listed(server)["access"]["parked"] == 0
    result = groups(server, "remove", "access")
    assert result.returncode == 1
    assert "access runs" in result.stderr
    assert "access: last run" in groups(server, "list").stdout


def test_a_group_of_a_module_that_is_gone_keeps_its_events_until_it_is_removed(start):
    server = start()
    server.database.execute("INSERT INTO consumer_groups VALUES ('gone', NULL, ?, ?)", moment(0), moment(0))
    assert server.client().register("ana@example.com").status_code == 201
    eventually(lambda: listed(server)["gone"]["parked"] > 0, "its events")
    eventually(lambda: server.client().mails(), "the mail, which waits for no other group")
    assert groups(server, "remove", "gone").returncode == 0
    assert set(listed(server)) == {"access", "notifications", "webhooks"}
    assert server.database.rows("SELECT count(*) FROM parked_events") == [(0,)]
    assert groups(server, "remove", "gone").returncode == 1
    lines = Administrator(server)("GET", "/audit?subject=consumer_group:gone")["data"]
    assert [(line["action"], line["actor"]) for line in lines] == [("consumer_group.removed", "system")]
