"""What nobody asked for, over the whole API: unknown members and parameters, wrong, missing and repeated ones.

The table of requests is made from the OpenAPI document, so that no operation can be left out.
"""

import copy
import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from support.client import bearer, make_person, problem
from test_administration import key_of, make_admin

# All of it is decided before the database.
pytestmark = pytest.mark.only_on("sqlite")

PATH_VALUES = {"slug": "nobody", "name": "nobody", "service": "cvmaker"}
SOME_ID = "01a1fe61-f452-7000-bb7f-ab8f35d7ad7e"
WRONG = [None, True, 7, -1, 1.5, 1e300, "", "x", "x" * 10_000, "\u202e", [], [[]], {}, {"surprise": {}}, [{"surprise": 1}]]


class Table:
    """Every operation of the document, and somebody who may call it."""

    def __init__(self, server):
        self.client = server.client()
        admin = make_admin(server)
        key = key_of(admin("POST", "/api-keys", {"name": "gate", "scopes": ["access:check"]}))
        self.credentials = {"signed in": admin.headers, "key": bearer(key), "everyone": {}}
        self.document = self.client.get("/openapi.json").json()
        self.operations = [
            (method.upper(), path, operation)
            for path, item in self.document["paths"].items() for method, operation in item.items()
        ]

    def send(self, method, path, operation, query="", body=None):
        schemes = {name for scheme in operation["security"] for name in scheme}
        who = "everyone" if not schemes else "signed in" if "session" in schemes else "key"
        path = re.sub(r"\{(\w+)\}", lambda match: PATH_VALUES.get(match[1], SOME_ID), path)
        options = {} if body is None else {"json": body}
        if isinstance(body, bytes):
            options = {"data": body, "headers": {"Content-Type": "application/json"}}
        headers = {"Accept": "application/json"} | self.credentials[who] | options.pop("headers", {})
        self.client.cookies.clear()
        answer = self.client.request(method, path + query, headers=headers, **options)
        assert answer.status_code < 500, f"{method} {path}{query} {body!r:.500}: {answer.status_code} {answer.text}"
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.headers["Content-Type"] == "application/problem+json", f"{method} {path}: {answer.text:.500}"
        return answer

    def resolve(self, schema):
        if "$ref" in schema:
            return self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def body_of(self, operation):
        """The schema of a JSON body; None without one."""
        content = operation.get("requestBody", {}).get("content", {})
        return self.resolve(content["application/json"]["schema"]) if "application/json" in content else None

    def example(self, schema):
        schema = self.resolve(schema)
        if "examples" in schema:
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        type = schema.get("type", "string")
        type = next(each for each in type if each != "null") if isinstance(type, list) else type
        if type == "object":
            return {name: self.example(each) for name, each in schema.get("properties", {}).items()}
        if type == "array":
            return [self.example(schema["items"])]
        if type in ("integer", "number"):
            return schema.get("minimum", 1)
        if type == "boolean":
            return False
        return {
            "email": "somebody@example.com", "uuid": SOME_ID, "date-time": "2999-01-01T00:00:00Z",
            "password": "none of anybody here",
        }.get(schema.get("format"), "x" * max(1, schema.get("minLength", 1)))

    def objects_in(self, schema, way=()):
        """The ways to every object inside of a body, itself too, and whether it takes no other members."""
        schema = self.resolve(schema)
        if "properties" in schema:
            yield way, schema.get("additionalProperties") is False
            for name, each in schema["properties"].items():
                yield from self.objects_in(each, (*way, name))
        elif "items" in schema:
            yield from self.objects_in(schema["items"], (*way, 0))


@pytest.fixture
def table(start):
    return Table(start(RATE_LIMIT="off"))


def named(way, name):
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*way, name))
    return text.removeprefix(".")


def test_unknown_members_and_parameters_are_refused_by_name_wherever_the_document_does_not_say_otherwise(table):
    lenient = set()
    for method, path, operation in table.operations:
        answer = table.send(method, path, operation, query="?surprise=1&Surprise=2")
        if set(operation.get("requestBody", {}).get("content", {})) == {"application/x-www-form-urlencoded"}:
            # A page's form is looked at no further without the page's token.
            assert answer.json()["code"] in {"csrf", "unsupported_media_type"}, path
            continue
        if operation.get("x-ignores-unknown"):
            # Pages of who is signed in come from links and forms, as those of signing in do.
            assert operation["security"] == [] or path == "/step-up" or path.startswith("/account"), path
            assert "surprise" not in answer.text
            lenient.add((method, path))
        else:
            assert set(problem(answer, 422, "validation_failed")["errors"]) >= {"surprise", "Surprise"}, path
        schema = table.body_of(operation)
        if schema is None:
            if operation["security"] and "requestBody" not in operation:
                answer = table.send(method, path, operation, body={"surprise": 1})
                assert set(problem(answer, 422, "validation_failed")["errors"]) == {"surprise"}, path
            continue
        for way, is_closed in table.objects_in(schema):
            body = table.example(schema)
            inner = body
            for step in way:
                inner = inner[step]
            inner["surprise"] = 1
            answer = table.send(method, path, operation, body=body)
            # What browsers write, a passkey's answer for one, grows with them.
            if operation.get("x-ignores-unknown") or not is_closed:
                assert "surprise" not in answer.text, path
            else:
                assert named(way, "surprise") in problem(answer, 422, "validation_failed")["errors"], path
    # Signing in, and what a link of a mail opens; `/docs` names no other.
    assert {("POST", "/login"), ("POST", "/register"), ("GET", "/verify"), ("POST", "/refresh-token")} <= lenient
    assert not {path for _, path in lenient if re.match("/(users|roles|services|api-keys|usage|audit|jobs|access/ch)", path)}


def test_wrong_and_missing_members_are_never_our_fault(table):
    for method, path, operation in table.operations:
        schema = table.body_of(operation)
        if schema is None:
            continue
        for value in [*WRONG, b"", b"{", b'{"a": 1, "a": 2}', b"\xff", b'{"surprise": 1e999}']:
            table.send(method, path, operation, body=value if value is not None else b"null")
        whole = table.example(schema)
        for name in whole:
            for value in WRONG:
                table.send(method, path, operation, body=whole | {name: value})
            without = copy.copy(whole)
            del without[name]
            answer = table.send(method, path, operation, body=without)
            if name in schema.get("required", []):
                assert name in problem(answer, 422, "validation_failed")["errors"], f"{method} {path} without {name}"


def test_a_member_that_stands_twice_is_refused(table):
    for method, path, operation in table.operations:
        if (schema := table.body_of(operation)) is not None:
            name = next(iter(schema["properties"]))
            twice = json.dumps({name: 1})[:-1] + f', "{name}": 1}}'
            problem(table.send(method, path, operation, body=twice.encode()), 400, "bad_json")


def test_wrong_and_repeated_parameters_are_refused_by_name(table):
    for method, path, operation in table.operations:
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            name = parameter["name"]
            twice = table.send(method, path, operation, query=f"?{name}=1&{name}=1")
            if "/callback/" in path:
                # What comes back from a company is good as a whole or not at all.
                problem(twice, 400, "invalid_state")
                continue
            assert name in problem(twice, 422, "validation_failed")["errors"], path
            for value in ["", "x", "-1", "1.5", "%00", "%ff", "%", "x" * 5_000, "null", "[]", "%7B%7D"]:
                table.send(method, path, operation, query=f"?{name}={value}")


def test_what_is_misspelt_does_not_count_for_ever_or_for_everybody(start):
    server = start()
    admin = make_admin(server)
    person = make_person(server)
    user = f"/users/{person.id}"

    def unknown(answer, *names):
        assert problem(answer, 422, "validation_failed")["errors"] == {name: "is not known here" for name in names}

    unknown(admin("POST", f"{user}/block", {"reason": "test", "hours": 1}), "hours")
    assert admin.ok("GET", user)["is_blocked"] is False
    unknown(admin("PUT", f"{user}/entitlement", {"plan": "pro", "expires_at": "2999-01-01T00:00:00Z"}), "expires_at")
    assert admin.ok("GET", f"{user}/entitlement")["plan"] == "free"
    unknown(admin("GET", f"/usage?user_id={person.id}"), "user_id")
    unknown(admin("GET", "/users?email=a@example.com&sort=email"), "email", "sort")
    unknown(admin("DELETE", f"{user}?force=true"), "force")
    unknown(admin("POST", f"{user}/unblock", {"until": "2999-01-01T00:00:00Z"}), "until")
    assert admin.ok("GET", user)["id"] == person.id


DURATIONS = {
    "P7D": timedelta(days=7), "P2W": timedelta(weeks=2), "PT36H": timedelta(hours=36), "7d": timedelta(days=7),
    "P1DT2H3M4S": timedelta(days=1, hours=2, minutes=3, seconds=4), "12h": timedelta(hours=12),
    "90m": timedelta(minutes=90), "30s": timedelta(seconds=30),
}


def test_a_block_and_an_entitlement_end_after_as_long_as_people_say(start):
    server = start()
    admin = make_admin(server)
    user = f"/users/{make_person(server).id}"
    for duration, length in DURATIONS.items():
        before = datetime.now(timezone.utc)
        blocked = admin.ok("POST", f"{user}/block", {"reason": "spam", "for": duration})
        given = admin.ok("PUT", f"{user}/entitlement", {"plan": "pro", "for": duration})
        after = datetime.now(timezone.utc)
        for text in [blocked["blocked_until"], given["until"]]:
            end = datetime.fromisoformat(text)
            # Moments are cut to milliseconds.
            assert before + length - timedelta(milliseconds=1) <= end <= after + length, duration
        assert given["effective_plan"] == "pro"


def test_an_end_is_said_in_one_way_and_is_a_time_that_can_be_counted(start):
    server = start()
    admin = make_admin(server)
    user = f"/users/{make_person(server).id}"
    both = {"until": "2999-01-01T00:00:00Z", "for": "P7D"}
    for method, path, body in [
        ("POST", f"{user}/block", {"reason": "spam"}), ("PUT", f"{user}/entitlement", {"plan": "pro"}),
    ]:
        answer = problem(admin(method, path, body | both), 422, "validation_failed")
        assert answer["errors"] == {"for": "cannot be given beside until"}
        for wrong in ["P1M", "P1Y", "P", "PT", "P0D", "0d", "-P1D", "1", "1 day", "7 d", "P1.5D", "P1H", "PT1D", "99999d", 7]:
            answer = problem(admin(method, path, body | {"for": wrong}), 422, "validation_failed")
            assert set(answer["errors"]) == {"for"}, wrong
        past = problem(admin(method, path, body | {"until": "2020-01-01T00:00:00Z"}), 422, "validation_failed")
        assert set(past["errors"]) == {"until"}
        assert admin(method, path, body | {"until": "2999-01-01T00:00:00Z", "for": None}).status_code == 200
