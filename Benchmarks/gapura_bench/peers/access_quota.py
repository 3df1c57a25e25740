"""Counting by day and month in memory, under the same rules as Gapura's for people who are signed in.

Each worker counts for itself: more than one would need a store that they share, and so be slower.
"""

from datetime import datetime, timezone
from typing import NamedTuple

BURSTS = {"free": 50, "pro": 100}
PLANS = {
    "free": [{"amount": 50, "unit": "day", "service": None, "each_service": False}],
    "pro": [{"amount": 1000, "unit": "day", "service": None, "each_service": False}],
    "enterprise": [],
}
SECONDS = {"second": 1, "minute": 60, "day": 86_400}


class Rule(NamedTuple):
    """One counter that a request draws from, and up to where."""

    meter: str
    unit: str
    limit: int | None = None
    policy: str = ""


class Counter:
    __slots__ = ("end", "start", "used")

    def __init__(self):
        self.end = 0


class Binding(NamedTuple):
    """The limit that a caller meets first."""

    policy: str
    limit: int
    used: int
    start: int
    end: int


counters: dict[tuple[str, str, str], Counter] = {}


def rules(plan: str, limits: list[dict] | None, service: str) -> list[Rule]:
    """- limits: what the contract says; None for what the plan says."""
    limits = PLANS[plan] if limits is None else limits
    found: dict[tuple[str, str], Rule] = {
        (meter, unit): Rule(meter, unit) for meter in ("", service) for unit in ("day", "month")}
    for limit in limits:
        if limit["service"] not in (None, service) or limit["amount"] is None:
            continue
        scope = limit["service"] or ("service" if limit["each_service"] else None)
        key = (service if scope else "", limit["unit"])
        known = found.get(key)
        if known is None or known.limit is None or limit["amount"] < known.limit:
            policy = f"{scope}-{limit['unit']}" if scope else limit["unit"]
            found[key] = Rule(*key, limit["amount"], policy)
    if plan in BURSTS:
        found["burst", "second"] = Rule(f"burst {service}", "second", BURSTS[plan], "burst")
    return list(found.values())


def take(user: str, drawn: list[Rule], cost: int, now: float, count: bool) -> tuple[bool, Binding | None]:
    """Draws from all counters or from none. - count: false to look only."""
    full, limited, open_counters = [], [], []
    for rule in drawn:
        counter = opened(user, rule, now)
        amount = 1 if rule.policy == "burst" else cost
        open_counters.append((counter, amount))
        if rule.limit is not None:
            if counter.used + amount > rule.limit:
                full.append((counter, rule))
            elif rule.policy != "burst":
                limited.append((counter, rule))
    if full:
        counter, rule = max(full, key=lambda pair: pair[0].end)
        return False, binding(counter, rule)
    if count:
        for counter, amount in open_counters:
            counter.used += amount
    if not limited:
        return True, None
    counter, rule = min(limited, key=lambda pair: (pair[1].limit - pair[0].used, -pair[0].end))
    return True, binding(counter, rule)


def binding(counter: Counter, rule: Rule) -> Binding:
    return Binding(rule.policy, rule.limit, counter.used, counter.start, counter.end)


def opened(user: str, rule: Rule, now: float) -> Counter:
    """The counter of the window of now; its bounds are fixed when it opens."""
    key = (user, rule.meter, rule.unit)
    counter = counters.get(key)
    if counter is None:
        counter = counters[key] = Counter()
    if now >= counter.end:
        counter.start, counter.end = window(rule.unit, now)
        counter.used = 0
    return counter


def window(unit: str, now: float) -> tuple[int, int]:
    if unit in SECONDS:
        start = int(now) // SECONDS[unit] * SECONDS[unit]
        return start, start + SECONDS[unit]
    today = datetime.fromtimestamp(now, timezone.utc)
    first = datetime(today.year, today.month, 1, tzinfo=timezone.utc)
    after = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=timezone.utc)
    return int(first.timestamp()), int(after.timestamp())
