"""Instructions per answer, counted by callgrind: the same in every run, also on a machine that does other things.

Counts what runs outside the kernel. An instruction is no unit of time, so this compares a revision with the one before.
"""

import http.client
import json
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from . import access, callgrind, client, steps
from .hot_path import EMAIL, PATHS, request_headers
from .profile import shortened
from .programs import Program, gapura
from .report import table

WARM_UP = 200
REQUESTS = 1000
TOP = 15
DOORS = ("keys", "me", "check", "forward")
DUMP_TIMEOUT_SECONDS = 20

Question = tuple[str, dict[str, str], dict | None]
"""The path with its query, the headers, and the body of a POST."""


def measure(binary: Path, folder: Path, doors: list[str]) -> str:
    """- doors: of DOORS."""
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
        known = questions(program, binary, folder / "work", doors)
        for number, door in enumerate(doors, start=1):
            ask(program, known[door], WARM_UP)
            control(program, "--zero")
            ask(program, known[door], REQUESTS)
            control(program, f"--dump={number}")
            costs = callgrind.read(wait_for(Path(f"{output}.{number}")))
            parts.append(f"#### `{known[door][0]}`\n\n" + steps_table(costs) + "\n" + functions(costs))
    return f"### Instructions per answer, outside the kernel ({REQUESTS} answers)\n\n" + "\n".join(parts)


def questions(program: Program, binary: Path, folder: Path, doors: list[str]) -> dict[str, Question]:
    if {"check", "forward"} & set(doors):
        scene = access.prepare(program, binary, folder, None)
        token = scene.token
        known = dict(zip(("check", "forward"), ((path, *door) for path, door in scene.doors().items())))
    else:
        client.verified_user(program.url, EMAIL)
        token = client.access_token(program.url, EMAIL)
        known = {}
    return {**known, **{door: (path, request_headers(token), None) for door, path in zip(("keys", "me"), PATHS)}}


def ask(program: Program, question: Question, count: int) -> None:
    path, headers, body = question
    text = json.dumps(body) if body else None
    if text:
        headers = {**headers, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
    for _ in range(count):
        connection.request("POST" if text else "GET", path, body=text, headers=headers)
        answer = connection.getresponse()
        given = answer.read()
        if answer.status != 200 or text and not json.loads(given)["allowed"]:
            raise RuntimeError(f"{path}: {answer.status} {given!r}")
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


def each(cost: float) -> str:
    return f"{cost / REQUESTS:,.0f}"


def steps_table(costs: callgrind.Costs) -> str:
    """With the largest functions of each step, which tell whether it is the right one."""
    found = steps.by_step(costs)
    largest = {step: [function for function, _ in functions.most_common(3)] for step, functions in found.items()}
    names = steps.demangled({symbol for part in largest.values() for _, symbol in part if symbol.startswith("$s")})
    rows = [["**all**", each(costs.total), ""]]
    for step, functions in found.items():
        told = [f"`{briefly(names.get(symbol, symbol))}`" for _, symbol in largest[step]]
        rows.append([step, each(sum(functions.values())), ", ".join(told)])
    return table(["step", "instructions", "of it most"], rows)


def briefly(name: str) -> str:
    """Without the words of the compiler and the types of arguments."""
    name = re.sub(r"\((\w+) in _[0-9A-F]+\)", r"\1", name)
    name = re.sub(r"^.*> of (?:static )?|^(?:static|merged|partial apply forwarder for) ", "", name)
    return name.partition("(")[0][:60].replace("|", "\\|").strip() or name[:60]


def functions(costs: callgrind.Costs) -> str:
    libraries: Counter[str] = Counter()
    for (library, _), cost in costs.own.items():
        libraries[library] += cost
    rows = [[f"`{library}`", "", each(cost)] for library, cost in libraries.most_common(6)]
    rows += [
        [f"`{shortened(function)}`", library, each(cost)]
        for (library, function), cost in costs.own.most_common(TOP)]
    return table(["function or library", "in", "instructions"], rows)
