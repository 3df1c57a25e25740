"""Reads what callgrind counted (the Valgrind manual, "Callgrind Format")."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

Function = tuple[str, str]
"""The library and the symbol."""


@dataclass
class Costs:
    """In instructions."""

    own: Counter[Function] = field(default_factory=Counter)
    calls: Counter[tuple[Function, Function]] = field(default_factory=Counter)
    """By caller and callee, with everything below the call."""

    @property
    def total(self) -> int:
        return sum(self.own.values())


def read(dump: Path) -> Costs:
    names: dict[str, dict[str, str]] = {"fn": {}, "ob": {}}
    costs = Costs()
    function = library = called = called_library = ""
    is_call = False
    for line in dump.read_text(errors="replace").splitlines():
        if position := re.match(r"(c?)(fn|ob)=\((\d+)\)(?: (.*))?$", line):
            is_callee, kind, number, name = position.groups()
            if name:
                names[kind][number] = name
            name = names[kind][number]
            match is_callee, kind:
                case "", "fn": function = name
                case "", "ob": library = Path(name).name
                case "c", "fn": called = name
                case "c", "ob": called_library = Path(name).name
        elif line.startswith("calls="):
            is_call = True
        elif line[:1] in "+-*0123456789" and line:
            cost = int((line.split() + ["0"])[1])
            # The line after `calls=` is the cost of what was called, which is in the same library unless said.
            if is_call:
                costs.calls[(library, function), (called_library or library, called)] += cost
                called_library = ""
            else:
                costs.own[library, function] += cost
            is_call = False
    return costs
