"""Second factors: authenticator apps, recovery codes, step-up, and what administrators must have."""

import re
import time
import uuid

import numpy
import pyotp
import pytest
import zxingcpp
from support.client import PASSWORD, Page, Person, at_once, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.database import moment
from support.server import eventually, run
from test_administration import make_admin

STEP = 30


def pixels(svg, scale=4):
    """What a camera sees of the picture: its squares, drawn as the path says."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    image = numpy.full((side, side), 255, dtype=numpy.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        image[int(y), int(x) : int(x) + int(width)] = 0
    return numpy.kron(image, numpy.ones((scale, scale), dtype=numpy.uint8))


class App:
    """An authenticator app, which shows a code that was not used yet."""

    def __init__(self, uri):
        self.totp = pyotp.parse_uri(uri)
        self.used = 0

    def code(self):
        """The current code, or the next step's, which is taken too; else it waits for the step after."""
        step = max(int(time.time()) // STEP, self.used + 1)
        deadline = time.time() + 60
        while step > int(time.time()) // STEP + 1:
            assert time.time() < deadline
            time.sleep(0.2)
        self.used = step
        return self.totp.at(step * STEP)


class Owner:
    """Somebody who is signed in, with an app once it is set up."""

    def __init__(self, server, person, token):
        self.server, self.person, self.token = server, person, token
        self.app, self.codes = None, []

    def call(self, method, path, **options):
        return self.server.client().request(method, path, headers=bearer(self.token), **options)

    def enrol(self, name="Phone"):
        answer = self.call("POST", "/me/mfa/totp", json={"name": name})
        assert answer.status_code == 200, answer.text
        self.made = answer.json()
        app = App(self.made["otpauth_uri"])
        answer = self.call("POST", f"/me/mfa/totp/{self.made['id']}/confirm", json={"code": app.code()})
        assert answer.status_code == 200, answer.text
        self.app, self.codes = app, answer.json().get("recovery_codes", [])
        return self

    def first_step(self, client=None):
        client = client or self.server.client()
        answer = client.log_in(self.person.email, self.person.password)
        assert answer.status_code == 200 and answer.json()["mfa_required"] is True, answer.text
        return client, answer.json()

    def second_step(self, client, token, method="totp", code=None):
        body = {"mfa_token": token, "method": method, "code": code or self.app.code()}
        return client.post("/login/mfa", json=body)

    def sign_in(self):
        client, demand = self.first_step()
        answer = self.second_step(client, demand["mfa_token"])
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return answer.json()


def make_owner(server):
    person = make_person(server)
    _, tokens = sign_in(server, person)
    return Owner(server, person, tokens["access_token"])


def test_an_app_reads_the_picture_and_its_codes_open_sessions(server):
    owner = make_owner(server)
    answer = owner.call("POST", "/me/mfa/totp", json={"name": "Phone & tablet"})
    made = answer.json()
    [seen] = zxingcpp.read_barcodes(pixels(made["qr_svg"]))
    assert seen.text == made["otpauth_uri"]
    read = pyotp.parse_uri(seen.text)
    assert read.secret == made["secret"] and len(made["secret"]) == 32
    assert read.name == owner.person.email and read.issuer == "Gapura"
    problem(owner.call("POST", f"/me/mfa/totp/{made['id']}/confirm", json={"code": "000000"}), 401, "invalid_code")
    owner.enrol("Tablet")
    assert len(owner.codes) == 10
    assert all(re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in owner.codes)
    client, demand = owner.first_step()
    assert set(demand) == {"mfa_required", "mfa_token", "methods", "expires_in"}
    assert demand["methods"] == ["totp", "recovery_code"] and 290 <= demand["expires_in"] <= 300
    assert client.cookies.get_dict() == {}
    assert client.get("/me").status_code == 401
    answer = owner.second_step(client, demand["mfa_token"])
    assert answer.status_code == 200 and client.get("/me").status_code == 200
    problem(owner.second_step(client, demand["mfa_token"]), 401, "invalid_mfa_token")


def test_the_confirming_code_counts_no_more(server):
    owner = make_owner(server).enrol()
    client, demand = owner.first_step()
    used = owner.app.totp.at(owner.app.used * STEP)
    problem(owner.second_step(client, demand["mfa_token"], code=used), 401, "invalid_code")


def test_tokens_go_where_the_first_step_wanted_them(server):
    owner = make_owner(server).enrol()
    client = server.client()
    body = {"email": owner.person.email, "password": PASSWORD}
    demand = client.post("/login", json=body, headers={"X-Token-Delivery": "body"}).json()
    answer = owner.second_step(client, demand["mfa_token"])
    assert "refresh_token" in answer.json() and "Set-Cookie" not in answer.headers


def test_a_recovery_code_works_once_however_it_is_typed(server):
    owner = make_owner(server).enrol()
    typed = owner.codes[0].lower().replace("0", "o").replace("1", "l").replace("-", " ")
    client, demand = owner.first_step()
    assert owner.second_step(client, demand["mfa_token"], "recovery_code", typed).status_code == 200
    client, demand = owner.first_step()
    problem(owner.second_step(client, demand["mfa_token"], "recovery_code", owner.codes[0]), 401, "invalid_code")
    mail = eventually(
        lambda: [m for m in server.client().mails(owner.person.email) if "recovery code" in m["subject"]], "the mail")
    assert "Codes left: 9" in mail[0]["text"]


def test_five_wrong_codes_lock_the_second_step_and_not_the_first(server):
    owner = make_owner(server).enrol()
    client, demand = owner.first_step()
    for _ in range(5):
        problem(owner.second_step(client, demand["mfa_token"], code="000000"), 401, "invalid_code")
    right = owner.app.totp.at((owner.app.used + 1) * STEP)
    problem(owner.second_step(client, demand["mfa_token"], code=right), 401, "invalid_mfa_token")
    client, demand = owner.first_step()
    answer = owner.second_step(client, demand["mfa_token"], code=right)
    problem(answer, 429, "too_many_attempts")
    assert 890 <= int(answer.headers["Retry-After"]) <= 900
    eventually(
        lambda: [m for m in server.client().mails(owner.person.email) if "guessing codes" in m["subject"]], "the mail")


@pytest.mark.only_on("postgres")
def test_of_200_uses_of_one_code_on_two_processes_one_opens_a_session(start, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    servers = [start(folder=folder, MASTER_KEY=key, APP_URL="http://gate.example") for _ in range(2)]
    owner = make_owner(servers[0]).enrol()
    for method, code in [("totp", owner.app.code()), ("recovery_code", owner.codes[3])]:
        begun = [servers[n % 2].client() for n in range(200)]
        demands = [owner.first_step(client)[1]["mfa_token"] for client in begun]
        answers = at_once(200, lambda n: owner.second_step(begun[n], demands[n], method, code).status_code)
        assert answers.count(200) == 1 and set(answers) <= {200, 401, 429}
        owner.server.database.execute("DELETE FROM login_attempts")


def test_what_is_grave_asks_for_the_second_factor(server):
    owner = make_owner(server)
    assert owner.call("GET", "/me/export").status_code == 200
    owner.enrol()
    # The session that set it up has it.
    assert owner.call("GET", "/me/export").json()["second_factors"][0]["name"] == "Phone"
    owner.sign_in()
    weaken = "UPDATE sessions SET acr = 'aal1', amr = 'pwd' WHERE user_id IN (SELECT id FROM users WHERE email = '{}')"
    server.database.execute(weaken.format(owner.person.email))
    answer = owner.call("GET", "/me/export")
    problem(answer, 401, "step_up_required")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age=600')
    body = {"current_password": PASSWORD, "new_password": "another horse battery"}
    problem(owner.call("POST", "/change-password", json=body), 401, "step_up_required")
    problem(owner.call("POST", "/step-up", json={"password": PASSWORD}), 401, "step_up_required")
    problem(owner.call("POST", "/step-up", json={"mfa": {"method": "totp", "code": "000000"}}), 401, "invalid_code")
    answer = owner.call("POST", "/step-up", json={"mfa": {"method": "totp", "code": owner.app.code()}})
    assert answer.status_code == 200 and set(answer.json()) == {"access_token", "token_type", "expires_in"}
    owner.token = answer.json()["access_token"]
    assert owner.call("GET", "/me/mfa").json()["recovery_codes_left"] == 10
    assert owner.call("POST", "/change-password", json=body).status_code == 200


def test_a_stale_session_is_asked_and_the_password_is_enough_without_a_factor(server):
    owner = make_owner(server)
    stale = "UPDATE sessions SET auth_time = auth_time - {} WHERE user_id IN (SELECT id FROM users WHERE email = '{}')"
    span = "700000" if server.database.kind == "sqlite" else "interval '700 seconds'"
    server.database.execute(stale.format(span, owner.person.email))
    answer = owner.call("POST", "/api-keys", json={"name": "k", "services": ["*"]})
    problem(answer, 401, "step_up_required")
    assert 'acr_values="aal1"' in answer.headers["WWW-Authenticate"]
    problem(owner.call("POST", "/step-up", json={"password": "wrong horse"}), 403, "wrong_password")
    assert owner.call("POST", "/step-up", json={"password": PASSWORD}).status_code == 200
    assert owner.call("POST", "/api-keys", json={"name": "k", "services": ["*"]}).status_code == 201


def test_a_password_reset_neither_signs_in_nor_removes_the_factor(server):
    owner = make_owner(server).enrol()
    client = server.client()
    assert client.post("/forget-password", json={"email": owner.person.email}).status_code == 202
    mail = eventually(
        lambda: [m for m in client.mails(owner.person.email) if "Set a new password" in m["subject"]], "the mail")[0]
    token = token_of(mail["links"][0])
    answer = client.post("/new-password", json={"token": token, "password": "another horse battery"})
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    owner.person.password = "another horse battery"
    owner.sign_in()


def test_administrators_need_a_second_factor_where_it_is_required(start):
    server = start(ADMIN_MFA="required")
    email = fresh_email("boss")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    client = server.client()
    assert client.post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD}).status_code == 200
    token = client.log_in(email).json()["access_token"]

    owner = Owner(server, Person(email, ""), token)
    problem(owner.call("GET", "/users"), 403, "mfa_enrolment_required")
    problem(owner.call("POST", "/api-keys", json={"name": "k", "services": ["gapura"], "scopes": ["roles:read"]}),
            403, "mfa_enrolment_required")
    assert owner.call("GET", "/me").status_code == 200
    owner.enrol()
    assert owner.call("GET", "/users").status_code == 200
    problem(owner.call("DELETE", f"/me/mfa/totp/{owner.made['id']}"), 409, "mfa_required_by_policy")
    key = owner.call("POST", "/api-keys", json={"name": "k", "services": ["gapura"], "scopes": ["roles:read"]})
    assert key.status_code == 201, key.text
    server.database.execute("UPDATE sessions SET acr = 'aal1', amr = 'pwd'")
    problem(owner.call("GET", "/users"), 401, "step_up_required")
    assert server.client().get("/roles", headers=bearer(key.json()["key"])).status_code == 200
    owner.sign_in()
    assert owner.call("GET", "/users").status_code == 200


@pytest.mark.parametrize("value, message", [("off", "ADMIN_MFA"), ("sometimes", "ADMIN_MFA")])
@pytest.mark.database_plays_no_part
def test_production_refuses_administrators_without_it(tmp_path, value, message):
    variables = {"APP_ENV": "production", "ADMIN_MFA": value, "APP_URL": "https://id.example.com",
                 "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    ended = run("serve", folder=tmp_path, variables=variables)
    assert ended.returncode == 78 and message in ended.stderr


def test_a_reset_takes_its_time_and_can_be_stopped(start):
    server = start()
    boss = make_admin(server)
    owner = make_owner(server).enrol()
    reset = f"/users/{owner.person.id}/mfa/reset"
    problem(boss("POST", reset, {"reason": "lost"}), 401, "step_up_required")
    me = boss.ok("GET", "/me")
    staff = Owner(server, Person(me["email"], me["id"]), boss.headers["Authorization"].split()[1]).enrol()
    problem(staff.call("POST", f"/users/{me['id']}/mfa/reset", json={"reason": "lost"}), 403, "permission_denied")
    answer = staff.call("POST", reset, json={"reason": "lost the phone"})
    assert answer.status_code == 202 and set(answer.json()) == {"effective_at"}
    mail = eventually(
        lambda: [m for m in server.client().mails(owner.person.email) if "about to be removed" in m["subject"]],
        "the mail")[0]
    browser = server.client()
    [link] = mail["links"]
    page = Page(browser.get(link, headers={"Accept": "text/html"}))
    assert owner.person.email in page.text
    assert page.submit(browser, "/mfa-reset/stop").status_code == 200
    owner.sign_in()
    assert staff.call("POST", reset, json={"reason": "again"}).status_code == 202
    assert owner.first_step()[1]["methods"] == ["totp", "recovery_code"]
    # As if the day were over.
    server.database.execute("UPDATE mfa_resets SET effective_at = requested_at")
    # As if its schedule ticked.
    server.database.execute(
        "INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max, fence,"
        " created_at) VALUES (?, 'accounts.follow_factor_resets', 'default', 1, '{}', 'available', 5, ?, 0, 3, 0, ?)",
        uuid.uuid4(), moment(0), moment(0))
    eventually(
        lambda: server.client().log_in(owner.person.email).json().get("access_token"), "the factors to be removed", 50, 1)
    eventually(
        lambda: [m for m in server.client().mails(owner.person.email) if "were removed" in m["subject"]], "the notice")
