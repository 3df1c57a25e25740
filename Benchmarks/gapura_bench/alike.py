"""Whether Gapura and a peer decide alike, by both doors: only then can their speed be compared."""

import json
from collections.abc import Iterator

import jwt

from . import client
from .programs import Program

# What is left of times, identifiers and the words of problems are their kinds.
COMPARED_MEMBERS = (
    "allowed", "reason", "status", "caller", "email", "missing_permission", "missing_service", "plans",
    "exceeds_soft_limit", "degraded")
COMPARED_LIMIT = ("policy", "limit", "used", "remaining")
COMPARED_HEADERS = (
    "X-User-Id", "X-Tenant-Id", "X-Roles", "X-Plan", "X-Caller-Kind", "X-User-Email", "RateLimit-Policy",
    "X-Gapura-Status", "X-Gapura-Code", "Cache-Control")
PRESENT_HEADERS = ("X-Gapura-Identity", "X-Gapura-Decision", "X-Gapura-Problem", "X-Request-Id", "RateLimit")
COMPARED_CLAIMS = ("iss", "sub", "aud", "kind", "tenant", "roles", "plan")


def check(ours: Program, peer: Program, key: str, tokens: dict[str, str], service: str) -> int:
    """The number of questions that both answered alike, one after the other.

    - tokens: of people whose quota is not used by others: `unlimited`, and `limited` with two requests a day.
    """
    count = 0
    for what, token, method, path in questions(tokens):
        for door in (by_check, by_forward):
            given = {program.name: door(program, key, token, service, method, path) for program in (ours, peer)}
            if given[ours.name] != given[peer.name]:
                raise RuntimeError(f"{what}: the doors answer differently: {given}")
            count += 1
    return count


def questions(tokens: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    free, limited = tokens["unlimited"], tokens["limited"]
    yield "allowed", free, "GET", "/v1/documents/17"
    yield "a route for another method alone", free, "DELETE", "/v1/documents/17"
    yield "a route that needs a right", free, "GET", "/v1/reports/2"
    yield "a prefix that ends within a segment", free, "GET", "/v1/documents17"
    yield "no route", free, "GET", "/elsewhere"
    yield "an ambiguous path", free, "GET", "/v1/documents//17"
    yield "a wrong signature", free[:-8] + free[-8:].swapcase(), "GET", "/v1/documents/17"
    # By two doors: the second round is beyond the quota of two.
    yield "within the quota", limited, "GET", "/v1/documents/17"
    yield "beyond the quota", limited, "GET", "/v1/documents/17"


def by_check(program: Program, key: str, token: str, service: str, method: str, path: str):
    body = {"credential": token, "service": service, "method": method, "path": path}
    given, headers = client.call(
        "POST", f"{program.url}/access/check", body, {"Authorization": f"Bearer {key}"})
    answer = json.loads(given)
    compared = [answer[name] for name in COMPARED_MEMBERS]
    if answer["limit"]:
        compared.append([answer["limit"][name] for name in COMPARED_LIMIT])
    return compared, shape(answer), [has(headers, name) for name in PRESENT_HEADERS], header(headers, "Cache-Control")


def by_forward(program: Program, _: str, token: str, service: str, method: str, path: str):
    status, headers = client.status(
        f"{program.url}/access/forward/{service}?dialect=nginx",
        {"Authorization": f"Bearer {token}", "X-Original-Method": method, "X-Original-URI": f"{path}?page=2"})
    compared = [header(headers, name) for name in COMPARED_HEADERS]
    identity = header(headers, "X-Gapura-Identity")
    if identity:
        claims = jwt.decode(identity, options={"verify_signature": False})
        compared.append([claims[name] for name in COMPARED_CLAIMS])
        compared.append([sorted(claims), sorted(jwt.get_unverified_header(identity)), claims["exp"] - claims["iat"]])
    limit = header(headers, "RateLimit")
    compared.append(limit and limit.partition(";t=")[0])
    return status, compared, [has(headers, name) for name in PRESENT_HEADERS]


def header(headers: dict[str, str], name: str) -> str | None:
    return next((value for known, value in headers.items() if known.lower() == name.lower()), None)


def has(headers: dict[str, str], name: str) -> bool:
    return bool(header(headers, name))


def shape(value):
    """Names and kinds without the values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return type(value).__name__
