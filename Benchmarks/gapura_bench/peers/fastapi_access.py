"""Gapura's two doors of the access decision, as a team would write them with FastAPI and PyJWT on the same database.

Run by uvicorn with the variables of fastapi_app.py. It decides about people with access tokens: no API keys of callers,
nobody without a name, no soft or strict limits. What Gapura does beside the decision is not here: the journal of the
counts, the log of decisions for `explain`, the audit log, metrics, the change feed (people are read anew after a
second; keys and services only at the start).

With BENCH_REMEMBER_TOKENS=1 a token's signature is verified once, as Gapura does it; most would verify it each time.
"""

import json
import os
import re
import time
import uuid
from typing import NamedTuple
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from . import access_quota
from .access_directory import Service, Standing, key_hash, load_keys, load_services, standing
from .fastapi_app import ISSUER, KEY_SET, moment, verified

REMEMBERS_TOKENS = os.environ.get("BENCH_REMEMBER_TOKENS") == "1"
REMEMBERED_MAX = 50_000
IDENTITY_SECONDS = 60
REPETITION_SECONDS = 10
TRUSTED_PROXIES = {"127.0.0.1", "::1"}
STATUS = {
    "missing_credential": 401, "invalid_credential": 401, "account_blocked": 403, "permission_denied": 403,
    "service_unknown": 403, "not_in_plan": 403, "quota_exhausted": 429, "rate_limited": 429, "ambiguous_request": 403,
    "untrusted_gateway": 403, "route_unknown": 403}
# What some programs read in one way and some in another.
AMBIGUOUS = re.compile(r"//|/\.{1,2}(?:/|$)|%2[ef]|%5c|%3b|%(?![0-9a-f]{2})|[;\\#\x00-\x20\x7f]", re.IGNORECASE)

SERVICES = load_services()
KEYS = load_keys()
IDENTITY_KEY = ec.generate_private_key(ec.SECP256R1())
app = FastAPI()
tokens: dict[str, tuple[bytes, bytes, int]] = {}
identities: dict[tuple, tuple[float, str]] = {}
answered: dict[tuple[str, str], tuple[float, "Decision"]] = {}


class Question(BaseModel):
    service: str = Field(min_length=1, max_length=63)
    credential: str | None = Field(None, max_length=8192)
    method: str | None = Field(None, max_length=32)
    path: str | None = Field(None, max_length=16384)
    cost: int | None = Field(None, ge=0, le=1_000_000)
    dry_run: bool = False


class Caller(BaseModel):
    kind: str
    user_id: str | None
    tenant_id: str | None
    roles: list[str]
    plan: str


class Limit(BaseModel):
    policy: str
    limit: int
    used: int
    remaining: int
    resets_at: str
    resets_in: int
    window_seconds: int = Field(exclude=True)


class Decision(BaseModel):
    id: str
    allowed: bool
    reason: str | None
    status: int
    retry_after: int | None
    caller: Caller | None
    email: str | None
    limit: Limit | None
    missing_permission: str | None = None
    missing_service: str | None = None
    plans: list[str] = []
    exceeds_soft_limit: bool = False
    degraded: bool = False
    decided_at: str


@app.get("/.well-known/jwks.json")
async def keys():
    return KEY_SET


@app.post("/access/check")
async def check(question: Question, response: Response, authorization: str = Header("")) -> Decision:
    admit(question, response, authorization)
    decision = decide(
        question.credential, question.service, question.method, question.path, question.cost, not question.dry_run)
    response.headers["X-Gapura-Decision"] = decision.id
    return decision


def admit(question: Question, response: Response, authorization: str) -> None:
    """Lets services ask that have a key for it."""
    scheme, _, key = authorization.partition(" ")
    scopes = KEYS.get(key_hash(key)) if scheme.lower() == "bearer" else None
    if scopes is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    if f"access:check:{question.service}" not in scopes:
        raise HTTPException(403)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-Id"] = uuid.uuid4().hex


@app.get("/access/forward/{service}")
async def forward(service: str, request: Request, dialect: str | None = None) -> Response:
    headers = request.headers
    scheme, _, token = headers.get("authorization", "").partition(" ")
    names = ("x-original-method", "x-original-uri") if dialect == "nginx" else (
        "x-forwarded-method", "x-forwarded-uri")
    if request.client.host in TRUSTED_PROXIES:
        decision = once(
            service, headers.get("x-gapura-request"), token if scheme.lower() == "bearer" else None,
            headers.get(names[0]), headers.get(names[1]))
    else:
        decision = denial("untrusted_gateway", time.time())
    told = {
        "Cache-Control": "no-store", "X-Request-Id": headers.get("x-request-id") or uuid.uuid4().hex,
        "X-Gapura-Decision": decision.id}
    if limit := decision.limit:
        told["RateLimit-Policy"] = f'"{limit.policy}";q={limit.limit};w={limit.window_seconds}'
        told["RateLimit"] = f'"{limit.policy}";r={limit.remaining};t={limit.resets_in}'
    if decision.allowed:
        return Response(headers=told | caller_headers(decision, service))
    return denied(decision, told, dialect == "nginx")


def caller_headers(decision: Decision, service: str) -> dict[str, str]:
    caller = decision.caller
    return {
        "X-User-Id": caller.user_id or "-", "X-Tenant-Id": caller.tenant_id or "-",
        "X-Roles": ",".join(caller.roles) or "-", "X-Plan": caller.plan, "X-Caller-Kind": caller.kind,
        "X-User-Email": decision.email or "-", "X-Gapura-Identity": identity(caller, service)}


def denied(decision: Decision, headers: dict[str, str], for_nginx: bool) -> Response:
    title = decision.reason.replace("_", " ").capitalize()
    if decision.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="gapura"'
    if decision.retry_after is not None:
        headers["Retry-After"] = str(decision.retry_after)
    problem = {
        "type": f"urn:gapura:problem:{decision.reason}", "title": title, "status": decision.status,
        "code": decision.reason, "detail": title, "request_id": headers["X-Request-Id"], "decision_id": decision.id}
    if for_nginx:
        headers |= {
            "X-Gapura-Status": str(decision.status), "X-Gapura-Code": decision.reason, "X-Gapura-Title": title,
            "X-Gapura-Problem": json.dumps(problem)}
        if decision.retry_after is not None:
            headers["X-Gapura-Retry-After"] = str(decision.retry_after)
    return JSONResponse(
        problem, 403 if for_nginx else decision.status, headers, media_type="application/problem+json")


def once(service: str, name: str | None, token: str | None, method: str | None, path: str | None) -> Decision:
    """A request that a gateway asks about again is not counted again."""
    if name is None:
        return decide(token, service, method, path)
    now = time.time()
    # In the order in which they came.
    while answered and now - next(iter(answered.values()))[0] > REPETITION_SECONDS:
        del answered[next(iter(answered))]
    if known := answered.get((service, name)):
        return known[1]
    decision = decide(token, service, method, path)
    answered[service, name] = (now, decision)
    return decision


def decide(
    token: str | None, slug: str, method: str | None, path: str | None, cost: int | None = None, count: bool = True
) -> Decision:
    now = time.time()
    found = judged(token, slug, method, path, cost, now)
    if isinstance(found, Decision):
        return found
    return concluded(found, access_quota.take(found.person.user_id, found.rules, found.cost, now, count), now)


class Draw(NamedTuple):
    """Whom nothing but a limit could hold back."""

    caller: Caller
    person: Standing
    service: Service
    rules: list[access_quota.Rule]
    cost: int


def judged(
    token: str | None, slug: str, method: str | None, path: str | None, cost: int | None, now: float
) -> Draw | Decision:
    if path is not None and (not path.startswith("/") or AMBIGUOUS.search(path.partition("?")[0])):
        return denial("ambiguous_request", now)
    service = SERVICES.get(slug)
    if service is None:
        return denial("service_unknown", now)
    if token is None:
        return denial("missing_credential", now, Caller(
            kind="anonymous", user_id=None, tenant_id=None, roles=[], plan="anonymous"))
    person = known(token, now)
    if person is None:
        return denial("invalid_credential", now)
    caller = Caller(kind="user", user_id=person.user_id, tenant_id=None, roles=person.roles, plan=person.plan)
    if not person.is_good:
        return denial("account_blocked", now, caller)
    route = service.route(method or "", unquote((path or "/").partition("?")[0]))
    if route is None:
        return denial("route_unknown", now, caller)
    for permission in (service.permission, route.permission):
        if not person.may(permission):
            return denial("permission_denied", now, caller, missing=permission)
    if service.plans and person.plan not in service.plans:
        return denial("not_in_plan", now, caller, plans=service.plans)
    return Draw(caller, person, service, person.rules_for(slug), route.cost if cost is None else cost)


def concluded(draw: Draw, taken: tuple[bool, access_quota.Binding | None], now: float) -> Decision:
    allowed, binding = taken
    if not allowed:
        return denial("rate_limited" if binding.policy == "burst" else "quota_exhausted", now, draw.caller, binding)
    return Decision(
        id=str(uuid.uuid4()), allowed=True, reason=None, status=200, retry_after=None, caller=draw.caller,
        email=draw.person.email if draw.service.wants_email else None, limit=told(binding, now), decided_at=text(now))


def denial(
    reason: str, now: float, caller: Caller | None = None, binding=None, missing: str | None = None, plans=()
) -> Decision:
    limit = told(binding, now)
    return Decision(
        id=str(uuid.uuid4()), allowed=False, reason=reason, status=STATUS[reason],
        retry_after=max(1, limit.resets_in) if limit else None, caller=caller, email=None, limit=limit,
        missing_permission=missing, plans=list(plans), decided_at=text(now))


def told(binding: access_quota.Binding | None, now: float) -> Limit | None:
    if binding is None:
        return None
    return Limit(
        policy=binding.policy, limit=binding.limit, used=binding.used, remaining=max(0, binding.limit - binding.used),
        resets_at=text(binding.end), resets_in=max(0, int(binding.end - now + 0.999)),
        window_seconds=binding.end - binding.start)


def known(token: str, now: float):
    """The standing of the person whose token it is; None if it does not count."""
    found = tokens.get(token)
    if found is None or found[2] <= now:
        try:
            found = verified(token)
        except (jwt.InvalidTokenError, KeyError, ValueError):
            return None
        if REMEMBERS_TOKENS:
            if len(tokens) >= REMEMBERED_MAX:
                tokens.clear()
            tokens[token] = found
    return standing(found[0], found[1])


def identity(caller: Caller, slug: str) -> str:
    """Signed once for each caller and service, and kept for half of its life."""
    now = time.time()
    key = (slug, caller.user_id, caller.plan, *caller.roles)
    kept = identities.get(key)
    if kept and now - kept[0] < IDENTITY_SECONDS / 2:
        return kept[1]
    claims = {
        "iss": ISSUER, "sub": caller.user_id, "aud": SERVICES[slug].audience, "iat": int(now),
        "exp": int(now) + IDENTITY_SECONDS, "jti": str(uuid.uuid4()), "kind": caller.kind,
        "tenant": caller.tenant_id, "roles": caller.roles, "plan": caller.plan}
    token = jwt.encode(claims, IDENTITY_KEY, "ES256", headers={"typ": "gapura-identity+jwt", "kid": "bench"})
    if len(identities) >= REMEMBERED_MAX:
        identities.clear()
    identities[key] = (now, token)
    return token


def text(seconds: float) -> str:
    return moment(int(seconds * 1000))
