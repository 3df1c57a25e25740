"""Which step of an answer a counted instruction belongs to.

A function belongs to a step by the source file of its type, so that new names need no new rule; of libmicrohttpd, which
has no names inside, by what it leads to. What everybody uses (Swift's runtime and library, malloc, libcrypto, Shared)
belongs to whoever called it: shared out by the cost of each call, as gprof does it.
"""

import re
import subprocess
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from .callgrind import Costs, Function
from .programs import ROOT

REST = "elsewhere"
LIBRARY = "libmicrohttpd: everything else"
HEAD_LINES = "libmicrohttpd: the head's lines"
OTHER_THREADS = "databases, journal, other threads"
TASKS = "Swift's tasks"

# In the order of the table. The first pattern that fits `Module/path of the file:Type` decides; None is no Swift.
STEPS: list[tuple[str, str | None]] = [
    ("libmicrohttpd: receiving", None),
    (HEAD_LINES, None),
    ("reading and judging the head", r"HTTPServer/(Head|RequestGuard|IncomingRequest)|HTTPServer/.*:takeField"),
    ("routing", r"HTTP/Routing/"),
    ("middleware", r"HTTP/Middleware/|Telemetry/"),
    (TASKS, None),
    ("the body", r"REST/(CheckBody|QuestionBody)|HTTP/Input/.*:(?!PercentCoding)|JSON/JSONParser"),
    ("the gateway's headers", r"REST/Forward/(ForwardCredential|ForwardDialect|ForwardTarget|VisitorCookie)"),
    (
        "key of the service or trust in the gateway",
        r"AskingService|GatewayTrust|CredentialCache|KeyDigest|RecognizeGateway|AccessDomain/(APIKey|Base62|CRC32)"),
    ("Accounts: the access token, its own routes", r"Accounts\w+/"),
    (
        "standing and plan",
        r"StandingCache|RuleCache|AccessDomain/(Permission|CallerRights|Plan|Entitlement|ChargeRule)"),
    (
        "service and route",
        r"ServiceDirectory|AccessDomain/(RequestPath|RequestMethod|ServiceRoute|RegisteredService|ServiceSlug)"),
    (
        OTHER_THREADS,
        r"(SQL|SQLite|Postgres|Messaging|Audit|Idempotency|Lifecycle|Threads|Notifications\w+)/"
        r"|/SQL/|Metering/(Journal|SQL|MeterCleanUp|CounterJournal)|FollowUpService"),
    ("counting", r"/Metering/|Output/Meter\b|AccessDomain/(Charge|Counter|DeviceMerge|Limit|MeterKey|TimeWindow)"),
    (
        "the decision's log and follow-ups",
        r"DecisionJournal|DecisionLog|DecisionRecord|DecisionMemory|FollowUp|Answered"),
    ("identity token", r"JWTIdentityIssuer|IdentityIssuer"),
    ("whether what is remembered is current", r"/Freshness|AccessChangeFeed|AccessChanges|AccessAdapters"),
    ("the gate around these", r"AccessApplication/"),
    ("writing the answer", r"REST/Decision|ForwardAnswer|AccessDomain/RateLimitFields"),
    ("the door around these", r"AccessInfrastructure/(\?|.*\b(REST|Config)/)"),
    ("handing the answer over", r"HTTPServer/AnswerWriter"),
    ("libmicrohttpd: the answer's object and its fields", None),
    ("libmicrohttpd: the answer's head", None),
    ("libmicrohttpd: sending", None),
    ("libmicrohttpd: clearing its memory", None),
    ("beginning and ending the request", r"HTTPServer/"),
    (LIBRARY, None),
    (REST, None),
]

# What of libmicrohttpd leads to only one of these is that step. Going on to us is none.
MARKS = {
    "recv": "libmicrohttpd: receiving", "sendmsg": "libmicrohttpd: sending", "send": "libmicrohttpd: sending",
    "gmtime_r": "libmicrohttpd: the answer's head", "MHD_set_connection_value_n": HEAD_LINES,
    "memset": "libmicrohttpd: clearing its memory"}
OBJECT = re.compile(r"MHD_(create_response|add_response|queue_response|destroy_response)")
TASK_SYMBOLS = re.compile(r"swift_(task|job|asyncLet|continuation)|AsyncTask|TaskAllocator|withStatusRecordLock")
DECLARATION = re.compile(r"\b(?:struct|class|enum|actor|protocol|extension|func) +(\w+)")
ROUNDS = 40


def by_step(costs: Costs) -> dict[str, Counter[Function]]:
    """The instructions of each step by function, in the order of the table."""
    owners = classified(costs)
    callers: dict[Function, Counter[Function]] = defaultdict(Counter)
    for (caller, callee), cost in costs.calls.items():
        if caller != callee:
            callers[callee][caller] += cost
    shares = shared_out(costs, owners, callers)
    found: dict[str, Counter[Function]] = {step: Counter() for step, _ in STEPS}
    for function, cost in costs.own.items():
        for step, share in shares.get(function, {REST: 1.0}).items():
            found[step][function] += cost * share
    return {step: functions for step, functions in found.items() if sum(functions.values()) > 0}


def shared_out(costs: Costs, owners: dict[Function, str], callers) -> dict[Function, dict[str, float]]:
    """To which steps a function belongs, and how much of it."""
    shares: dict[Function, dict[str, float]] = {function: {step: 1.0} for function, step in owners.items()}
    open_ones = [function for function in costs.own if function not in owners]
    for _ in range(ROUNDS):
        for function in open_ones:
            sums: Counter[str] = Counter()
            for caller, cost in callers[function].items():
                for step, share in shares.get(caller, {}).items():
                    sums[step] += cost * share
            if total := sum(sums.values()):
                shares[function] = {step: value / total for step, value in sums.items()}
    return shares


def classified(costs: Costs) -> dict[Function, str]:
    functions = set(costs.own) | {callee for _, callee in costs.calls}
    names = demangled({symbol for _, symbol in functions if symbol.startswith("$s")})
    owners = libmicrohttpd(costs, functions)
    for function in functions - owners.keys():
        library, symbol = function
        if symbol.startswith("$s"):
            if step := swift_step(names[symbol]):
                owners[function] = step
        elif TASK_SYMBOLS.search(symbol):
            owners[function] = TASKS
        elif library.startswith("libsqlite3"):
            owners[function] = OTHER_THREADS
    return owners


def swift_step(name: str) -> str | None:
    entity = named(name)
    if entity is None:
        return None
    module, declared = entity
    place = f"{module}/{sources().get((module, declared), '?')}:{declared}"
    return next((step for step, pattern in STEPS if pattern and re.search(pattern, place)), None)


def named(name: str) -> tuple[str, str] | None:
    """The module and the outermost type or function of a demangled name; None for what has none of its own."""
    # `(secret in _0123ABCD)`: private.
    name = re.sub(r"\((\w+) in _[0-9A-F]+\)", r"\1", name)
    if "witness for" in name and "in conformance " not in name:
        return None
    for mark in ("> of ", " in conformance ", "partial function for ", "forwarder for "):
        name = name.rpartition(mark)[2] if mark != " in conformance " else name.partition(mark)[2] or name
    # Of a closure, what it is in.
    if re.match(r"(?:closure|implicit closure|thunk)", name) and " in " in name:
        name = name.rpartition(" in ")[2]
    name = re.sub(r"^(?:(?:static|merged|@objc|@Sendable|dispatch thunk of|default argument \d+ of) )+", "", name)
    if extension := re.match(r"\(extension in (\w+)\):\w+\.(\w+)", name):
        return extension[1], extension[2]
    plain = re.match(r"([A-Z]\w+)\.(\w+)", name)
    return (plain[1], plain[2]) if plain else None


def libmicrohttpd(costs: Costs, functions: set[Function]) -> dict[Function, str]:
    """Its functions by what they lead to."""
    inside = {function for function in functions if function[0].startswith("libmicrohttpd")}
    callees: dict[Function, set[Function]] = defaultdict(set)
    for caller, callee in costs.calls:
        if caller in inside:
            callees[caller].add(callee)

    @cache
    def marks(function: Function, depth: int = 0) -> frozenset[str]:
        if depth > 12:
            return frozenset()
        found = set()
        for callee in callees[function]:
            name = re.sub(r"'\d+$", "", callee[1])
            if name.startswith("$s"):
                found.add("us")
            elif name.startswith("__memset"):
                found.add(MARKS["memset"])
            elif name in MARKS:
                found.add(MARKS[name])
            elif callee in inside and callee != function:
                found |= marks(callee, depth + 1)
        return frozenset(found)

    owners: dict[Function, str] = {}
    machine = {function for function in inside if any(name == "MHD_destroy_response" for _, name in callees[function])}
    for function in inside:
        name = function[1]
        if OBJECT.match(name):
            owners[function] = "libmicrohttpd: the answer's object and its fields"
            continue
        if name.startswith("MHD_"):
            continue
        found = marks(function)
        # Whoever needs more memory may have it cleared.
        found = found - {MARKS["memset"]} or found
        if found:
            owners[function] = next(iter(found)) if len(found) == 1 and "us" not in found else LIBRARY
    # What the state machine does itself, without calling anything, is mostly the look for the ends of lines.
    for function in inside - owners.keys():
        if not callees[function] and any(function in callees[one] for one in machine):
            owners[function] = HEAD_LINES
    return owners


@cache
def sources() -> dict[tuple[str, str], str]:
    """The file in which a module declares, or else extends, a type or a function."""
    declared: dict[tuple[str, str], str] = {}
    extended: dict[tuple[str, str], str] = {}
    for file in sorted((ROOT / "Sources").rglob("*.swift")):
        parts = file.relative_to(ROOT / "Sources").parts
        match parts[0]:
            case "Modules": module, path = parts[1] + parts[2], parts[3:]
            case "Platform": module, path = parts[1], parts[2:]
            case _: module, path = parts[0], parts[1:]
        for line in file.read_text(encoding="utf-8").splitlines():
            if found := DECLARATION.search(line):
                (extended if "extension " in line else declared).setdefault((module, found[1]), "/".join(path))
    return extended | declared


def demangled(symbols: set[str]) -> dict[str, str]:
    ordered = sorted(symbols)
    plain = [re.sub(r"'\d+$", "", symbol) for symbol in ordered]
    output = subprocess.run(
        ["swift", "demangle", "--compact"], input="\n".join(plain), check=True, capture_output=True, text=True).stdout
    return dict(zip(ordered, output.splitlines()))
