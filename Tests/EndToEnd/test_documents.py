"""The documents say what the program does: codes, variables, events, version, commands, and the README's first use."""

import json
import os
import re
import select
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GAPURA = Path(os.environ.get("GAPURA_BINARY", ROOT / ".build/debug/gapura")).resolve()
SWIFT_SOURCES = sorted((ROOT / "Sources").rglob("*.swift"))


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def environment(**variables):
    """Nothing of the caller's own configuration gets in."""
    return {"PATH": os.environ["PATH"], "APP_ENV": "development", **variables}


def gapura(*arguments, folder, **variables):
    return subprocess.run(
        [GAPURA, *arguments], cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=60
    )


def output(*arguments, folder, **variables):
    result = gapura(*arguments, folder=folder, **variables)
    assert result.returncode == 0, result.stderr
    return result.stdout


def rows(document):
    """The cells of every table row."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in document.splitlines() if line.startswith("|")]


def documented_problems():
    return {(cells[0], cells[1].strip("`")) for cells in rows(text("docs/api.md")) if re.fullmatch(r"\d{3}", cells[0])}


def test_the_tests_that_the_security_page_names_are_there():
    page = text("docs/security.md")
    named = re.findall(r"`([\w.]+\.py)::(\w+)`", page)
    assert len(named) > 40
    for file, function in named:
        [source] = [path for path in (ROOT / "Tests/EndToEnd").rglob(file)]
        assert re.search(rf"^def {function}\(", source.read_text(encoding="utf-8"), re.MULTILINE), f"{file}::{function}"
    quoted = re.findall(r"`(\w+Tests)`: \"([^\"]+)\"", page)
    assert len(quoted) > 15
    for suite, name in quoted:
        sources = [path.read_text(encoding="utf-8") for path in (ROOT / "Tests").rglob(f"{suite}.swift")]
        assert any(f'"{name}"' in source for source in sources), f"{suite}: {name}"
    # Every promise names one.
    promises = [cells for cells in rows(page) if re.fullmatch(r"[A-H](, [A-H])*|", cells[1])]
    assert len(promises) > 35 and all("`" in cells[2] for cells in promises)


def test_the_problem_codes_are_those_that_the_openapi_document_lists(tmp_path):
    document = json.loads(output("openapi", folder=tmp_path))
    listed = set()
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                listed |= {(status, code) for code in response.get("x-problem-codes", [])}
    # The answer to a method that a path does not have belongs to no route.
    assert documented_problems() == listed | {("405", "method_not_allowed")}


def test_the_problem_codes_are_those_that_the_sources_declare():
    declaration = re.compile(r'ProblemKind\(\s*(\d{3}), "(\w+)"')
    declared = {match for path in SWIFT_SOURCES for match in declaration.findall(path.read_text(encoding="utf-8"))}
    assert documented_problems() == declared


def example_variables():
    """Name to default, as env/.env.example has them, commented out."""
    return dict(re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", text("env/.env.example"), re.MULTILINE))


def read_variables(folder, **variables):
    listed = json.loads(output("settings", "--json", folder=folder, **variables))
    return {variable["name"]: variable["set"] for variable in listed}


def test_the_variables_of_the_example_are_those_that_are_read(tmp_path):
    assert set(example_variables()) == set(read_variables(tmp_path))


@pytest.mark.parametrize("given", [{"APP_ENV": "production"}, {"APP_ENV": "test"}, {"RATE_LIMIT": "off"}])
def test_the_variables_that_are_read_do_not_depend_on_their_values(tmp_path, given):
    assert set(read_variables(tmp_path, **given)) == set(read_variables(tmp_path))


def test_a_variable_is_set_by_the_environment_or_the_file_unless_it_is_empty(tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "env/.env.development").write_text("APP_NAME=Gate\nLOG_LEVEL=debug\nAPP_ENV=test\n")
    variables = read_variables(tmp_path, HTTP_PORT="not a port", LOG_LEVEL="")
    assert {name for name, is_set in variables.items() if is_set} == {"APP_ENV", "APP_NAME", "HTTP_PORT"}


def test_the_settings_command_prints_no_value(tmp_path):
    given = {"APP_NAME": "a-name-nobody-has", "MASTER_KEY": "a-key-nobody-has"}
    for arguments in (["settings"], ["settings", "--json"]):
        assert "nobody-has" not in output(*arguments, folder=tmp_path, **given)


def test_the_defaults_of_the_example_are_taken(tmp_path):
    defaults = {name: value for name, value in example_variables().items() if value and name != "APP_ENV"}
    assert len(defaults) > 15
    result = gapura("migrate", "status", folder=tmp_path, **defaults)
    assert result.returncode == 1, result.stderr
    assert "pending" in result.stdout


def test_the_variables_of_the_operations_page_are_those_of_the_example():
    table = text("docs/operations.md").split("## What differs")[0]
    named = {name for cells in rows(table) for name in re.findall(r"`([A-Z][A-Z0-9_]*)`", cells[0])}
    by_file = next(line for line in table.splitlines() if "can stand in a file" in line).split(" can ")[0]
    files = {f"{name}_FILE" for name in re.findall(r"`(\w+)`", by_file)}
    assert not files & named
    assert named | files == set(example_variables())


def test_the_environment_files_are_taken_as_they_are(tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "env/.env.development").write_text(text("env/.env.development"))
    assert gapura("migrate", "status", folder=tmp_path).returncode == 1


def snake_case(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def declared_events():
    """Type to (reach, fields), from the declarations; an optional field in brackets."""
    events = {}
    for path in SWIFT_SOURCES:
        if path.parent.name != "Contract":
            continue
        source = path.read_text(encoding="utf-8")
        for body in re.findall(r"^package struct \w+: \w+Event \{\n(.*?)^\}", source, re.MULTILINE | re.DOTALL):
            kind = re.search(r'static let type = "([\w.]+)"', body).group(1)
            reach = "internal" if "static let isPublic = false" in body else "public"
            properties = re.findall(r"package let (\w+): \w+(\??)$", body, re.MULTILINE)
            if ("holder", "") in properties:
                # Several events of one shape: the fields are the file's, and of a switch one is there.
                keys = re.findall(r"private enum \w*Fields: CodingKey \{\s+case (.+)", source)
                switched = re.findall(r"case \.\w+\(let \w+\): try fields\.encode\(\w+, forKey: \.(\w+)\)", source)
                names = re.findall(r"\w+", " ".join(keys))
                properties = [(name, "?" if name in switched else "") for name in names]
            names = [(snake_case(name), mark) for name, mark in properties if name != "subject"]
            fields = [f"[`{name}`]" if mark else f"`{name}`" for name, mark in names]
            events[kind] = (reach, ", ".join(fields))
    return events


def catalogued_events():
    """Type to (reach, fields), from the catalogue; an optional field in brackets."""
    return {
        re.match(r"\[`([\w.]+)`\]", cells[0]).group(1): (cells[1], cells[2])
        for cells in rows(text("docs/events/README.md"))
        if cells[1:2] and cells[1] in ("public", "internal")
    }


def by_name(events):
    return {kind: (reach, sorted(fields.split(", "))) for kind, (reach, fields) in events.items()}


def test_the_catalogue_has_the_events_that_the_contracts_declare():
    assert catalogued_events()
    assert by_name(catalogued_events()) == by_name(declared_events())


def check_catalogue(*arguments):
    return subprocess.run(
        [ROOT / "scripts/events", "--check", *arguments], env={"PATH": os.environ["PATH"], "GAPURA_BINARY": str(GAPURA)},
        capture_output=True, text=True, timeout=60,
    )


def test_the_catalogue_of_events_is_as_the_program_has_it():
    result = check_catalogue()
    assert result.returncode == 0, result.stderr


def test_a_catalogue_that_differs_from_the_program_is_noticed(tmp_path):
    folder = tmp_path / "events"
    shutil.copytree(ROOT / "docs/events", folder)
    schema = folder / "user.created/1.json"
    schema.write_text(schema.read_text(encoding="utf-8").replace("user_id", "person_id"), encoding="utf-8")
    (folder / "thing.gone").mkdir()
    (folder / "thing.gone/1.json").write_text("{}")
    (folder / "user.verified/1.json").unlink()
    result = check_catalogue(folder)
    assert result.returncode == 1
    different = {line.split(": ")[0].removeprefix(f"{folder}/") for line in result.stderr.splitlines()}
    assert different == {"user.created/1.json", "thing.gone/1.json", "user.verified/1.json"}


def test_every_event_type_in_the_sources_is_declared_in_a_contract():
    types = {
        kind
        for path in SWIFT_SOURCES
        for kind in re.findall(r'static let type = "(\w+\.\w+)"', path.read_text(encoding="utf-8"))
    }
    assert types == set(declared_events())


def test_the_newest_version_of_the_changelog_is_the_programs(tmp_path):
    version = output("version", folder=tmp_path).strip()
    assert re.search(r"^## \[(\d+\.\d+\.\d+)\]", text("CHANGELOG.md"), re.MULTILINE).group(1) == version
    assert f"## What there is in {version}" in text("README.md")


def test_the_commands_of_the_documents_exist(tmp_path):
    known = {
        re.sub(r" (\[.*\]|--[a-z-]+|[A-Z]+)", "", line.strip().split("  ")[0])
        for line in output("help", folder=tmp_path).splitlines()
        if line.startswith("  ")
    }
    listed = {cells[0].strip("`") for cells in rows(text("README.md"))} - {"Command", "---"}
    assert {re.sub(r" (\[.*\]|--[a-z-]+|[A-Z]+)", "", command.removeprefix("gapura ")) for command in listed} == known
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for command in re.findall(r"`(?:[\w./]+/)?gapura ([a-z][a-z -]*)[^`]*`", path.read_text(encoding="utf-8")):
            command = command.strip()
            assert any(command == name or command.startswith(f"{name} ") for name in known), f"{path}: {command}"


def test_the_links_between_the_documents_lead_somewhere():
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path}: {target}"


def test_the_index_of_decision_records_is_complete():
    folder = ROOT / "docs/adr"
    listed = dict(re.findall(r"^- \[\d{4}\]\((\S+)\) (.+)$", text("docs/adr/README.md"), re.MULTILINE))
    titles = {
        path.name: re.match(r"# \d{4}\. (.+)\n", path.read_text(encoding="utf-8")).group(1)
        for path in folder.glob("[0-9]*.md")
    }
    assert listed == titles


def line_with(stream, wanted, seconds):
    """Reads lines until one has the text; fails if the stream stays silent for so long, or ends."""
    seen = b""
    while select.select([stream], [], [], seconds)[0]:
        piece = os.read(stream.fileno(), 4096)
        if not piece:
            break
        seen += piece
        for line in seen.split(b"\n")[:-1]:
            if wanted in line:
                return line.decode()
    raise AssertionError(f"no line with {wanted!r}: {seen!r}")


@pytest.fixture
def server(tmp_path):
    """A server in development, in a folder of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [GAPURA, "serve"], cwd=tmp_path, env=environment(HTTP_PORT=str(port)), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        line_with(process.stdout, b"Captured mails", 30)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_admin_create_prints_a_link_beside_a_running_server(server, tmp_path):
    link = output("admin", "create", "boss@example.com", folder=tmp_path, HTTP_PORT=server.rsplit(":", 1)[1]).strip()
    assert link.startswith(f"{server}/administrator/accept?token=")
    with urllib.request.urlopen(link) as page:
        assert "boss@example.com" in page.read().decode()
