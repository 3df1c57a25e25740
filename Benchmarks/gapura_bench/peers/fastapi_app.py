"""The same two answers as Gapura's, as one would write them with FastAPI, PyJWT and sqlite3, over the same database.

Run by uvicorn. BENCH_DATABASE is the database of a running Gapura, BENCH_KEYS its key set, BENCH_ISSUER its APP_URL.
"""

import json
import os
import sqlite3
import time
import uuid
from datetime import datetime, timezone

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

with open(os.environ["BENCH_KEYS"], encoding="utf-8") as file:
    KEY_SET = json.load(file)
KEYS = {key["kid"]: jwt.PyJWK(key) for key in KEY_SET["keys"]}
ISSUER = os.environ["BENCH_ISSUER"]
DATABASE = f"file:{os.environ['BENCH_DATABASE']}?mode=ro"

app = FastAPI()
connection: sqlite3.Connection | None = None


class Profile(BaseModel):
    first_name: str | None
    last_name: str | None
    profile_img: str | None


class User(BaseModel):
    id: str
    email: str
    username: str | None
    is_active: bool
    is_verified: bool
    is_admin: bool
    blocked_until: str | None
    block_reason: str | None
    locale: str
    provider: str
    profile: Profile
    created_at: str
    updated_at: str


def database() -> sqlite3.Connection:
    global connection
    if connection is None:
        connection = sqlite3.connect(DATABASE, uri=True)
        connection.row_factory = sqlite3.Row
    return connection


def verified(token: str) -> tuple[bytes, bytes, int]:
    """The user, the session and the expiry (seconds) of an access token.

    Raises jwt.InvalidTokenError, KeyError or ValueError for one that does not count.
    """
    header = jwt.get_unverified_header(token)
    if header.get("typ") != "at+jwt":
        raise jwt.InvalidTokenError
    claims = jwt.decode(token, KEYS[header["kid"]].key, algorithms=["ES256"], audience=ISSUER, issuer=ISSUER)
    return uuid.UUID(claims["sub"]).bytes, uuid.UUID(claims["sid"]).bytes, claims["exp"]


# Two indexed look-ups in a small database are shorter than a hop to a thread, so this runs on the loop.
async def caller(authorization: str = Header()) -> sqlite3.Row:
    scheme, _, token = authorization.partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError
        user, session, _ = verified(token)
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    now = int(time.time() * 1000)
    row = database().execute(
        """
        SELECT users.*, profiles.*, platform_roles.role
        FROM sessions JOIN users ON users.id = sessions.user_id
            LEFT JOIN profiles ON profiles.user_id = users.id
            LEFT JOIN platform_roles ON platform_roles.user_id = users.id
        WHERE sessions.id = ? AND users.id = ? AND sessions.revoked_at IS NULL AND sessions.expires_at > ?
        """,
        (session, user, now)).fetchone()
    if row is None or not row["is_active"] or not row["is_verified"] or (row["blocked_until"] or 0) > now:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return row


def moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    time = datetime.fromtimestamp(milliseconds // 1000, timezone.utc)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


@app.get("/.well-known/jwks.json")
async def keys(response: Response):
    response.headers["Cache-Control"] = "public, max-age=300"
    return KEY_SET


@app.get("/me")
async def me(response: Response, row: sqlite3.Row = Depends(caller)) -> User:
    response.headers["Cache-Control"] = "no-store"
    return User(
        id=str(uuid.UUID(bytes=row["id"])), email=row["email"], username=row["username"],
        is_active=row["is_active"], is_verified=row["is_verified"], is_admin=row["role"] == "admin",
        blocked_until=moment(row["blocked_until"]), block_reason=row["block_reason"], locale=row["locale"],
        provider=row["provider"],
        profile=Profile(
            first_name=row["first_name"], last_name=row["last_name"], profile_img=row["profile_img"]),
        created_at=moment(row["created_at"]), updated_at=moment(row["updated_at"]))
