"""Access tokens: PyJWT takes ours, and we take nobody else's."""

import re
import time

import jwt
import pytest

from support import forge
from support.client import make_person, problem, sign_in
from support.server import PRODUCTION, eventually

# A token is read without the database, but for what is said of its key and its session.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")


@pytest.fixture
def token(server, person):
    return sign_in(server, person)[1]["access_token"]


@pytest.fixture
def key(server):
    return forge.private_key(server)


def assert_refused(server, token):
    answer = server.client().me(token)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gapura", error="invalid_token"'


# What others make of ours


def test_pyjwt_verifies_a_token_by_the_published_keys(server, person, token):
    key = jwt.PyJWKClient(server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["ES256"],
        audience=server.url,
        issuer=server.url,
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
    )
    uuid7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(uuid7, claims["jti"]) and re.fullmatch(uuid7, claims["sid"])
    assert abs(claims["iat"] - time.time()) < 60
    assert claims == {
        "iss": server.url,
        "sub": person.id,
        "aud": server.url,
        "iat": claims["iat"],
        "exp": claims["iat"] + 900,
        "jti": claims["jti"],
        "sid": claims["sid"],
        "email": person.email,
        "email_verified": True,
        "roles": [],
        "tenant": None,
        "plan": "free",
        "auth_time": claims["iat"],
        "amr": ["pwd"],
        "acr": "aal1",
    }


def test_the_header_names_type_algorithm_and_key_and_nothing_else(server, token):
    header, _ = forge.parts(token)
    jwk, _ = forge.public_key(server)
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": jwk["kid"]}


def test_the_published_key_has_no_private_part_and_may_be_kept(server):
    jwk, _ = forge.public_key(server)
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops"}
    assert (jwk["kty"], jwk["crv"], jwk["alg"], jwk["use"], jwk["key_ops"]) == (
        "EC",
        "P-256",
        "ES256",
        "sig",
        ["verify"],
    )
    answer = server.client().get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "application/json"


@on_both
def test_two_sessions_have_tokens_of_their_own(server, person):
    first, second = (forge.parts(sign_in(server, person)[1]["access_token"])[1] for _ in range(2))
    assert first["jti"] != second["jti"] and first["sid"] != second["sid"] and first["sub"] == second["sub"]


@on_both
def test_the_key_survives_a_restart(start):
    server = start()
    _, tokens = sign_in(server, make_person(server))
    before = forge.public_key(server)[0]
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.start()
    assert forge.public_key(server)[0] == before
    assert server.client().me(tokens["access_token"]).status_code == 200


@on_both
def test_every_installation_has_a_key_of_its_own(start):
    assert forge.public_key(start())[0]["kid"] != forge.public_key(start())[0]["kid"]


# What we make of others'. Signed with the server's own key, so that one thing only is wrong with each. One of each kind
# shows that the server asks: every form of a token is tried in Tests/Unit/CryptoTests, signatures in test_signatures.py.


def test_a_token_made_with_the_servers_key_is_taken(server, token, key):
    assert server.client().me(forge.sign_es256(key, *forge.parts(token))).status_code == 200


@pytest.mark.parametrize("change", [{"alg": "none"}, {"typ": "JWT"}, {"typ": ...}, {"kid": "unknown"}, {"crit": ["exp"]}])
def test_a_wrong_header_is_refused(server, token, key, change):
    header, claims = forge.parts(token)
    header = {name: value for name, value in (header | change).items() if value is not ...}
    assert_refused(server, forge.sign_es256(key, header, claims))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "https://evil.example"},
        {"exp": 1},
        {"nbf": 9_999_999_999},
        {"sub": "x"},
        {"sub": ...},
        {"sub": "01890000-0000-7000-8000-000000000000"},
        {"sub": ["x"]},
        {"sid": "x"},
        {"sid": ...},
        {"sid": "01890000-0000-7000-8000-000000000000"},
        {"sid": None},
    ],
)
def test_wrong_claims_are_refused(server, token, key, change):
    header, claims = forge.parts(token)
    claims = {name: value for name, value in (claims | change).items() if value is not ...}
    assert_refused(server, forge.sign_es256(key, header, claims))


@on_both
def test_another_persons_session_is_not_ones_own(server, token, key):
    header, claims = forge.parts(token)
    other = make_person(server)
    assert_refused(server, forge.sign_es256(key, header, claims | {"sub": other.id}))


def test_claims_do_not_make_an_administrator(server, token, key):
    header, claims = forge.parts(token)
    forged = forge.sign_es256(key, header, claims | {"roles": ["admin"]})
    assert server.client().me(forged).json()["is_admin"] is False


def test_an_oversized_token_is_refused(server, token, key):
    header, claims = forge.parts(token)
    assert_refused(server, forge.sign_es256(key, header, claims | {"padding": "x" * 20_000}))
    assert_refused(server, "x" * 20_000)
    assert_refused(server, "." * 20_000)


def test_a_token_ends_with_its_time(start):
    server = start(ACCESS_TOKEN_EXPIRE="2s")
    person = make_person(server)
    browser, tokens = sign_in(server, person)
    assert tokens["expires_in"] == 2
    assert browser.get("/me").status_code == 200
    eventually(lambda: server.client().me(tokens["access_token"]).status_code == 401, "the end of the token")
    assert_refused(server, tokens["access_token"])


def test_a_token_of_another_address_of_the_same_installation_is_refused(start):
    server = start(APP_URL="https://one.example.com")
    _, tokens = sign_in(server, make_person(server))
    assert server.client().me(tokens["access_token"]).status_code == 200
    assert server.stop() == 0
    server.variables["APP_URL"] = "https://two.example.com"
    server.start()
    assert_refused(server, tokens["access_token"])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_in_any_case(server, token, scheme):
    assert server.client().get("/me", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


@pytest.mark.parametrize(
    "form", ["{}", "Negotiate {}", "Bearer{}", "Bearer", "Bearer  ", "Token {}", "Bearer, {}", "Bearer\t{}"]
)
def test_any_other_authorization_is_refused(server, token, form):
    answer = server.client().get("/me", headers={"Authorization": form.format(token)})
    problem(answer, 401, "unauthenticated")


def test_a_refresh_token_is_no_access_token(server, person):
    _, tokens = sign_in(server, person, headers={"X-Token-Delivery": "body"})
    assert_refused(server, tokens["refresh_token"])


@on_both
def test_production_signs_by_the_given_master_key(start):
    server = start(base=PRODUCTION)
    kid = forge.public_key(server)[0]["kid"]
    assert server.stop() == 0
    assert not (server.data / "master.key").exists()
    server.start()
    assert forge.public_key(server)[0]["kid"] == kid
