"""The blocks of README.md, one after another as they stand: the same ports, the same paths, in one shell."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from support.server import BINARY, PATIENCE

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.database_plays_no_part, pytest.mark.timeout(300)]

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What is pasted; a block without a language is for another terminal.
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
MARK = "=== the end of block"

# A machine of the test's own as far as ports go. `make run` is what its recipe says, with the program that is built.
SCRIPT = """
set -eu
ip link set lo up
{run} >server.out 2>server.log &
SERVER=$!
trap 'kill $SERVER; wait $SERVER || true' EXIT
tries=0
until curl -s -o answer http://localhost:8080/health/ready && grep -q '"ready"' answer; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || exit 99
    sleep 0.1
done
bash -e "$1"
"""


@pytest.fixture
def folder(tmp_path):
    """A clone in which `make run` was called, and a `sudo` that asks nothing."""
    for name in ("examples", "deploy"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".build/release").mkdir(parents=True)
    (tmp_path / ".build/release/gapura").symlink_to(BINARY)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (tmp_path / "bin/sudo").chmod(0o755)
    return tmp_path


def recipe_of_run():
    makefile = (ROOT / "Makefile").read_text()
    [line] = re.findall(r"^run: .*\n\t(.+)$", makefile, re.MULTILINE)
    return line.replace("$(SCRATCH)", ".build")


@pytest.fixture
def outputs(folder):
    """What each block printed."""
    if os.getuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("the README wants sudo, and a network of the test's own")
        pytest.skip("the README wants sudo, and a network of the test's own: run this as root")
    script = "".join(f"{block}\necho; echo '{MARK}'\n" for block in BLOCKS)
    (folder / "blocks").write_text(script)
    ended = subprocess.run(
        ["unshare", "--net", "sh", "-c", SCRIPT.replace("{run}", recipe_of_run()), "sh", "blocks"],
        cwd=folder, capture_output=True, text=True, timeout=4 * PATIENCE,
        env={"PATH": f"{folder}/bin:{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    )
    log = (folder / "server.log").read_text()
    assert ended.returncode == 0, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}\n{log}"
    assert ended.stdout.count(MARK) == len(BLOCKS)
    assert not re.search(r"\b(?:error|warning)\b", log), log
    return [each.strip() for each in ended.stdout.split(MARK)]


def test_the_blocks_of_the_readme_work_one_after_another_as_they_stand(outputs):
    registered, verified, signed_in, administrator, visited, counted = outputs[: len(BLOCKS)]
    assert '"is_verified":false' in registered
    assert "<button" in verified and '"is_verified":true' in verified
    assert '"code":"unauthenticated"' in signed_in
    # Signed in with cookies, looked at, signed in for an app, looked at.
    assert signed_in.count('"email":"ana@example.com"') == 3
    assert administrator.startswith("http://localhost:8080/administrator/accept?token=")
    stories = [line.split()[:3] for line in visited.splitlines() if re.match(r"(anonymous|free|pro) ", line)]
    assert stories == [
        ["anonymous", "200", "anonymous,"],
        ["anonymous", "429", "quota_exhausted"],
        ["free", "200", "user,"],
        ["free", "200", "user,"],
        ["free", "429", "quota_exhausted"],
        ["pro", "200", "user,"],
        ["pro", "200", "user,"],
    ]
    head, body = counted.split("\n\n", 1) if "\n\n" in counted else counted.split("\r\n\r\n", 1)
    assert head.startswith("HTTP/1.1 429") and "RateLimit:" in head and "Retry-After:" in head
    assert json.loads(body.strip().splitlines()[0])["code"] == "quota_exhausted"
