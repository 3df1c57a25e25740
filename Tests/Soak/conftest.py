import os
import subprocess
from pathlib import Path

import pytest
from debian import bootstrap

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("GAPURA_RELEASE", ROOT / ".build/release/gapura")).absolute()


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A Debian with nothing but its base."""
    if os.getuid() != 0:
        pytest.fail("debootstrap and chroot need root")
    return bootstrap(tmp_path_factory.mktemp("debian") / "base")


@pytest.fixture
def debian(fresh, tmp_path):
    return fresh.copy(tmp_path / "root")


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """The program as it is shipped."""
    stripped = tmp_path_factory.mktemp("program") / "gapura"
    subprocess.run(["strip", "--strip-unneeded", "-o", stripped, BINARY], check=True)
    return stripped
