"""Instructions per answer, counted by callgrind: the same in every run, also on a machine that does other things.

Counts what runs outside the kernel. An instruction is no unit of time, so this compares a revision with the one before.

What runs anyway, without a request, is counted first, by the second, and taken off: under valgrind a request takes so
long that the relay, the feeds and the queues would otherwise be a tenth of it, and more on a busy machine.
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
IDLE_SECONDS = 10
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
        for door in doors:
            ask(program, known[door], WARM_UP)
        idle, seconds = counted(program, output, 1, lambda: time.sleep(IDLE_SECONDS))
        background = {step: sum(functions.values()) / seconds for step, functions in steps.by_step(idle).items()}
        for number, door in enumerate(doors, start=2):
            ask(program, known[door], WARM_UP)
            costs, seconds = counted(program, output, number, lambda: ask(program, known[door], REQUESTS))
            parts.append(
                f"#### `{known[door][0]}`\n\n" + steps_table(costs, background, seconds) + "\n" + functions(costs))
    return f"### Instructions per answer, outside the kernel ({REQUESTS} answers)\n\n" + "\n".join(parts)


def counted(program: Program, output: Path, number: int, action) -> tuple[callgrind.Costs, float]:
    """What runs while the action does, and for how long it did, in seconds."""
    control(program, "--zero")
    begun = time.monotonic()
    action()
    control(program, f"--dump={number}")
    seconds = time.monotonic() - begun
    return callgrind.read(wait_for(Path(f"{output}.{number}"))), seconds


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


def steps_table(costs: callgrind.Costs, background: dict[str, float], seconds: float) -> str:
    """With the largest functions of each step, which tell whether it is the right one.

    - background: what each step costs in a second without requests.
    """
    found = steps.by_step(costs)
    largest = {step: [function for function, _ in functions.most_common(3)] for step, functions in found.items()}
    names = steps.demangled({symbol for part in largest.values() for _, symbol in part if symbol.startswith("$s")})
    per_answer = {step: sum(functions.values()) - background.get(step, 0) * seconds for step, functions in found.items()}
    rows = [["**all**", each(sum(per_answer.values())), ""]]
    for step in found:
        told = [f"`{briefly(names.get(symbol, symbol))}`" for _, symbol in largest[step]]
        rows.append([step, each(per_answer[step]), ", ".join(told)])
    rows.append(["taken off: what runs without requests", each(sum(background.values()) * seconds), ""])
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
