"""Settings of identity providers, the look at one of them, and the sandbox of development, which plays them all."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from support.client import Page, problem
from support.server import DEVELOPMENT, PRODUCTION, run

pytestmark = pytest.mark.database_plays_no_part

VERIFIER = "v" * 43
SECRET = ("gapura", "the-sandbox-has-no-secrets")
OIDC = {"OIDC_CORP_ISSUER": "https://corp.example", "OIDC_CORP_CLIENT_ID": "a", "OIDC_CORP_CLIENT_SECRET": "b"}
TENANT = "11111111-2222-3333-4444-555555555555"


# Settings


@pytest.mark.parametrize(
    "variables, named",
    [
        ({"GOOGLE_CLIENT_ID": "a"}, ["GOOGLE_CLIENT_SECRET"]),
        ({"GITHUB_CLIENT_SECRET": "a"}, ["GITHUB_CLIENT_ID"]),
        ({"SBER_CLIENT_ID": "a", "SBER_CLIENT_SECRET": "b"}, ["SBER_CERT_FILE", "SBER_KEY_FILE", "SBER_CA_FILE"]),
        ({name: value for name, value in OIDC.items() if "ISSUER" not in name}, ["OIDC_CORP_ISSUER"]),
        ({"OIDC_CORP_ISSUER": "https://corp.example"}, ["OIDC_CORP_CLIENT_ID", "OIDC_CORP_CLIENT_SECRET"]),
        (
            OIDC
            | {
                "OIDC_CORP_ISSUER_TEMPLATE": "https://login.example/{tenantid}/v2.0",
                "OIDC_CORP_TENANTS": TENANT,
                "OIDC_CORP_TRUST_EMAIL": "on",
            },
            ["OIDC_CORP_TRUST_EMAIL"],
        ),
        (OIDC | {"OIDC_CORP_ISSUER": "http://corp.example"}, ["OIDC_CORP_ISSUER"]),
        (OIDC | {"OIDC_CLOCK_LEEWAY": "6m"}, ["OIDC_CLOCK_LEEWAY"]),
    ],
)
def test_half_a_provider_stops_the_start_and_names_what_is_missing(tmp_path, variables, named):
    ended = run("serve", folder=tmp_path, variables=PRODUCTION | variables)
    assert ended.returncode == 78
    assert [line.split()[0] for line in ended.stderr.splitlines()[1:]] == named


# The sandbox


@pytest.fixture(scope="module")
def sandbox(shared_servers):
    return shared_servers("sqlite").client()


def authorize(client, person, path="", **changed):
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": "gapura",
        "redirect_uri": f"{client.url}/back",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | changed
    if person:
        query["person"] = person
    return client.get(f"/dev/identity{path}/authorize?{urlencode(query)}", allow_redirects=False)


def code_of(answer):
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def exchange(client, code, path="", **changed):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": f"{client.url}/back",
        "code_verifier": VERIFIER,
    } | changed
    return client.post(f"/dev/identity{path}/token", data=form, auth=SECRET)


def test_the_sandbox_is_an_openid_provider_that_others_verify(sandbox):
    document = sandbox.get("/dev/identity/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{sandbox.url}/dev/identity"
    tokens = exchange(sandbox, code_of(authorize(sandbox, "ana"))).json()
    keys = jwt.PyJWKClient(document["jwks_uri"])
    key = keys.get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(
        tokens["id_token"], key.key, algorithms=["RS256"], audience="gapura", issuer=document["issuer"]
    )
    assert claims["nonce"] == "a-nonce" and claims["sub"] == "ana"
    person = sandbox.get("/dev/identity/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (person["sub"], person["email"], person["email_verified"]) == ("ana", "ana@example.com", True)


@pytest.mark.parametrize(
    "changed", [{"code_verifier": "w" * 43}, {"redirect_uri": "http://localhost/other"}, {"code": "made-up"}]
)
def test_a_code_of_another_flow_is_refused(sandbox, changed):
    answer = exchange(sandbox, changed.pop("code", None) or code_of(authorize(sandbox, "ana")), **changed)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_a_code_is_good_once(sandbox):
    code = code_of(authorize(sandbox, "ana"))
    assert exchange(sandbox, code).status_code == 200
    assert exchange(sandbox, code).json() == {"error": "invalid_grant"}


def test_another_secret_or_two_ways_at_once_are_refused(sandbox):
    code = code_of(authorize(sandbox, "ana"))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "x", "code_verifier": VERIFIER}
    both = form | {"client_id": SECRET[0], "client_secret": SECRET[1]}
    for answer in [
        sandbox.post("/dev/identity/token", data=form, auth=(SECRET[0], "wrong")),
        sandbox.post("/dev/identity/token", data=form),
        sandbox.post("/dev/identity/token", data=both, auth=SECRET),
    ]:
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    "changed", [{"code_challenge_method": "plain"}, {"code_challenge": "short"}, {"client_id": "another"}]
)
def test_pkce_is_demanded(sandbox, changed):
    assert authorize(sandbox, "ana", **changed).status_code == 422


def test_the_sandbox_leads_nowhere_else(sandbox):
    refusal = authorize(sandbox, "ana", redirect_uri="https://evil.example/")
    assert refusal.status_code == 404 and "evil.example" not in refusal.headers.get("Location", "")


def test_a_person_chooses_on_a_page(sandbox):
    page = Page(authorize(sandbox, None))
    for name in ["Ana Wijaya", "Budi Santoso", "Citra Lestari", "Eka Pratama", "Fajar Hidayat", "Dewi Kusuma"]:
        assert name in page.text
    [link] = [link for link in page.links if "person=citra" in link]
    assert code_of(sandbox.get(link, allow_redirects=False))
    [refusal] = [link for link in page.links if "person=nobody" in link]
    back = sandbox.get(refusal, allow_redirects=False).headers["Location"]
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
    assert "Identity sandbox" in Page(sandbox.get("/dev/identity")).text


def test_sber_wants_a_new_number_for_each_call(sandbox):
    code = code_of(authorize(sandbox, "ana", "/sber"))
    assert exchange(sandbox, code, "/sber").json() == {"error": "invalid_request"}


@pytest.mark.parametrize("body", [{"kind": "unheard-of"}, {"kind": "nonce", "times": -1}, {}])
def test_mischief_that_is_none_is_422(sandbox, body):
    problem(sandbox.post("/dev/identity/mischief", json=body), 422, "validation_failed")


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.0.0.1"}, {"Host": "evil.example"}])
def test_the_sandbox_is_for_the_developer_only(sandbox, headers):
    for path in ["/dev/identity", "/dev/identity/.well-known/openid-configuration", "/dev/identity/google/keys"]:
        problem(sandbox.get(path, headers=headers | {"Accept": "application/json"}), 404, "not_found")


def test_production_has_no_sandbox(start):
    client = start(base=PRODUCTION).client()
    accept = {"Accept": "application/json"}
    for path in ["/dev/identity", "/dev/identity/authorize", "/dev/identity/google/keys"]:
        problem(client.get(path, headers=accept), 404, "not_found")
    problem(client.post("/dev/identity/mischief", json={"kind": "nonce"}, headers=accept), 404, "not_found")


# The look at a provider


def check(server, name, *flags, **variables):
    return run(
        "providers", "check", name, *flags, folder=server.folder,
        variables=DEVELOPMENT | server.database.variables | {"APP_URL": server.url} | variables,
    )


def test_a_provider_is_looked_at(start):
    server = start()
    ended = check(server, "oidc:sandbox", "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads(ended.stdout)
    assert report["issuer"] == report["configured_issuer"] == f"{server.url}/dev/identity"
    assert report["keys_that_can_be_used"] == "1"
    assert report["problem"] is None
    for name in ["google", "github", "sber"]:
        assert check(server, name).stdout.endswith("ready\n"), name


def test_another_issuer_and_one_that_is_not_there_are_told(start):
    server = start()
    # A slash at the end counts.
    issuer = f"{server.url}/dev/identity/"
    corp = {"OIDC_CORP_CLIENT_ID": "a", "OIDC_CORP_CLIENT_SECRET": "b"}
    ended = check(server, "oidc:corp", **corp, OIDC_CORP_ISSUER=issuer)
    assert ended.returncode == 1
    assert f'says issuer "{server.url}/dev/identity", configured is "{issuer}"' in ended.stdout
    ended = check(server, "oidc:corp", **corp, OIDC_CORP_ISSUER=f"http://127.0.0.1:{server.port}")
    assert ended.returncode == 1
    # The guard lets nothing through but the sandbox.
    assert "private or reserved" in ended.stdout
    ended = check(server, "oidc:nobody")
    assert ended.returncode == 1
    assert "google, github, sber, oidc:sandbox" in ended.stderr
