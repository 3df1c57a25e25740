"""The FastAPI equivalent on uvicorn."""

import sys
from pathlib import Path

from ..programs import ROOT, Program, free_port, pinned


def fastapi(database: Path, keys: Path, issuer: str, folder: Path, workers: int, cores=None) -> Program:
    port = free_port()
    command = pinned(cores) + [
        sys.executable, "-m", "uvicorn", "gapura_bench.peers.fastapi_app:app", "--host", "127.0.0.1", "--port",
        str(port), "--workers", str(workers), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
        "--log-level", "warning"]
    environment = {
        "BENCH_DATABASE": str(database), "BENCH_KEYS": str(keys), "BENCH_ISSUER": issuer,
        "PYTHONPATH": str(ROOT / "Benchmarks"), "PYTHONDONTWRITEBYTECODE": "1"}
    return Program("fastapi", command, port, "/.well-known/jwks.json", folder, environment)
