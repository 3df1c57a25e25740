"""The steps of the Dockerfile's second stage, done one after another in a fresh Debian in the place of its base image."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def instructions():
    """Name and argument of each instruction of the last stage."""
    text = (ROOT / "deploy/Dockerfile").read_text()
    stage = text[text.rindex("\nFROM ") :]
    lines = [line for line in stage.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines()]


class Image:
    """What the instructions made, and how its program is run."""

    def __init__(self, debian, program):
        self.debian, self.variables, self.volumes = debian, {}, []
        for name, argument in instructions():
            getattr(self, name.lower())(argument, program)

    def from_(self, argument, _):
        assert argument == "debian:bookworm-slim AS runtime"

    def run(self, argument, _):
        self.debian.run("sh", "-c", argument, network=True)

    def copy(self, argument, program):
        source, target = argument.split()[-2:]
        self.debian.put(program if "--from=build" in argument else ROOT / source, target)

    def env(self, argument, _):
        self.variables |= dict(pair.split("=", 1) for pair in shlex.split(argument))

    def workdir(self, argument, _):
        self.folder = argument

    def volume(self, argument, _):
        self.volumes += json.loads(argument)

    def user(self, argument, _):
        self.user_id, group = argument.split(":")
        assert self.user_id == group

    def expose(self, argument, _):
        self.port = int(argument)

    def healthcheck(self, argument, _):
        self.health = json.loads(argument[argument.index("CMD ") + 4 :])

    def entrypoint(self, argument, _):
        self.entry = json.loads(argument)

    def cmd(self, argument, _):
        self.arguments = json.loads(argument)

    def __getattr__(self, name):
        if name == "from":
            return self.from_
        raise AttributeError(f"the Dockerfile has an instruction that is not done here: {name}")

    def options(self, **variables):
        return {
            "user": self.user_id, "writable": self.volumes, "folder": self.folder, "variables": self.variables | variables
        }

    def start(self, **variables):
        return self.debian.start(*self.entry, *self.arguments, **self.options(**variables))


@pytest.fixture
def image(debian, program):
    return Image(debian, program)


def size_mb(path):
    """Without what apt keeps, which the base image throws away by itself."""
    return sum(
        each.lstat().st_size for each in path.rglob("*")
        if each.is_file() and not each.is_symlink() and not {"apt"} & set(each.relative_to(path).parts[1:3])
    ) / 1e6


def test_the_image_serves_as_its_user_with_a_read_only_root_and_answers_its_health_check(fresh, image):
    running = image.start(APP_URL="https://id.example.com", MASTER_KEY=MASTER_KEY)
    try:
        running.wait_until(lambda: running.inside(*image.health, user=image.user_id).returncode == 0, "it to be healthy")
        status = Path(f"/proc/{running.pid}/status").read_text()
        assert re.search(rf"^Uid:\s+{image.user_id}\s", status, re.MULTILINE)
        assert re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE) and re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
        assert running.inside("touch", "/usr/bin/x").returncode != 0
        data = image.debian.path(image.volumes[0])
        assert "gapura.db" in {path.name for path in data.iterdir()}
        base, whole = size_mb(fresh.root), size_mb(image.debian.root)
        own = image.debian.path("/usr/bin/gapura").stat().st_size / 1e6
        print(f"MB: Debian {base:.0f}, libraries and certificates {whole - base - own:.0f}, the program {own:.0f}")
    finally:
        assert running.stop() == 0, running.text()


def test_the_image_is_not_healthy_where_nothing_serves(image):
    assert image.debian.run(*image.health, check=False, **image.options()).returncode != 0


def test_the_image_says_what_it_lacks(image):
    ended = image.debian.run(*image.entry, *image.arguments, check=False, **image.options())
    assert ended.returncode == 78 and "MASTER_KEY" in ended.stderr and "APP_URL" in ended.stderr


def test_the_image_migrates_and_makes_an_administrator_as_compose_and_kubernetes_do(image):
    options = image.options(APP_URL="https://id.example.com", MASTER_KEY=MASTER_KEY)
    assert "applied accounts 1" in image.debian.run(*image.entry, "migrate", "up", **options).stdout
    link = image.debian.run(*image.entry, "admin", "create", "you@example.com", **options).stdout
    assert link.startswith("https://id.example.com/administrator/accept?token=")
