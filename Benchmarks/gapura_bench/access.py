"""The access decision by its two doors, beside `nginx return 200` and the FastAPI equivalent on the same cores."""

import json
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from . import alike, client
from .hot_path import ISSUER, request_headers
from .load import Load, drive
from .peers.fastapi import fastapi
from .peers.nginx import nginx
from .programs import Program, gapura
from .report import ratio, table, with_spread

EMAIL = "a.person.with.a.rather.long.address@department.example.com"
LIMITED_EMAIL = "limited@example.com"
ADMINISTRATOR = "boss@example.com"
SCRIPT = Path(__file__).parent / "check.lua"
CHECK = "/access/check"
FORWARD = "/access/forward/shop?dialect=nginx"
SERVICE = {
    "slug": "shop", "name": "Shop", "audience": "shop", "upstream": "http://127.0.0.1:9000",
    "routes": [
        {"method": "GET", "path": "/v1/documents"}, {"method": "POST", "path": "/v1/documents", "cost": 2},
        {"path": "/v1/reports", "permission": "reports:read"},
    ],
}
PATH = "/v1/documents/17"
# As good as none, but told with every answer.
AMOUNT = 1_000_000_000


@dataclass
class Scene:
    """Who asks for whom."""

    token: str
    """Of a person without a limit, or with one that nobody reaches."""
    limited_token: str
    """Of a person with two requests a day."""
    key: str
    """By which the service asks."""

    def doors(self) -> dict[str, tuple[dict[str, str], dict | None]]:
        """The headers and the body of each door."""
        question = {"credential": self.token, "service": "shop", "method": "GET", "path": PATH}
        return {
            CHECK: ({**request_headers(self.token), "Authorization": f"Bearer {self.key}"}, question),
            FORWARD: (
                {**request_headers(self.token), "X-Original-URI": f"{PATH}?page=2", "X-Original-Method": "GET"}, None),
        }


def measure(
    binary: Path, folder: Path, rounds: int, seconds: int, cores: list[int], load_cores: list[int], limited: bool
) -> str:
    """- cores: of the servers; as many workers each. - load_cores: of wrk. - limited: whether answers tell a limit."""
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        ours = stack.enter_context(gapura(binary, folder / "gapura", cores))
        scene = prepare(ours, binary, folder / "gapura", AMOUNT if limited else None)
        # First: the counts of both begin at zero.
        equal = compare_decisions(ours, scene, folder)
        doors = scene.doors()
        bodies = {path.partition("?")[0]: answer(ours, path, *door) for path, door in doors.items()}
        programs = [
            ours,
            stack.enter_context(nginx(bodies, folder / "nginx", len(cores), cores)),
            stack.enter_context(peer(folder, len(cores), cores)),
            stack.enter_context(peer(folder, len(cores), cores, "fastapi, tokens remembered")),
        ]
        rows = []
        for path, (headers, body) in doors.items():
            for program in programs:
                answer(program, path, headers, body)
            load = Load(
                seconds=seconds, cores=load_cores, script=SCRIPT if body else None,
                arguments=(json.dumps(body),) if body else ())
            rows += compare(programs, path, headers, load, rounds)
    where = f"on core {', '.join(map(str, cores))}, wrk on {', '.join(map(str, load_cores))}"
    plan = "a limit that is told" if limited else "a plan without a limit"
    return (
        f"### Access decision, {len(cores)} HTTP thread(s) or worker(s) {where}\n\n"
        f"32 connections, a token of {len(scene.token)} bytes, 8 request headers and more, {plan}. "
        f"Gapura and FastAPI answered {equal} questions alike.\n\n"
        + table(
            ["door", "server", "per second (range)", "of nginx", "times FastAPI", "server µs each", "p99 ms"], rows))


def prepare(program: Program, binary: Path, folder: Path, amount: int | None) -> Scene:
    """Two persons, a service, and the key by which the service asks. - amount: a day; None for no limit."""
    url = program.url
    for email in (EMAIL, LIMITED_EMAIL):
        client.verified_user(url, email)
    tokens = [client.access_token(url, email) for email in (EMAIL, LIMITED_EMAIL)]
    environment = {"PATH": "/usr/bin:/bin", "APP_ENV": "test", "APP_URL": ISSUER}
    link = subprocess.run(
        [str(binary), "admin", "create", ADMINISTRATOR], cwd=folder, env=environment, check=True,
        capture_output=True, text=True).stdout.strip()
    client.call(
        "POST", f"{url}/administrator/accept",
        {"token": link.rpartition("token=")[2], "password": client.PASSWORD}, {"Accept": "application/json"})
    headers = {"Authorization": f"Bearer {client.access_token(url, ADMINISTRATOR)}"}
    client.call("POST", f"{url}/services", SERVICE, headers)
    made, _ = client.call(
        "POST", f"{url}/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}, headers)
    for token, allowed in zip(tokens, (amount, 2)):
        person = json.loads(client.call("GET", f"{url}/me", headers={"Authorization": f"Bearer {token}"})[0])["id"]
        limits = [{"amount": allowed, "window": "day", "scope": "global"}]
        client.call("PUT", f"{url}/users/{person}/entitlement", {"plan": "enterprise", "limits": limits}, headers)
    return Scene(*tokens, key=json.loads(made)["key"])


def peer(folder: Path, workers: int, cores: list[int], name: str = "fastapi") -> Program:
    """On the database of the Gapura in `folder`, as it is now. - name: whether it remembers tokens."""
    keys = folder / "jwks.json"
    remembers = "1" if name.endswith("remembered") else "0"
    return fastapi(
        folder / "gapura/data/gapura.db", keys, ISSUER, folder / "fastapi", workers, cores, name, "fastapi_access",
        BENCH_REMEMBER_TOKENS=remembers)


def compare_decisions(ours: Program, scene: Scene, folder: Path) -> int:
    """With one worker, because each counts for itself."""
    (folder / "jwks.json").write_bytes(client.call("GET", f"{ours.url}/.well-known/jwks.json")[0])
    tokens = {"unlimited": scene.token, "limited": scene.limited_token}
    with peer(folder, 1, []) as program:
        return alike.check(ours, program, scene.key, tokens, SERVICE["slug"])


def answer(program: Program, path: str, headers: dict[str, str], body) -> bytes:
    given, _ = client.call("POST" if body else "GET", program.url + path, body, headers)
    if body and not json.loads(given)["allowed"]:
        raise RuntimeError(f"{program.name} {path} answers {given!r}")
    return given or b"\n"


def compare(programs, path: str, headers, load: Load, rounds: int) -> list[list[str]]:
    results: dict[str, list] = {program.name: [] for program in programs}
    for program in programs:
        drive(program, path, Load(1, cores=load.cores, script=load.script, arguments=load.arguments), headers)
    for _ in range(rounds):
        for program in programs:
            results[program.name].append(drive(program, path, load, headers))
    speeds = {name: [result.per_second for result in found] for name, found in results.items()}
    return [
        [
            f"`{path}`", name, with_spread(speeds[name]), f"{ratio(speeds[name], speeds['nginx']):.2f}",
            f"{ratio(speeds[name], speeds['fastapi']):.1f}",
            f"{median(result.server_microseconds for result in found):.1f}",
            f"{median(result.p99_milliseconds for result in found):.2f}",
        ]
        for name, found in results.items()
    ]
