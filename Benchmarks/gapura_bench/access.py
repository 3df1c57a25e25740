"""The access decision by its two doors, beside `nginx return 200` on the same cores."""

import json
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from . import client
from .hot_path import request_headers
from .load import Load, drive
from .peers.nginx import nginx
from .programs import Program, gapura
from .report import ratio, table, with_spread

EMAIL = "a.person.with.a.rather.long.address@department.example.com"
ADMINISTRATOR = "boss@example.com"
SCRIPT = Path(__file__).parent / "check.lua"
CHECK = "/access/check"
FORWARD = "/access/forward/shop?dialect=nginx"
SERVICE = {"slug": "shop", "name": "Shop", "audience": "shop", "upstream": "http://127.0.0.1:9000"}


def measure(binary: Path, folder: Path, rounds: int, seconds: int, cores: list[int], load_cores: list[int]) -> str:
    """- cores: of the servers; as many workers each. - load_cores: of wrk."""
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        ours = stack.enter_context(gapura(binary, folder / "gapura", cores))
        token, key = prepare(ours, binary, folder / "gapura")
        question = {"credential": token, "service": "shop", "method": "GET", "path": "/v1/documents/17"}
        doors = {
            CHECK: ({**request_headers(token), "Authorization": f"Bearer {key}"}, question),
            FORWARD: (
                {**request_headers(token), "X-Original-URI": "/v1/documents/17?page=2", "X-Original-Method": "GET"},
                None),
        }
        bodies = {path.partition("?")[0]: answer(ours, path, *door) for path, door in doors.items()}
        peer = stack.enter_context(nginx(bodies, folder / "nginx", len(cores), cores))
        rows = []
        for path, (headers, body) in doors.items():
            load = Load(
                seconds=seconds, cores=load_cores, script=SCRIPT if body else None,
                arguments=(json.dumps(body),) if body else ())
            rows += compare([ours, peer], path, headers, load, rounds)
    where = f"on core {', '.join(map(str, cores))}, wrk on {', '.join(map(str, load_cores))}"
    return (
        f"### Access decision, {len(cores)} HTTP thread(s) or worker(s) {where}\n\n"
        f"32 connections, a token of {len(token)} bytes, 8 request headers and more.\n\n"
        + table(["door", "server", "per second (range)", "of nginx", "server µs each", "p99 ms"], rows))


def prepare(program: Program, binary: Path, folder: Path) -> tuple[str, str]:
    """A person with a plan without limits, a service, and the key by which the service asks."""
    url = program.url
    client.verified_user(url, EMAIL)
    token = client.access_token(url, EMAIL)
    environment = {"PATH": "/usr/bin:/bin", "APP_ENV": "test", "APP_URL": "http://localhost:8080"}
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
    person = json.loads(client.call("GET", f"{url}/me", headers={"Authorization": f"Bearer {token}"})[0])["id"]
    limits = [{"amount": None, "window": "day", "scope": "global"}]
    client.call("PUT", f"{url}/users/{person}/entitlement", {"plan": "enterprise", "limits": limits}, headers)
    return token, json.loads(made)["key"]


def answer(program: Program, path: str, headers: dict[str, str], body) -> bytes:
    given, _ = client.call("POST" if body else "GET", program.url + path, body, headers)
    if body and not json.loads(given)["allowed"]:
        raise RuntimeError(f"{path} answers {given!r}")
    return given or b"\n"


def compare(programs, path: str, headers, load: Load, rounds: int) -> list[list[str]]:
    results: dict[str, list] = {program.name: [] for program in programs}
    for program in programs:
        drive(program, path, Load(1, cores=load.cores, script=load.script, arguments=load.arguments), headers)
    for _ in range(rounds):
        for program in programs:
            results[program.name].append(drive(program, path, load, headers))
    reference = [result.per_second for result in results["nginx"]]
    return [
        [
            f"`{path}`", name, with_spread([result.per_second for result in found]),
            f"{ratio([result.per_second for result in found], reference):.2f}",
            f"{median(result.server_microseconds for result in found):.1f}",
            f"{median(result.p99_milliseconds for result in found):.2f}",
        ]
        for name, found in results.items()
    ]
