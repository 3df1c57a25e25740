"""`POST /access/check` of `fastapi_access.py` with its counters in Redis, as a team would write it with redis-py: one
script in one round trip, on the connections of redis.asyncio. BENCH_REDIS is its URL.

What Gapura does beside it is not here: floors for a server that lost its data, the version of the entitlement, going on
without Redis, the counts in the database.
"""

import os
import time

from fastapi import FastAPI, Header, Response
from redis.asyncio import Redis

from . import access_quota
from .fastapi_access import Decision, Question, admit, concluded, judged, keys

TAKE = """
local now, count, used = tonumber(ARGV[1]), ARGV[2] == '1', {}
local full = false
for i = 1, #KEYS do
    local at = 2 + 3 * (i - 1)
    used[i] = tonumber(redis.call('GET', KEYS[i]) or '0')
    local limit = tonumber(ARGV[at + 2])
    if limit >= 0 and used[i] + tonumber(ARGV[at + 1]) > limit then full = true end
end
if full or not count then return {full and 0 or 1, unpack(used)} end
for i = 1, #KEYS do
    local at = 2 + 3 * (i - 1)
    used[i] = redis.call('INCRBY', KEYS[i], ARGV[at + 1])
    if used[i] == tonumber(ARGV[at + 1]) then redis.call('EXPIREAT', KEYS[i], ARGV[at + 3]) end
end
return {1, unpack(used)}
"""

redis = Redis.from_url(os.environ["BENCH_REDIS"])
take_script = redis.register_script(TAKE)
app = FastAPI()
app.get("/.well-known/jwks.json")(keys)


@app.post("/access/check")
async def check(question: Question, response: Response, authorization: str = Header("")) -> Decision:
    admit(question, response, authorization)
    now = time.time()
    found = judged(question.credential, question.service, question.method, question.path, question.cost, now)
    if isinstance(found, Decision):
        return found
    taken = await take(found.person.user_id, found.rules, found.cost, now, not question.dry_run)
    decision = concluded(found, taken, now)
    response.headers["X-Gapura-Decision"] = decision.id
    return decision


async def take(
    user: str, rules: list[access_quota.Rule], cost: int, now: float, count: bool
) -> tuple[bool, access_quota.Binding | None]:
    """Draws from all counters or from none."""
    windows = [access_quota.window(rule.unit, now) for rule in rules]
    names = [f"{{{user}}}:{rule.meter}:{rule.unit}:{start}" for rule, (start, _) in zip(rules, windows)]
    arguments = [int(now), int(count)]
    for rule, (_, end) in zip(rules, windows):
        arguments += [1 if rule.policy == "burst" else cost, -1 if rule.limit is None else rule.limit, end + 86_400]
    passed, *used = await take_script(keys=names, args=arguments)
    bindings = [
        access_quota.Binding(rule.policy, rule.limit, count, *window)
        for rule, window, count in zip(rules, windows, used) if rule.limit is not None
    ]
    if not passed:
        full = [
            binding for binding in bindings
            if binding.used + (1 if binding.policy == "burst" else cost) > binding.limit
        ]
        return False, max(full, key=lambda binding: binding.end)
    limited = [binding for binding in bindings if binding.policy != "burst"]
    return True, min(limited, key=lambda binding: (binding.limit - binding.used, -binding.end), default=None)
