"""Moving in: accounts from elsewhere with the hashes of their passwords, by `gapura users import` and over REST."""

import base64
import hashlib
import json
import signal
import subprocess
import threading
import unicodedata

import pytest
import requests

from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in
from support.server import BINARY, DEVELOPMENT, PATIENCE, environment, eventually, run
from test_administration import make_admin


def base64_text(data):
    return base64.b64encode(data).decode()


def unpadded(data):
    return base64_text(data).rstrip("=")


SALT = b"0123456789abcdef"
TYPED = unicodedata.normalize("NFD", "Zürich 2024")


def hashes(password):
    """By hashlib, in the formats of Django, passlib and PHC."""
    secret = password.encode()
    sha256 = hashlib.pbkdf2_hmac("sha256", secret, SALT, 1_000)
    sha512 = hashlib.pbkdf2_hmac("sha512", secret, SALT, 1_000)
    scrypt = hashlib.scrypt(secret, salt=SALT, n=2**10, r=8, p=1, dklen=32)
    return {
        "django": f"pbkdf2_sha256$1000${SALT.decode()}${base64_text(sha256)}",
        "passlib": f"$pbkdf2-sha512$1000${unpadded(SALT)}${unpadded(sha512)}".replace("+", "."),
        "phc": f"$pbkdf2-sha256$i=1000,l=32${unpadded(SALT)}${unpadded(sha256)}",
        "scrypt": f"$scrypt$ln=10,r=8,p=1${unpadded(SALT)}${unpadded(scrypt)}",
    }


# Of "correct horse", by PyPI's bcrypt; and of the same by libxcrypt.
BCRYPT = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."
CRYPT = "$7$66..../....LHq5T0WwVxk3PzmA$EwJZVQGlmZZ8ROs0WMj30ARLKY85bf0OV3iFcRDSfz."


def write(folder, *lines):
    path = folder / "users.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def import_users(folder, database, *arguments, text=None):
    return subprocess.run(
        [BINARY, "users", "import", *map(str, arguments)], cwd=folder,
        env=environment(DEVELOPMENT | database.variables), capture_output=True, text=True, timeout=PATIENCE,
        input=text or "",
    )


def figures(created=0, unverified=0, replaced=0, costly=0, skipped=0, failed=0):
    lines = created + skipped + failed
    return {
        "lines": lines, "created": created, "unverified": unverified, "replaced": replaced, "costly": costly,
        "skipped": skipped, "failed": failed,
    }


def stored_hash(server, email):
    [(text,)] = server.database.rows("SELECT password_hash FROM users WHERE email_key = ?", email.lower())
    return text


@pytest.mark.parametrize(
    "password, text",
    [("correct horse", BCRYPT), ("correct horse", CRYPT)]
    + [(password, text) for password in (PASSWORD, TYPED) for text in hashes(password).values()],
)
def test_an_imported_person_signs_in_with_the_old_password_and_then_has_a_hash_of_ours(server, password, text):
    email = fresh_email()
    path = write(server.folder, {"email": email, "password_hash": text, "email_verified": True})
    result = import_users(server.folder, server.database, path, "--json")
    assert (result.returncode, json.loads(result.stdout), result.stderr) == (0, figures(created=1), "")
    client = server.client()
    problem(client.log_in(email, password + "x"), 401, "invalid_credentials")
    assert stored_hash(server, email) == text
    assert client.log_in(email, password).status_code == 200
    renewed = stored_hash(server, email)
    assert renewed.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    # From now on in any Unicode form.
    assert client.log_in(email, unicodedata.normalize("NFC", password)).status_code == 200
    problem(client.log_in(email, password + "x"), 401, "invalid_credentials")
    assert stored_hash(server, email) == renewed


# Of "correct horse", as these systems write their hashes.
ELSEWHERE = {
    "Django, bcrypt of SHA-256": "bcrypt_sha256$$2b$04$6SkRXGrU42Ww7ROW5DkS9uD2YcfuRFpHRVS9y1kdqhqiLbNv7Av8u",
    "Django, bcrypt": "bcrypt$$2b$04$OegcAvFoedhRXb7lOT/EWeKP./F1yoGK64BLV3ryS1sZyMfUHuBJK",
    "Django, Argon2": "argon2$argon2id$v=19$m=64,t=1,p=2$c2FsdHNhbHQxMjM0NTY3OA$Ur2P/epqJJFIvSH+3YkXS80goGOSi79oRrr0Wi+ypZI",
    "WordPress": "$wp$2y$04$x4OL5ExmjNEdozgfjSwtAOFVoTJw2T8Y7h51yLJpT1N7g4ULPpXdq",
    "Spring": "{bcrypt}$2a$04$6jT/veKp1/griSiQZQs.4exWRyGN2MA5WfH3hQ3P2b5sxydc8NBLu",
    "Kratos": "$scrypt$ln=1024,r=8,p=1$lSn3icGy4UWiphE5m7A2B/xBhfbAKASR3vw3r2E2PZs=$1VstM5IQ2Y6rp1KDZBInTU/AdgvC9MmO1KnJd2y7KvI=",
}


def test_the_hashes_of_other_systems_sign_their_owners_in_with_whatever_stands_before_them(server):
    emails = {name: fresh_email() for name in ELSEWHERE}
    path = write(
        server.folder,
        *({"email": emails[name], "password_hash": text, "email_verified": True} for name, text in ELSEWHERE.items()),
    )
    assert json.loads(import_users(server.folder, server.database, path, "--json").stdout) == figures(created=len(emails))
    client = server.client()
    for name, email in emails.items():
        problem(client.log_in(email, "correct horsf"), 401, "invalid_credentials")
        assert client.log_in(email, "correct horse").status_code == 200, name
        assert stored_hash(server, email).startswith("$argon2id$"), name


@pytest.mark.parametrize(
    "parameters, salt_bytes", [("m=8,t=1,p=4", 16), ("m=4,t=1,p=1", 16), ("m=4096,t=1,p=1", 3)]
)
def test_an_argon2_hash_that_nothing_can_match_is_refused_by_its_line(server, parameters, salt_bytes):
    email = fresh_email()
    text = f"$argon2id$v=19${parameters}${unpadded(SALT[:salt_bytes])}${unpadded(SALT * 2)}"
    result = import_users(
        server.folder, server.database, "-", "--json",
        text=json.dumps({"email": email, "password_hash": text, "email_verified": True}),
    )
    assert (result.returncode, json.loads(result.stdout)) == (1, figures(failed=1))
    assert result.stderr.startswith("line 1: password_hash: ")
    problem(server.client().log_in(email, "correct horse"), 401, "invalid_credentials")


def test_a_verified_line_takes_the_place_of_a_registration_that_nobody_has_proved(server):
    email = fresh_email("Squat")
    client = server.client()
    assert client.register(email, "the squatter's horse").status_code == 201
    line = {"email": email.lower(), "password_hash": BCRYPT, "email_verified": True}
    path = write(server.folder, line)
    result = import_users(server.folder, server.database, path, "--json")
    assert json.loads(result.stdout) == figures(created=1, replaced=1)
    problem(client.log_in(email, "the squatter's horse"), 401, "invalid_credentials")
    assert client.log_in(email, "correct horse").status_code == 200
    again = import_users(server.folder, server.database, path, "--json")
    assert json.loads(again.stdout) == figures(skipped=1)


def test_of_a_long_password_only_what_bcrypt_saw_counts_and_a_mistyped_end_never_becomes_the_password(server):
    email = fresh_email()
    # Of 72 letters a and "-my-tail", by PyPI's bcrypt.
    text = "$2b$04$pUDtHD0EYimVZwmmmUZlJ.lVU36ihKIolWc1wnRVB2ZXPRTxN1vra"
    path = write(server.folder, {"email": email, "password_hash": text, "email_verified": True})
    assert import_users(server.folder, server.database, path).returncode == 0
    for tail in ["-my-tali", "-my-tail"]:
        assert server.client().log_in(email, "a" * 72 + tail).status_code == 200
        assert stored_hash(server, email) == text


def test_an_account_is_as_it_was_elsewhere(server):
    email = fresh_email("Ana").replace("example", "Example")
    path = write(
        server.folder,
        {
            "email": email, "password_hash": BCRYPT, "email_verified": True, "username": "ana", "first_name": "Ana",
            "last_name": "María", "locale": "id", "created_at": "2020-05-17T09:30:00.5+02:00",
        },
    )
    assert import_users(server.folder, server.database, path).stdout == (
        "lines 1, created 1, unverified 0, replaced 0, costly 0, skipped 0, failed 0\n"
    )
    account = server.client().log_in(email.lower(), "correct horse").json()["user"]
    assert account["email"] == email
    assert account["username"] == "ana"
    assert account["profile"] | {"profile_img": None} == {
        "first_name": "Ana", "last_name": "María", "profile_img": None,
    }
    assert account["locale"] == "id"
    assert account["created_at"] == "2020-05-17T07:30:00.500Z"
    assert account["is_verified"] and account["is_active"] and not account["is_admin"]


def test_no_mail_is_sent_until_the_person_asks(server):
    verified, unverified, marker = fresh_email(), fresh_email(), fresh_email()
    path = write(
        server.folder, {"email": verified, "password_hash": BCRYPT, "email_verified": True},
        {"email": unverified, "password_hash": BCRYPT},
    )
    assert json.loads(import_users(server.folder, server.database, path, "--json").stdout) == figures(created=2, unverified=1)
    client = server.client()
    problem(client.log_in(unverified, "correct horse"), 403, "email_not_verified")
    # Events are told in order: when this mail is there, one for the import would be too.
    assert client.register(marker).status_code == 201
    client.wait_for_mail(marker)
    assert client.mails(verified) == [] and client.mails(unverified) == []
    assert client.post("/request/verify", json={"email": unverified}).status_code == 202
    assert client.prove(client.link_token(unverified)).status_code == 200
    assert client.log_in(unverified, "correct horse").status_code == 200


def test_errors_are_told_by_line_without_the_hash_and_the_other_lines_are_taken(server):
    good = [fresh_email(), fresh_email()]
    secret = "5f4dcc3b5aa765d61d8327deb882cf99"
    lines = [
        json.dumps({"email": good[0]}),
        json.dumps({"email": "nobody", "password_hash": secret}),
        "",
        json.dumps({"email": fresh_email(), "password_hsh": secret}),
        json.dumps({"email": fresh_email(), "password_hash": BCRYPT.replace("$04$", "$31$")}),
        f'{{"email": "{secret}',
        f'["{secret}"]',
        json.dumps({"email": fresh_email(), secret + "\u001b[2J": 1}),
        json.dumps({"email": fresh_email(), "username": "x" * 70_000}),
        json.dumps({"email": good[1]}),
    ]
    result = import_users(server.folder, server.database, "-", "--json", text="\n".join(lines))
    assert result.returncode == 1
    assert json.loads(result.stdout) == figures(created=2, unverified=2, failed=7)
    assert result.stderr.splitlines() == [
        "line 2: email: must be a valid e-mail address",
        "line 2: password_hash: is of no known format (Argon2id, bcrypt, scrypt or PBKDF2)",
        "line 4: password_hsh: is not a known field",
        "line 5: password_hash: asks for more work or memory than a bcrypt hash may",
        result.stderr.splitlines()[4],
        "line 7: is not a JSON object",
        "line 8: has a field that is not known",
        "line 9: has more than 65536 bytes",
    ]
    assert result.stderr.splitlines()[4].startswith("line 6: is not JSON: ")
    assert secret not in result.stderr + result.stdout
    client = server.client()
    for email in good:
        problem(client.register(email), 409, "email_taken")


def test_a_second_run_changes_nothing_and_who_was_there_stays_as_he_is(server, person):
    email = fresh_email()
    path = write(
        server.folder, {"email": email, "password_hash": BCRYPT, "email_verified": True},
        {"email": person.email.upper(), "password_hash": BCRYPT, "username": "thief"},
    )
    assert json.loads(import_users(server.folder, server.database, path, "--json").stdout) == figures(created=1, skipped=1)
    assert server.client().log_in(email, "correct horse").status_code == 200
    renewed = stored_hash(server, email)
    again = import_users(server.folder, server.database, path, "--json")
    assert (again.returncode, json.loads(again.stdout)) == (0, figures(skipped=2))
    assert stored_hash(server, email) == renewed
    answer = server.client().log_in(person.email, person.password)
    assert answer.json()["user"]["username"] is None


def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path, database):
    count = 20_000
    path = write(tmp_path, *({"email": f"user{number}@example.com", "email_verified": True} for number in range(count)))
    variables = DEVELOPMENT | database.variables
    assert run("migrate", "up", folder=tmp_path, variables=variables).returncode == 0
    process = subprocess.Popen(
        [BINARY, "users", "import", path], cwd=tmp_path, env=environment(variables), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    def there():
        [(number,)] = database.rows("SELECT count(*) FROM users")
        return number

    eventually(there, "the first batch")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    before = there()
    assert before % 500 == 0, "a batch is there whole or not at all"
    result = import_users(tmp_path, database, path, "--json")
    assert json.loads(result.stdout) == figures(created=count - before, skipped=before)
    assert there() == count
    [(events,)] = database.rows("SELECT count(*) FROM outbox_events WHERE type = 'user.created'")
    audit = database.rows("SELECT action, outcome, actor FROM audit_entries")
    assert events == count
    assert audit == [("users.import_started", "done", "system")] * 2


def test_a_run_may_start_at_a_line(server):
    emails = [fresh_email() for _ in range(3)]
    path = write(server.folder, *({"email": email} for email in emails))
    result = import_users(server.folder, server.database, path, "--from", "3", "--json")
    assert json.loads(result.stdout) == figures(created=1, unverified=1)
    client = server.client()
    assert [client.register(email).status_code for email in emails] == [201, 201, 409]


@pytest.mark.only_on("sqlite")
def test_what_cannot_be_read_or_understood_is_refused_before_anything_is_made(tmp_path, database):
    for arguments, code, message in [
        (["none.jsonl"], 69, "gapura: cannot read none.jsonl: No such file or directory"),
        ([], 64, "gapura: usage: gapura users import FILE [--from LINE] [--json]"),
        (["-", "--from", "0"], 64, "gapura: LINE must be a whole number from 1"),
        (["-", "--from", "x"], 64, "gapura: LINE must be a whole number from 1"),
        (["-", "--from"], 64, "gapura: --from needs a value"),
        (["-", "--form", "1"], 64, "gapura: users import has no option --form"),
    ]:
        result = import_users(tmp_path, database, *arguments)
        assert (result.returncode, result.stderr.splitlines()[0], result.stdout) == (code, message, "")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("password", ["12345678", "PassWord", "qwertyuiop", "0000000000"])
def test_a_common_password_cannot_be_set(client, password):
    document = problem(client.register(fresh_email(), password), 422, "validation_failed")
    assert document["errors"] == {"password": "must not be a common password"}


# Over REST.


def send(admin, *lines, **headers):
    body = lines[0] if lines and isinstance(lines[0], bytes) else "\n".join(
        line if isinstance(line, str) else json.dumps(line) for line in lines
    ).encode()
    headers = admin.headers | {"Content-Type": "application/x-ndjson"} | headers
    return admin.client.post("/users/import", data=body, headers=headers)


def told(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def report(*errors, **counts):
    return figures(**counts) | {"errors": list(errors), "has_more_errors": False}


def error(line, field, code, message):
    return {"line": line, "field": field, "code": code, "message": message}


def test_the_route_takes_accounts_over_and_the_same_lines_again_change_nothing(server):
    admin = make_admin(server)
    verified, unverified = fresh_email(), fresh_email()
    lines = [
        {"email": verified, "password_hash": BCRYPT, "email_verified": True, "username": "ana"},
        {"email": unverified, "password_hash": BCRYPT},
    ]
    assert told(send(admin, *lines)) == report(created=2, unverified=1)
    client = server.client()
    user = client.log_in(verified, "correct horse").json()["user"]
    assert user["username"] == "ana" and not user["is_admin"]
    problem(client.log_in(unverified, "correct horse"), 403, "email_not_verified")
    assert told(send(admin, *lines)) == report(skipped=2)
    # With a key the first answer is given again.
    more = lines + [{"email": fresh_email()}]
    first = send(admin, *more, **{"Idempotency-Key": "import"})
    again = send(admin, *more, **{"Idempotency-Key": "import"})
    assert told(first) == told(again) == report(created=1, unverified=1, skipped=2)
    assert again.headers["Idempotent-Replayed"] == "true"
    problem(send(admin, *lines, **{"Idempotency-Key": "import"}), 422, "idempotency_key_reused")


def test_the_route_tells_errors_by_line_and_code_and_takes_the_other_lines(server):
    admin = make_admin(server)
    secret = "5f4dcc3b5aa765d61d8327deb882cf99"
    answer = send(
        admin, {"email": fresh_email()}, {"email": "nobody", "password_hash": secret}, "",
        {"email": fresh_email(), "roles": ["admin"]}, {"email": fresh_email(), "is_admin": True}, [secret],
        '{"email": "' + secret, {"email": fresh_email(), "username": "x" * 70_000}, {"email": fresh_email()},
    )
    result = told(answer)
    syntax = result["errors"][-2]["message"]
    assert result == report(
        error(2, "email", "invalid_field", "must be a valid e-mail address"),
        error(2, "password_hash", "invalid_field", "is of no known format (Argon2id, bcrypt, scrypt or PBKDF2)"),
        error(4, "roles", "unknown_field", "is not a known field"),
        error(5, "is_admin", "unknown_field", "is not a known field"),
        error(6, None, "not_an_object", "is not a JSON object"),
        error(7, None, "not_json", syntax),
        error(8, None, "line_too_long", "has more than 65536 bytes"),
        created=2, unverified=2, failed=6,
    )
    assert syntax.startswith("is not JSON: ") and secret not in answer.text
    many = told(send(admin, b"x\n" * 101))
    assert (len(many["errors"]), many["failed"], many["has_more_errors"]) == (100, 101, True)


def test_the_route_is_for_people_who_may_write_users_and_is_in_the_audit_log_without_a_line_of_the_body(start):
    server = start()
    admin = make_admin(server)
    _, tokens = sign_in(server, make_person(server))
    line = {"email": fresh_email(), "password_hash": BCRYPT}
    lines = {"Content-Type": "application/x-ndjson"}
    nobody = server.client()
    problem(nobody.post("/users/import", data=b"x", headers=lines), 401, "unauthenticated")
    headers = lines | bearer(tokens["access_token"])
    problem(nobody.post("/users/import", data=b"x", headers=headers), 403, "permission_denied")
    wanted = {"name": "importer", "services": ["gapura"], "scopes": ["users:write"]}
    key = admin("POST", "/api-keys", wanted).json()["key"]
    problem(nobody.post("/users/import", data=b"x", headers=lines | {"X-Api-Key": key}), 403, "permission_denied")
    problem(admin("POST", "/users/import", line), 415, "unsupported_media_type")
    problem(send(admin, b""), 400, "bad_request")
    assert admin.ok("GET", "/audit?action=users.import_started")["data"] == []

    assert told(send(admin, line)) == report(created=1, unverified=1)
    [entry] = admin.ok("GET", "/audit?action=users.import_started")["data"]
    [boss] = admin.ok("GET", "/users?is_admin=true")["data"]
    assert (entry["actor"], entry["outcome"], entry["count"]) == (f"user:{boss['id']}", "done", 1)
    assert entry["subject"].startswith("import:") and set(entry["personal"]) <= {"address", "user_agent"}
    audit = admin("GET", "/audit?limit=100").text
    for text in (line["email"], BCRYPT):
        assert text not in audit and text not in str(server.log)


def test_a_body_may_be_as_large_as_the_server_takes_and_the_document_says_so(start):
    server = start(BODY_LIMIT="4KiB")
    admin = make_admin(server)
    document = admin.ok("GET", "/openapi.json")
    operation = document["paths"]["/users/import"]["post"]
    assert list(operation["requestBody"]["content"]) == ["application/x-ndjson"]
    assert "body_too_large" in operation["responses"]["413"]["description"]
    schema = document["components"]["schemas"]["UserImportLines"]
    assert "4096 bytes" in schema["description"]
    assert told(send(admin, schema["examples"][0].encode() * 2)) == report(created=1, skipped=1)
    line = json.dumps({"email": fresh_email()}).encode()
    assert told(send(admin, line.ljust(4_096))) == report(created=1, unverified=1)
    refusal = problem(send(admin, line.ljust(4_097)), 413, "body_too_large")
    assert "4096 bytes" in refusal["detail"]


def test_a_run_that_is_cut_off_goes_on_with_the_same_lines(start):
    server = start(BODY_LIMIT="16MiB")
    admin = make_admin(server)
    count = 20_000
    body = "".join(json.dumps({"email": f"user{number}@example.com"}) + "\n" for number in range(count)).encode()

    def there():
        [(number,)] = server.database.rows("SELECT count(*) FROM users WHERE email LIKE 'user%'")
        return number

    def send_and_be_cut_off():
        with pytest.raises(requests.ConnectionError):
            send(admin, body)

    thread = threading.Thread(target=send_and_be_cut_off)
    thread.start()
    eventually(there, "the first batch")
    server.kill()
    thread.join()
    before = there()
    assert 0 < before < count and before % 500 == 0
    server.start()
    result = told(send(make_admin(server), body))
    assert result == report(created=count - before, unverified=count - before, skipped=before)
