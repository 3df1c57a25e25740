"""The OpenAPI document: valid, complete, and kept by every answer."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from support.client import make_person
from support.server import BINARY, DEVELOPMENT, PRODUCTION, run
from test_administration import key_of, make_admin


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
    assert json.loads(command.stdout) == served


@pytest.mark.parametrize("variables", [DEVELOPMENT, PRODUCTION], ids=["development", "production"])
def test_the_list_of_routes_equals_the_document(tmp_path, variables):
    rows = json.loads(run("routes", "--json", folder=tmp_path, variables=variables).stdout)
    document = json.loads(run("openapi", folder=tmp_path, variables=variables).stdout)
    listed = {(row["method"].lower(), row["path"]) for row in rows}
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert listed == described
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
                # Pages refuse by a page, and the sandbox as other companies do.
                if "application/problem+json" not in answer["content"]:
                    assert set(answer["content"]) <= {"text/html", "application/json"}
                    continue
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                codes = answer["x-problem-codes"]
                assert codes and all(re.fullmatch("[a-z_]+", code) for code in codes)


def objects_in(value, way=""):
    """Every object of a document that says what type it is, with the way to it."""
    if isinstance(value, dict):
        if "type" in value or "$ref" in value:
            yield way, value
        for name, each in value.items():
            yield from objects_in(each, f"{way}/{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from objects_in(each, f"{way}/{number}")


def test_the_document_says_in_words_what_a_reader_of_a_made_client_needs(client):
    document = client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["description"].endswith("."), path
            for parameter in operation.get("parameters", []):
                assert parameter["description"].endswith("."), (path, parameter["name"])
    for name, schema in document["components"]["schemas"].items():
        for way, each in objects_in(schema):
            for member, property in each.get("properties", {}).items():
                assert property.get("description"), f"{name}{way}.{member}"


def test_the_document_has_none_of_what_generators_stumble_over(client):
    document = client.get("/openapi.json").json()
    for name, schema in document["components"]["schemas"].items():
        # A choice beside members becomes a type for each choice, without the members.
        assert not {"anyOf", "oneOf", "allOf"} & set(schema), name
        # A client that refuses what it does not know breaks with the first new member.
        if "Body" not in name and "Form" not in name:
            assert "additionalProperties" not in schema, name
    signing_in = {"/login", "/login/code", "/login/link"}
    declared = {
        path for path, item in document["paths"].items() for parameter in item.get("post", {}).get("parameters", [])
        if parameter["name"] == "X-Token-Delivery" and parameter["in"] == "header"
    }
    assert signing_in <= declared


UPSTREAMS = ["http://127.0.0.1:18709", "https://cv_maker:65535/a/b", "http://[2001:db8::1]:9000", "http://cv:00080"]


def test_the_document_is_no_narrower_than_the_server(start):
    server = start()
    admin = make_admin(server)
    document = server.client().get("/openapi.json").json()
    service = document["components"]["schemas"]["CreateServiceBody"]["properties"]
    paths = ["/openapi.json", "/.well-known/x", "/a@b/$c/d,e", "/caf%C3%A9", "/{id}/x", "/", "/東京"]
    for number, upstream in enumerate(UPSTREAMS):
        assert re.fullmatch(service["upstream"]["pattern"], upstream), upstream
        body = {"slug": f"s{number}", "name": "S", "audience": f"s{number}", "upstream": upstream}
        body["routes"] = [{"path": path} for path in paths]
        assert admin("POST", "/services", body).status_code == 201, upstream
    pattern = service["routes"]["items"]["properties"]["path"]["pattern"]
    assert all(re.fullmatch(pattern, path) for path in paths)
    for bad in ["http://a:0", "http://a:65536", "http://a:123456", "http://[]:1", "http://-a"]:
        assert not re.fullmatch(service["upstream"]["pattern"], bad), bad
    for bad in ["a", "/a b", "/a*", "/:id", "/{a b}", "/a{b", "/a?b", "/a;b", "/a\\b"]:
        assert not re.fullmatch(pattern, bad), bad


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A client that a generator made of the document: its folder, and the warnings."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "openapi.json").write_text(run("openapi", folder=folder, variables=PRODUCTION).stdout)
    (folder / "settings.yml").write_text("post_hooks: []\n")
    found = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
        + ["--output-path", "gapura_client", "--config", "settings.yml"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=True,
    )
    return folder, found.stdout + found.stderr


def test_a_generator_makes_one_type_for_each_that_there_is(made):
    folder, warnings = made
    # Lines of text are no body that it knows, and a picture no answer; everything else is made.
    assert re.findall(r"parsing (.+?) within", warnings) == ["POST /users/import", "GET /static/gapura.svg"], warnings
    document = json.loads((folder / "openapi.json").read_text())
    models = {path.stem for path in (folder / "gapura_client/models").glob("*.py")} - {"__init__"}
    schemas = document["components"]["schemas"]
    # A type for each schema, and some for choices and unnamed objects; none for each refusal or choice of members.
    assert len(schemas) * 0.9 < len(models) < len(schemas) * 2, sorted(models)
    assert not [name for name in models if re.search(r"_response_[45]\d\d|body_type_\d", name)]


CALLS = """
import json, sys
from gapura_client import AuthenticatedClient, Client
from gapura_client.api.access import check_access
from gapura_client.api.sessions import log_in
from gapura_client.models import CheckBody, LoginBody, Problem

url, email, password, key = sys.argv[1:]
signed_in = log_in.sync(client=Client(base_url=url), body=LoginBody(email=email, password=password),
                        x_token_delivery="body")
assert isinstance(signed_in.refresh_token, str), signed_in
body = CheckBody(service="cvmaker", credential=signed_in.access_token, method="GET", path="/v1/x", dry_run=True)
gate = AuthenticatedClient(base_url=url, token=key)
decision = check_access.sync(client=gate, body=body)
refusal = check_access.sync(client=AuthenticatedClient(base_url=url, token="nonsense"), body=body)
assert isinstance(refusal, Problem), refusal
print(json.dumps({"allowed": decision.allowed, "reason": decision.reason, "code": refusal.code}))
"""


@pytest.mark.only_on("sqlite")
def test_a_made_client_signs_in_for_an_app_and_asks_the_gate(start, made):
    folder, _ = made
    server = start()
    person = make_person(server)
    admin = make_admin(server)
    key = key_of(admin("POST", "/api-keys", {"name": "gate", "scopes": ["access:check"]}))
    said = subprocess.run(
        [sys.executable, "-c", CALLS, server.url, person.email, person.password, key],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )
    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    assert answer["code"] == "unauthenticated" and answer["allowed"] in (True, False)


# Schemathesis: requests made from the document, good and bad, and its checks on every answer.

CONFIGURATION = """
seed = 20240717
continue-on-failure = true
request-timeout = 60.0

[generation]
database = "none"
# U+0000 is refused everywhere, also in members that are passed over; no schema can say that of those.
allow-x00 = false

[auth.dynamic.openapi.bearer]
path = "/login"
payload = { email = "${GAPURA_EMAIL}", password = "${GAPURA_PASSWORD}" }
extract_selector = "/access_token"
# Signing out is one of the operations.
retry_on = [401]

# No schema tells a mailed token from any other text, so what fits the schema may be 400 `invalid_token` here.
[[operations]]
include-path = [
    "/verify", "/verify/decline", "/administrator/accept", "/login/link", "/new-password", "/change-email/confirm",
    "/change-email/undo", "/reactivate", "/unsubscribe",
]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401"]

# Lines of text: whatever is not one is sent as one. What is wrong with a line is told in the answer.
[[operations]]
include-path = ["/users/import"]
checks.negative_data_rejection.expected-statuses = ["2xx", "400", "401", "403", "413", "415", "422"]
"""

# Members that a route of signing in passes over must still be JSON that every program reads alike (RFC 7493): integers
# of 64 bits, nested 32 deep at most. Without `additionalProperties: false` no schema can say so.
HOOKS = r"""
import itertools
import os
import re
from pathlib import Path

import schemathesis
from support.client import Client, make_person, sign_in

KEY = r'[!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}"'
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
# RFC 3339 lets small letters and a space stand for T and Z, and so does the server; Schemathesis takes them for no time.
LOOSE_MOMENT = re.compile(MOMENT.pattern.replace("T", "[Tt ]").replace("(Z|", "([Zz]|"), re.ASCII)
NUMBERS = itertools.count(1)
COMMON = set(Path(os.environ["GAPURA_COMMON_PASSWORDS"]).read_text(encoding="utf-8").split())


def is_interoperable(value, depth=1):
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 63
    if isinstance(value, dict):
        return depth <= 32 and all(is_interoperable(member, depth + 1) for member in value.values())
    if isinstance(value, list):
        return depth <= 32 and all(is_interoperable(element, depth + 1) for element in value)
    return True


def has_common_password(body):
    # The document says that there are such, and cannot list them all.
    fields = body.items() if isinstance(body, dict) else []
    return any("password" in name and isinstance(value, str) and value.lower() in COMMON for name, value in fields)


def objects(value):
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from objects(each)


@schemathesis.hook
def before_load_schema(context, schema):
    # What the document says in words alone, so that clients can be made of it.
    for each in objects(schema):
        for names in each.get("x-needs-one-of", []):
            one = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]
            each.setdefault("allOf", []).append({"anyOf": one})
    # Answers have what the document names and nothing else, in this version.
    for name, each in schema["components"]["schemas"].items():
        if "required" in each and name != "Problem" and "Body" not in name:
            each["additionalProperties"] = False
    # Which escapes and dots a path may not have no pattern says that can be read.
    segment = r"(\.?[A-Za-z0-9_~-][A-Za-z0-9_.~-]*|\{[A-Za-z0-9_-]{1,32}\})"
    for name in ("CreateServiceBody", "ChangeServiceBody"):
        route = schema["components"]["schemas"][name]["properties"]["routes"]["items"]
        route["properties"]["path"]["pattern"] = f"^/({segment}(/{segment})*/?)?$"


@schemathesis.hook
def filter_body(context, body):
    return is_interoperable(body) and not has_common_password(body)


schemathesis.serializer.alias("application/x-ndjson", "text/plain")

# Whom these let in an ordinary person is not.
CREDENTIALS = {"/access/check": os.environ["GAPURA_KEY"], "/users/import": os.environ["GAPURA_ADMINISTRATOR"]}


def without_contradictions(question):
    # A request or a permission is asked about, and of a request both its method and its path.
    request = [question.get("method"), question.get("path")]
    left_out = ["permission"] if None not in request else ["method", "path"]
    return {name: value for name, value in question.items() if name not in left_out}


UNKNOWN_HEADER = "x-schemathesis-unknown-property"


class Server:
    def client(self):
        return Client(os.environ["GAPURA_URL"])


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    # A header more is no mistake.
    is_valid = bool(case.meta and case.meta.generation.mode.is_positive) or UNKNOWN_HEADER in headers
    # Where a body may be absent, null is its absence.
    if case.body is None and case.path in {"/logout", "/refresh-token/logout"}:
        case.body = "no object"
    # No schema can say which cursors a list gave, which services there are, or what each kind of key may have.
    if is_valid and case.query:
        case.query.pop("cursor", None)
        if case.path == "/usage":
            case.query.pop("key", None)
    if is_valid and case.path in {"/api-keys", "/api-keys/{id}"} and isinstance(case.body, dict):
        case.body.pop("kind", None)
        case.body.pop("service_account_id", None)
        if case.method == "POST" or "services" in case.body:
            case.body["services"] = ["*"]
    # Nobody mails meanwhile, so waiting shows nothing.
    if case.path == "/dev/mailbox.json" and str((case.query or {}).get("wait")) in {"1", "2", "3", "4", "5"}:
        case.query["wait"] = 0
    # Who has deactivated the account cannot sign in any more: whoever is let in there is somebody new.
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if case.path == "/deactivate" and scheme == "Bearer" and token.startswith("ey"):
        server = Server()
        person = make_person(server)
        _, tokens = sign_in(server, person)
        case.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        if is_valid:
            case.body = {"password": person.password}
    if case.path in CREDENTIALS and scheme == "Bearer" and token.startswith("ey"):
        case.headers["Authorization"] = f"Bearer {CREDENTIALS[case.path]}"
    if case.path == "/access/check" and is_valid:
        case.body = without_contradictions(case.body)
    # No schema can say that a time has to be in the future. What is no time stays as it is.
    if isinstance(case.body, dict) and MOMENT.fullmatch(str(case.body.get("expires_at"))):
        case.body["expires_at"] = "2999-01-01T00:00:00Z"
    elif isinstance(case.body, dict) and LOOSE_MOMENT.fullmatch(str(case.body.get("expires_at"))):
        case.body["expires_at"] = "no time"
    # No schema can say that each request needs a key of its own. What is no key stays as it is.
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(KEY, key):
        case.headers["Idempotency-Key"] = f"key-{next(NUMBERS)}"
"""


# What the document says has little to do with the database.
@pytest.mark.only_on("postgres")
@pytest.mark.timeout(600)
def test_schemathesis_finds_nothing(start, tmp_path, effort):
    server = start()
    person = make_person(server)
    admin = make_admin(server)
    key = key_of(admin("POST", "/api-keys", {"name": "gate", "scopes": ["access:check"]}))
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    (tmp_path / "hooks.py").write_text(HOOKS)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": f"{tmp_path}:{Path(__file__).parent}",
        "GAPURA_BINARY": str(BINARY),
        "GAPURA_URL": server.url,
        "SCHEMATHESIS_HOOKS": "hooks",
        "GAPURA_EMAIL": person.email,
        "GAPURA_PASSWORD": person.password,
        "GAPURA_KEY": key,
        "GAPURA_ADMINISTRATOR": admin.headers["Authorization"].removeprefix("Bearer "),
        "GAPURA_COMMON_PASSWORDS": str(Path(__file__).parents[2] / "passwords" / "common.txt"),
    }
    # What belongs to a flow or a page is refused without what came before it: it has tests of its own.
    flows = r"^/(account|sign-|step-up|mfa-reset|refresh-token|auth/social|[a-z]+/login|oidc/|login/[amp]|me/[ip])"
    options = ["--checks", "all", "--max-examples", str(effort(10, 50)), "--exclude-path-regex", flows]
    found = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json", *options],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=560,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    # It warns of operations that never let it in; only signing in, with addresses that nobody has, may be one.
    let_in = "GET /me|POST /logout|POST /deactivate|POST /access/check|POST /users/import"
    assert not re.search(rf"- ({let_in})$", found.stdout, re.MULTILINE), found.stdout
    assert server.client().get("/health/ready").status_code == 200
