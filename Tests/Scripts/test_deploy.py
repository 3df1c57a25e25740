"""What is deployed: that the files fit each other and the program. `make lint` checks each by itself."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("GAPURA_BINARY", ROOT / ".build/debug/gapura")).absolute()
PATIENCE = 120

# A small program of Debian's takes the place of ours, whose build takes minutes: what is made of it is the same.
STAND_IN = Path("/usr/bin/sqlite3")


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)


# The image


def test_the_image_installs_the_libraries_that_the_program_links_and_no_more(tmp_path):
    parts = json.loads(run(ROOT / "scripts/sbom", BINARY, "1.0.0", check=True).stdout)["components"]
    linked = {part["name"] for part in parts if part["purl"].startswith("pkg:deb/")}
    installed = re.search(r"apt-get install -y --no-install-recommends (.*?)&&", text("deploy/Dockerfile"), re.DOTALL)
    packages = set(installed.group(1).replace("\\", " ").split())
    # In every Debian, and what is a part of the program itself.
    assert packages - {"ca-certificates", "tzdata"} == linked - {"libc6", "libgcc-s1", "libkainjow-mustache-dev"}


def test_the_build_of_the_image_sees_what_it_copies():
    seen = {line[1:] for line in text("deploy/Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    assert all((ROOT / path).exists() for path in seen)
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", text("deploy/Dockerfile"), re.MULTILINE)) - {"."}
    assert copied and all(any(path.startswith(f"{each}/") for each in seen) for path in copied)


# Packages


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    made = run(ROOT / "scripts/package", STAND_IN, folder, "1.2.3", env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"})
    assert made.returncode == 0, made.stderr
    return folder


def only(folder, pattern):
    [path] = folder.glob(pattern)
    return path


def test_checksums_are_those_of_everything_that_is_released(packages):
    sums = dict(reversed(line.split()) for line in (packages / "SHA256SUMS").read_text().splitlines())
    others = {path.name for path in packages.iterdir()} - {"SHA256SUMS"}
    assert set(sums) == others and len(others) == 3
    for name, digest in sums.items():
        assert hashlib.sha256((packages / name).read_bytes()).hexdigest() == digest


def test_the_same_program_makes_the_same_bytes(packages, tmp_path):
    again = run(
        ROOT / "scripts/package", STAND_IN, tmp_path, "1.2.3", env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "SHA256SUMS").read_text() == (packages / "SHA256SUMS").read_text()


def test_the_same_sources_make_the_same_bytes_whatever_the_umask_of_their_checkout(packages, tmp_path):
    for name in ("deploy", "docs", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "env").mkdir()
    for name in ("LICENSE", "NOTICE", "CHANGELOG.md", "env/.env.example"):
        shutil.copy(ROOT / name, tmp_path / name)
    run("chmod", "-R", "go-rwx", tmp_path, check=True)
    made = run(
        tmp_path / "scripts/package", STAND_IN, tmp_path / "dist", "1.2.3", umask=0o077,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "dist/SHA256SUMS").read_text() == (packages / "SHA256SUMS").read_text()


@pytest.mark.parametrize("program", ["tar", "gzip", "dpkg-deb", "readelf", "sha256sum"])
def test_a_step_that_fails_leaves_nothing_that_looks_released(tmp_path, program):
    failing = tmp_path / "bin" / program
    failing.parent.mkdir()
    failing.write_text("#!/bin/sh\necho some; echo no space left on device >&2; exit 2\n")
    failing.chmod(0o755)
    environment = os.environ | {"PATH": f"{failing.parent}:{os.environ['PATH']}"}
    refused = run(ROOT / "scripts/package", STAND_IN, tmp_path / "dist", "1.2.3", env=environment)
    assert refused.returncode != 0
    assert not (tmp_path / "dist").exists()


def test_the_debian_package_has_the_program_the_units_and_the_documents(packages):
    deb = only(packages, "*.deb")
    control = run("dpkg-deb", "--field", deb, check=True).stdout
    fields = dict(line.split(": ", 1) for line in control.splitlines() if ": " in line)
    assert (fields["Package"], fields["Version"]) == ("gapura", "1.2.3")
    assert {"libsqlite3-0", "adduser"} <= {each.split()[0] for each in fields["Depends"].split(", ")}
    rows = [line.split(maxsplit=5) for line in run("dpkg-deb", "--contents", deb, check=True).stdout.splitlines()]
    modes = {row[5].removeprefix("."): row[0] for row in rows}
    assert {row[1] for row in rows} == {"root/root"}
    for path in ("/usr/bin/gapura", "/usr/sbin/gapuractl"):
        assert modes[path] == "-rwxr-xr-x"
    for path in (
        "/lib/systemd/system/gapura.service", "/lib/systemd/system/gapura@.service", "/usr/share/doc/gapura/copyright",
        "/usr/share/doc/gapura/deploy.md", "/usr/share/gapura/gateway/nginx/nginx.conf",
    ):
        assert modes[path] == "-rw-r--r--"
    assert not any(path.startswith(("/etc", "/var", "/home")) for path in modes), "what is there stays when it is removed"


def test_the_archive_is_one_folder_that_says_what_it_needs(packages):
    with tarfile.open(only(packages, "*.tar.gz")) as archive:
        names = archive.getnames()
        [folder] = {name.split("/")[0] for name in names}
        assert folder.startswith("gapura-1.2.3-")
        libraries = archive.extractfile(f"{folder}/libraries.txt").read().decode().split()
        assert archive.getmember(f"{folder}/bin/gapura").mode == 0o755
        assert {member.uid for member in archive.getmembers()} == {0}
    assert "libsqlite3-0" in libraries and not any(name.endswith("-dev") for name in libraries)


def test_the_list_of_parts_is_cyclonedx_and_names_what_is_linked_and_compiled_in(packages):
    document = only(packages, "*.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    parts = {part["name"]: part for part in json.loads(document)["components"]}
    assert {"libsqlite3-0", "libc6", "swift", "libkainjow-mustache-dev"} <= set(parts)
    assert parts["libsqlite3-0"]["version"] in run("dpkg-query", "--show", "libsqlite3-0", check=True).stdout


def test_the_unit_for_two_processes_is_one_that_systemd_takes(packages, tmp_path):
    run("dpkg-deb", "--extract", only(packages, "*.deb"), tmp_path, check=True)
    units = tmp_path / "lib/systemd/system"
    template = (units / "gapura@.service").read_text()
    assert "Environment=HTTP_PORT=%i ADMIN_PORT=1%i" in template
    path = tmp_path / "gapura@8080.service"
    path.write_text(template.replace("/usr/bin/gapura", "/bin/true"))
    checked = run("systemd-analyze", "verify", "--man=no", path)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_program_that_is_not_there_is_no_package(tmp_path):
    refused = run(ROOT / "scripts/package", tmp_path / "gapura", tmp_path / "dist")
    assert refused.returncode == 1 and "make release" in refused.stderr
    assert not (tmp_path / "dist").exists()


# Compose and Kubernetes


@pytest.mark.parametrize("name", ["nginx.conf", "nginx.prod.conf"])
def test_nginx_takes_the_files_of_compose(tmp_path, name):
    shutil.copytree(ROOT / "deploy/gateway/nginx/gapura", tmp_path / "gapura")
    subject = ["-subj", "/CN=id.example.com", "-nodes", "-newkey", "rsa:2048", "-x509", "-days", "1"]
    run("openssl", "req", *subject, "-keyout", tmp_path / "key", "-out", tmp_path / "certificate", check=True)
    conf = text(f"deploy/compose/{name}")
    # The image has a newer nginx than Debian, which knows no `http2 on` yet.
    if "prod" in name:
        shutil.copy(ROOT / "deploy/compose/address.prod.conf", tmp_path / "gapura/address.conf")
    conf = conf.replace("http2 on;", "").replace("pid /run/", f"pid {tmp_path}/").replace("/dev/stderr", "stderr")
    conf = conf.replace("/run/secrets/tls_certificate", f"{tmp_path}/certificate")
    conf = conf.replace("/run/secrets/tls_key", f"{tmp_path}/key")
    (tmp_path / "nginx.conf").write_text(conf)
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    checked = run("nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf", env=environment)
    assert checked.returncode == 0, checked.stderr


def test_every_file_that_compose_mounts_is_there():
    for name in ("docker-compose.yml", "docker-compose.prod.yml"):
        mounted = re.findall(r"- (\./\S+?):/", text(name))
        assert mounted and all((ROOT / path).exists() for path in mounted)


def production():
    composed = run(
        Path(sys.executable).parent / "docker-compose", "--file", ROOT / "docker-compose.prod.yml", "config", "--format", "json",
        env=os.environ | {"APP_URL": "https://id.example.com"}, check=True,
    )
    return json.loads(composed.stdout)["services"]


def test_each_container_of_production_may_be_started_again_without_the_others():
    # One that shares another's network loses it when that one is started again.
    assert [name for name, service in production().items() if "network_mode" in service] == []


def test_gapura_in_production_is_where_nginx_asks_and_believes_nginx_alone():
    services = production()
    gapura, nginx = (services[name]["networks"]["edge"]["ipv4_address"] for name in ("gapura", "nginx"))
    assert f"server {gapura}:8080;" in text("deploy/compose/address.prod.conf")
    environment = services["gapura"]["environment"]
    assert environment["TRUSTED_PROXIES"] == environment["GATEWAYS"] == nginx
    assert "data" not in services["nginx"]["networks"]


def test_production_publishes_no_port_but_nginxs_and_has_no_secret_in_it():
    production = text("docker-compose.prod.yml")
    assert re.findall(r'^\s+- "([\d.:]+)"$', production, re.MULTILINE) == ["443:443"]
    assert "PASSWORD:" not in production and "MASTER_KEY:" not in production
    assert not re.search(r"^kind: Secret$", "".join(text(path) for path in kubernetes_files()), re.MULTILINE)


def kubernetes_files():
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy/kubernetes").glob("*.yaml"))


def test_the_kustomization_names_every_manifest():
    named = set(re.findall(r"^  - (\S+\.yaml)$", text("deploy/kubernetes/kustomization.yaml"), re.MULTILINE))
    assert named == {Path(path).name for path in kubernetes_files()} - {"kustomization.yaml"}


def test_the_version_of_the_deployed_files_is_the_programs():
    version = re.search(r'current = "(.+)"', text("Sources/Gapura/Version.swift")).group(1)
    assert f"newTag: {version}" in text("deploy/kubernetes/kustomization.yaml")
    assert f"${{GAPURA_VERSION:-{version}}}" in text("docker-compose.prod.yml")


# Workflows


def workflows():
    return {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}


def test_every_action_is_pinned_to_a_commit_and_says_its_version():
    used = [line for each in workflows().values() for line in re.findall(r"uses: (.+)", each)]
    assert used
    for line in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_the_workflow_calls_the_targets_that_the_check_before_a_merge_calls():
    called = set(re.findall(r"^make (\w+)$", text(".ci/run"), re.MULTILINE))
    [matrix] = re.findall(r"target: \[(.+)\]", workflows()["check.yml"])
    assert set(matrix.split(", ")) == called
    assert "scripts/bootstrap --test" in text(".ci/run") and "scripts/bootstrap --test" in workflows()["check.yml"]
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", "".join(workflows().values()))) <= targets
