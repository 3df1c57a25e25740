"""Installations of earlier versions, restored from `Tests/Fixtures`, and the time of day that they stopped at."""

import json
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

from support.server import PRODUCTION

FIXTURES = Path(__file__).parents[2] / "Fixtures"

# As the installations of the fixtures are set up.
SETTINGS = PRODUCTION | {"RATE_LIMIT": "1000/1m"}

# How long after its end an installation goes on: what is tried again is due, and no code has expired.
LATER = timedelta(minutes=2)


class Installation:
    """One of the fixtures, in a database of its own. What its people have in hand are attributes."""

    def __init__(self, version, database, clock):
        folder = FIXTURES / version
        self.database = database
        self.__dict__ |= json.loads((folder / f"{database.kind}.json").read_text())
        database.restore((folder / f"{database.kind}.sql").read_text())
        self.settings = SETTINGS | clock_from(datetime.fromisoformat(self.made_at) + LATER, clock)

    @property
    def variables(self):
        return self.settings | self.database.variables

    def email(self, name):
        return self.users[name]["email"]

    def key(self, name):
        return self.keys[name]["key"]


def clock_library(folder):
    """Of `clock.c`, for the C compiler that comes with what builds the program."""
    library = folder / "clock.so"
    subprocess.run(
        ["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("clock.c")],
        check=True,
    )
    return library


def clock_from(moment, library):
    """The settings of a process for which it is this moment now, so that fixtures do not grow old. Their times cannot
    be moved instead: when a code, a link or a token ends is part of what is signed."""
    return {"LD_PRELOAD": str(library), "CLOCK_OFFSET": f"{moment.timestamp() - time.time():.0f}"}
