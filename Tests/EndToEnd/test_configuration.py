"""Variables, files of secrets, the command line: what is wrong is told whole, and no secret with it."""

import json
import socket

import pytest

from support.client import make_person, sign_in
from support.server import DEVELOPMENT, PRODUCTION, run

pytestmark = pytest.mark.database_plays_no_part

COMMANDS = [
    ["serve"],
    ["migrate", "up"],
    ["migrate", "status"],
    ["admin", "create"],
    ["routes"],
    ["openapi"],
    ["version"],
    ["settings"],
]

WRONG = [
    ("REDIRECT_URLS", "javascript:alert(1)"),
    ("REDIRECT_URLS", "https://shop.example.com/?x"),
    ("REGISTRATION", "sometimes"),
    ("APP_URL", "localhost:8080"),
    ("APP_URL", "https://id.example.com/path"),
    ("APP_URL", "ftp://id.example.com"),
    ("HTTP_HOST", "example.com"),
    ("HTTP_HOST", "0.0.0.0"),
    ("HTTP_HOST", "::"),
    ("HTTP_HOST", "192.0.2.1"),
    ("HTTP_PORT", "eighty"),
    ("HTTP_PORT", "65536"),
    ("HTTP_PORT", "-1"),
    ("HTTP_PORT", "80.5"),
    ("ADMIN_PORT", "65536"),
    ("DEV_PUBLIC", "maybe"),
    ("APP_DEBUG", "2"),
    ("DATABASE_URL", "mysql://localhost/gapura"),
    ("DATABASE_URL", "sqlite:"),
    ("DATABASE_URL", "data/gapura.db"),
    ("TRUSTED_PROXIES", "proxy.example.com"),
    ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ("TRUSTED_PROXIES", "10.0.0.1;10.0.0.2"),
    ("GATEWAYS", "gateway.example.com"),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", "null"),
    ("CORS_ORIGINS", "https://a.example.com/"),
    ("CORS_ORIGINS", "a.example.com"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("SHUTDOWN_GRACE", "20"),
    ("SHUTDOWN_GRACE", "-1s"),
    ("ACCESS_TOKEN_EXPIRE", "15 m"),
    ("ACCESS_TOKEN_EXPIRE", "0s"),
    ("REFRESH_TOKEN_EXPIRE", "forever"),
    ("SESSION_MAX_AGE", "1y"),
    ("VALIDATION_TOKEN_EXPIRE", "1.5h"),
    ("BODY_LIMIT", "1MB"),
    ("BODY_LIMIT", "1"),
    ("BODY_LIMIT", "1GiB"),
    ("ARGON2_MEMORY", "1KiB"),
    ("ARGON2_MEMORY", "8GiB"),
    ("ARGON2_MEMORY", "8193"),
    ("ARGON2_ITERATIONS", "0"),
    ("ARGON2_CONCURRENCY", "0"),
    ("RATE_LIMIT", "five"),
    ("RATE_LIMIT", "0/1m"),
    ("RATE_LIMIT", "5/0s"),
    ("RATE_LIMIT", "5"),
    ("RATE_LIMIT_ADDRESS", "many"),
    ("MASTER_KEY", "c2hvcnQ="),
    ("MASTER_KEY", "not!base64"),
    ("REFRESH_SECRET_KEY", "short"),
    ("VALIDATION_SECRET_KEY", "short"),
    ("MASTER_KEY_FILE", "/nothing/there"),
    ("REFRESH_SECRET_KEY_FILE", "/nothing/there"),
]


def serve(folder, variables, base=DEVELOPMENT):
    anywhere = {"HTTP_PORT": "0", "APP_URL": "http://localhost:8080"}
    return run("serve", folder=folder, variables=anywhere | base | variables)


@pytest.mark.parametrize("name, value", WRONG)
def test_a_wrong_value_ends_the_start_and_names_its_variable(tmp_path, name, value):
    # A limit by address has a meaning only where there is one by account.
    base = DEVELOPMENT | ({"RATE_LIMIT": "5/1m"} if name == "RATE_LIMIT_ADDRESS" else {})
    ended = serve(tmp_path, {name: value}, base=base)
    assert ended.returncode == 78
    lines = ended.stderr.splitlines()
    assert lines[0] == "gapura: the configuration is not valid"
    assert lines[1].startswith(f"  {name} ") and len(lines) == 2
    assert ended.stdout == ""
    assert not (tmp_path / "data").exists()


def test_every_wrong_value_is_told_at_once_and_none_is_repeated(tmp_path):
    wrong = {
        "HTTP_PORT": "secret-one",
        "APP_URL": "secret-two",
        "MASTER_KEY": "secret-three",
        "LOG_LEVEL": "secret-four",
        "CORS_ORIGINS": "secret-five",
        "RATE_LIMIT": "secret-six",
        "REFRESH_SECRET_KEY": "secret-seven",
        "ARGON2_MEMORY": "secret-eight",
        "ACCESS_TOKEN_EXPIRE": "secret-nine",
        "TRUSTED_PROXIES": "secret-ten",
    }
    ended = serve(tmp_path, wrong)
    assert ended.returncode == 78
    assert {line.split()[0] for line in ended.stderr.splitlines()[1:]} == set(wrong)
    assert "secret" not in ended.stderr


def test_a_port_of_any_number_needs_the_address_that_links_begin_with(tmp_path):
    ended = run("serve", folder=tmp_path, variables=DEVELOPMENT | {"HTTP_PORT": "0"})
    assert ended.returncode == 78
    assert [line.split()[0] for line in ended.stderr.splitlines()[1:]] == ["APP_URL"] and "HTTP_PORT=0" in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("value", ["Development", "prod", "staging", " ", "development "])
def test_an_unknown_environment_is_refused(tmp_path, value):
    ended = serve(tmp_path, {"APP_ENV": value})
    assert ended.returncode == 78
    assert "APP_ENV" in ended.stderr


def test_without_a_word_it_is_production_and_wants_its_secrets(tmp_path):
    ended = run("serve", folder=tmp_path, variables={})
    assert ended.returncode == 78
    assert [line.split()[0] for line in ended.stderr.splitlines()[1:]] == ["APP_URL", "MASTER_KEY"]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "variables, name",
    [
        ({"APP_URL": "http://id.example.com"}, "APP_URL"),
        ({"RATE_LIMIT": "off"}, "RATE_LIMIT"),
        ({"RATE_LIMIT_ADDRESS": "off"}, "RATE_LIMIT_ADDRESS"),
        ({"MASTER_KEY": ""}, "MASTER_KEY"),
    ],
)
def test_production_refuses_what_is_not_safe(tmp_path, variables, name):
    ended = serve(tmp_path, variables, base=PRODUCTION)
    assert ended.returncode == 78
    assert [line.split()[0] for line in ended.stderr.splitlines()[1:]] == [name]


def test_development_is_public_only_on_request(start):
    # No address but loopback ones: the test itself must not open a port to the world.
    for host in ["127.0.0.2", "localhost"]:
        start(HTTP_HOST=host, HTTP_PORT="0", DEV_PUBLIC="yes").stop()


def test_an_address_in_use_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve(tmp_path, {"HTTP_PORT": str(port)})
        assert ended.returncode == 69
        assert f"127.0.0.1:{port}" in ended.stderr and "in use" in ended.stderr
        ended = serve(tmp_path, {"ADMIN_PORT": str(port)})
        assert ended.returncode == 69
        assert f"127.0.0.1:{port}" in ended.stderr


def test_an_address_of_another_machine_is_told(tmp_path):
    ended = serve(tmp_path, {"HTTP_HOST": "192.0.2.1", "DEV_PUBLIC": "yes"})
    assert ended.returncode == 69
    assert "192.0.2.1" in ended.stderr and "not available" in ended.stderr


def test_secrets_come_from_files_too(start, tmp_path):
    (tmp_path / "master").write_text(f"  {PRODUCTION['MASTER_KEY']}\n")
    (tmp_path / "refresh").write_text("r" * 32 + "\n")
    (tmp_path / "validation").write_text("v" * 32 + "\n")
    server = start(
        base=PRODUCTION,
        MASTER_KEY=None,
        MASTER_KEY_FILE=str(tmp_path / "master"),
        REFRESH_SECRET_KEY_FILE=str(tmp_path / "refresh"),
        VALIDATION_SECRET_KEY_FILE=str(tmp_path / "validation"),
    )
    keys = server.client().get("/.well-known/jwks.json").json()
    server.stop()
    # The same key, given directly, opens what the file's key has closed.
    server.variables |= {"MASTER_KEY": PRODUCTION["MASTER_KEY"], "MASTER_KEY_FILE": None}
    server.start()
    assert server.client().get("/.well-known/jwks.json").json() == keys


def test_a_secret_that_is_given_twice_is_refused(tmp_path):
    (tmp_path / "master").write_text(PRODUCTION["MASTER_KEY"])
    ended = serve(tmp_path, {"MASTER_KEY_FILE": str(tmp_path / "master")}, base=PRODUCTION)
    assert ended.returncode == 78
    assert "MASTER_KEY is given twice" in ended.stderr and PRODUCTION["MASTER_KEY"] not in ended.stderr


def test_a_file_beneath_the_environment_sets_what_it_does_not(start, tmp_path):
    folder = tmp_path / "server"
    (folder / "env").mkdir(parents=True)
    (folder / "env" / ".env.development").write_text(
        "# a remark\n\nAPP_NAME=\"The Gate\"\nRATE_LIMIT=1/1m\nACCESS_TOKEN_EXPIRE='7m'\n"
    )
    (folder / "env" / ".env.production").write_text("nonsense, of another environment")
    server = start(folder=folder)
    person = make_person(server)
    assert "The Gate" in server.client().wait_for_mail(person.email)["subject"]
    # The environment's own RATE_LIMIT=off counts more.
    assert [sign_in(server, person)[1]["expires_in"] for _ in range(3)] == [420] * 3


def test_a_file_that_is_not_names_and_values_is_told_by_its_line(tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / ".env.development").write_text("APP_NAME=Gate\nhello world\n")
    ended = serve(tmp_path, {})
    assert ended.returncode == 78
    assert "env/.env.development line 2" in ended.stderr and "hello" not in ended.stderr


def test_an_empty_variable_counts_as_absent(start):
    server = start(COOKIE_DOMAIN="", PAGES_URL="", TRUSTED_PROXIES="", MASTER_KEY="", LOG_LEVEL="")
    assert server.client().get("/health/ready").status_code == 200


def test_variables_of_other_programs_do_not_matter(start):
    server = start(SYNC_DATABASE_URL="x", CELERY_WORKER_URL="x", CELERY_BEAT_URL="x", SOMETHING="else")
    assert server.client().get("/health/ready").status_code == 200


# The command line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_that_needs_no_configuration(tmp_path, command):
    for arguments in [[*command, "--help"], [*command, "-h"], ["help", *command]]:
        told = run(*arguments, folder=tmp_path, variables={})
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.startswith(f"gapura {' '.join(command)}")
    assert list(tmp_path.iterdir()) == []


def test_help_lists_every_command(tmp_path):
    for arguments in [[], ["help"], ["--help"]]:
        told = run(*arguments, folder=tmp_path, variables={})
        assert told.returncode == 0
        assert all(f"\n  {' '.join(command)}" in told.stdout for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["serve", "now"],
        ["serve", "--fast"],
        ["admin"],
        ["admin", "create"],
        ["admin", "create", "a@b.example", "x"],
        ["migrate", "down"],
        ["version", "--xml"],
        ["openapi", "--json"],
        ["help", "nothing"],
        ["nothing", "--help"],
    ],
)
def test_a_wrong_command_line_is_64(tmp_path, arguments):
    ended = run(*arguments, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (64, "")
    assert ended.stderr.startswith("gapura: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["version"],
        ["routes"],
        ["migrate", "status"],
        ["migrate", "up"],
        ["admin", "create", "ana@example.com"],
        ["settings"],
    ],
    ids=" ".join,
)
def test_data_is_printed_as_json_on_request(tmp_path, command):
    data = json.loads(run(*command, "--json", folder=tmp_path).stdout)
    assert data


def test_the_version_is_the_same_everywhere(start):
    server = start()
    told = run("version", folder=server.folder, variables={}).stdout.strip()
    assert json.loads(run("version", "--json", folder=server.folder, variables={}).stdout) == {"version": told}
    assert server.client().get("/openapi.json").json()["info"]["version"] == told
    assert server.wait_for_log("ready")["version"] == told


def test_describing_commands_leave_nothing_behind(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for command in (["routes"], ["openapi"]):
        assert run(*command, folder=tmp_path, variables=DEVELOPMENT | {"TMPDIR": str(temporary)}).returncode == 0
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []
