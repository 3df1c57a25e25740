"""Instructions per answer, counted by callgrind: the same in every run, also on a machine that does other things.

Counts what runs outside the kernel. An instruction is no unit of time, so this compares a revision with the one before.
"""

import http.client
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from . import client
from .hot_path import EMAIL, PATHS, request_headers
from .profile import shortened
from .programs import Program, gapura
from .report import table

WARM_UP = 200
REQUESTS = 1000
TOP = 15
DUMP_TIMEOUT_SECONDS = 20


def measure(binary: Path, folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # valgrind cannot read the debugging information of Swift's compiler; the names stay without it.
    stripped = folder / "gapura"
    subprocess.run(["strip", "-g", "-o", str(stripped), str(binary)], check=True)
    output = folder / "callgrind.out"
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}"]
    parts = []
    # The cost of the password's hash is not counted, but would be waited for.
    with gapura(
        stripped, folder / "work", under=valgrind, ARGON2_MEMORY="8KiB", ARGON2_ITERATIONS="1"
    ) as program:
        client.verified_user(program.url, EMAIL)
        headers = request_headers(client.access_token(program.url, EMAIL))
        for number, path in enumerate(PATHS, start=1):
            request(program, path, headers, WARM_UP)
            control(program, "--zero")
            request(program, path, headers, REQUESTS)
            control(program, f"--dump={number}")
            parts.append(functions(path, wait_for(Path(f"{output}.{number}"))))
    return f"### Instructions per answer, outside the kernel ({REQUESTS} answers)\n\n" + "\n".join(parts)


def request(program: Program, path: str, headers: dict[str, str], count: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
    for _ in range(count):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    connection.close()


def control(program: Program, command: str) -> None:
    subprocess.run(["callgrind_control", command, str(program.process.pid)], check=True, capture_output=True)


def wait_for(dump: Path) -> Path:
    end = time.monotonic() + DUMP_TIMEOUT_SECONDS
    while not (dump.exists() and "totals:" in dump.read_text(errors="replace")):
        if time.monotonic() > end:
            raise RuntimeError("callgrind writes no figures")
        time.sleep(0.1)
    return dump


def self_costs(dump: Path) -> Counter[tuple[str, str]]:
    """Instructions by library and function, from callgrind's format (the Valgrind manual, "Callgrind Format")."""
    names: dict[str, dict[str, str]] = {"fn": {}, "ob": {}}
    costs: Counter[tuple[str, str]] = Counter()
    function = library = ""
    is_call = False
    for line in dump.read_text(errors="replace").splitlines():
        if position := re.match(r"(c?)(fn|ob)=\((\d+)\)(?: (.*))?$", line):
            called, kind, number, name = position.groups()
            if name:
                names[kind][number] = name
            if not called and kind == "fn":
                function = names[kind][number]
            elif not called:
                library = Path(names[kind][number]).name
        elif line.startswith("calls="):
            is_call = True
        elif line[:1] in "+-*0123456789" and line:
            # The line after `calls=` is the cost of what was called.
            if not is_call and (cost := line.split()[1:]):
                costs[library, function] += int(cost[0])
            is_call = False
    return costs


def functions(path: str, dump: Path) -> str:
    costs = self_costs(dump)
    libraries: Counter[str] = Counter()
    for (library, _), cost in costs.items():
        libraries[library] += cost

    def each(cost: int) -> str:
        return f"{cost / REQUESTS:,.0f}"

    rows = [["**all**", "", each(sum(costs.values()))]]
    rows += [[f"`{library}`", "", each(cost)] for library, cost in libraries.most_common(6)]
    rows += [
        [f"`{shortened(function)}`", library, each(cost)] for (library, function), cost in costs.most_common(TOP)]
    return f"#### `{path}`\n\n" + table(["function or library", "in", "instructions"], rows)
