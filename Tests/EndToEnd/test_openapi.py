"""The OpenAPI document: valid, complete, and kept by every answer."""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from schemathesis.checks import CHECKS, load_all_checks

from support.client import make_person, sign_in
from support.server import PRODUCTION, Server, run


def test_the_document_is_valid(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    validate(document, cls=OpenAPIV31SpecValidator)


def test_the_document_of_production_is_valid_and_has_no_development_surfaces(tmp_path):
    document = json.loads(run("openapi", folder=tmp_path, variables=PRODUCTION).stdout)
    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["servers"] == [{"url": "https://id.example.com"}]
    assert not [path for path in document["paths"] if path.startswith("/dev") or path == "/metrics"]


def test_the_command_prints_what_the_server_serves(start):
    server = start()
    served = server.client().get("/openapi.json").json()
    command = run("openapi", folder=server.folder, variables=server.variables | {"APP_URL": server.url})
    assert (command.returncode, command.stderr) == (0, "")
    printed = json.loads(command.stdout)
    # The address of the document itself is not in the printed one's routes while it is made.
    assert printed == served


@pytest.mark.parametrize("variables", [None, PRODUCTION])
def test_the_list_of_routes_equals_the_document(tmp_path, variables):
    from support.server import DEVELOPMENT

    variables = variables or DEVELOPMENT
    rows = json.loads(run("routes", "--json", folder=tmp_path, variables=variables).stdout)
    document = json.loads(run("openapi", folder=tmp_path, variables=variables).stdout)
    listed = {(row["method"].lower(), row["path"]) for row in rows}
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert listed - described == {("get", "/openapi.json")}
    assert described <= listed
    lines = run("routes", folder=tmp_path, variables=variables).stdout.splitlines()
    assert {tuple(line.split()[:2]) for line in lines} == {(row["method"], row["path"]) for row in rows}


def test_every_operation_has_a_name_of_its_own_and_every_refusal_its_codes(client):
    document = client.get("/openapi.json").json()
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"] and operation["tags"]
        for status, answer in operation["responses"].items():
            assert answer["description"]
            if int(status) >= 400:
                schema = answer["content"]["application/problem+json"]["schema"]
                codes = schema["allOf"][1]["properties"]["code"]["enum"]
                assert codes and all(re.fullmatch("[a-z_]+", code) for code in codes)


# Schemathesis: requests made from the document, good and bad, and its checks on every answer.

load_all_checks()
EXAMPLES = 25


@pytest.fixture(scope="session")
def fuzzed_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("fuzzed"))
    yield server
    assert server.is_running, server.tail()
    errors = server.errors()
    server.close()
    assert errors == []


@pytest.fixture
def api(fuzzed_server):
    person = make_person(fuzzed_server)
    tokens = sign_in(fuzzed_server, person)[1]
    schema = schemathesis.openapi.from_url(fuzzed_server.url + "/openapi.json")
    schema.config.update(base_url=fuzzed_server.url)
    return schema
