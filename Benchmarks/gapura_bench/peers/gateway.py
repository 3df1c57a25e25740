"""nginx with the configuration that we ship, and the same service behind it without the gate."""

import shutil
from pathlib import Path

from ..programs import ROOT, Program, free_port, pinned

SHIPPED = ROOT / "deploy/gateway/nginx"
GATE = "            include gapura/protect.conf;\n"


def gateway(
    name: str, folder: Path, gate: Program, upstream: Program, slug: str, cores: list[int]
) -> tuple[Program, int]:
    """The program, whose port is the way without the gate, and the port of the way with it."""
    open_port, gated_port = free_port(), free_port()
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    path = folder / "nginx.conf"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("    server {\n"), text.rindex("}")
    gated = text[start:end]
    alone = replaced(gated, (GATE, ""), ("127.0.0.1:8000", f"127.0.0.1:{open_port} backlog=1024"))
    gated = replaced(
        gated, ("$gapura_service cvmaker", f"$gapura_service {slug}"),
        ("127.0.0.1:8000", f"127.0.0.1:{gated_port} backlog=1024"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    head = replaced(
        text[:start], ("worker_processes auto", f"worker_processes {len(cores)}"),
        ("pid /run/gapura-gateway.pid;", f"pid {folder}/nginx.pid;\ndaemon off;"),
        ("127.0.0.1:9001;", f"127.0.0.1:{upstream.port};"),
        # The measure is of requests, not of connections.
        ("http {\n", f"http {{\n{own}    keepalive_requests 1000000000;\n"))
    path.write_text(f"{head}{alone}\n{gated}}}\n", encoding="utf-8")
    http = folder / "gapura/http.conf"
    shipped = http.read_text(encoding="utf-8")
    http.write_text(replaced(shipped, ("127.0.0.1:8080", f"127.0.0.1:{gate.port}")), encoding="utf-8")
    command = pinned(cores) + ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(path)]
    return Program(name, command, open_port, "/", folder), gated_port


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        if (count := text.count(old)) != 1:
            raise RuntimeError(f"the shipped configuration has {count} times: {old}")
        text = text.replace(old, new)
    return text
