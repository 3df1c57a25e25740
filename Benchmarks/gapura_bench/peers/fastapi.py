"""The FastAPI equivalents on uvicorn."""

import sys
from pathlib import Path

from ..programs import ROOT, Program, free_port, pinned


def fastapi(
    database: Path, keys: Path, issuer: str, folder: Path, workers: int, cores=None, name="fastapi",
    app="fastapi_app", **variables: str,
) -> Program:
    """- app: the module in this folder; all of them answer the key set."""
    port = free_port()
    command = pinned(cores) + [
        sys.executable, "-m", "uvicorn", f"gapura_bench.peers.{app}:app", "--host", "127.0.0.1", "--port",
        str(port), "--workers", str(workers), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
        "--log-level", "warning"]
    environment = {
        "BENCH_DATABASE": str(database), "BENCH_KEYS": str(keys), "BENCH_ISSUER": issuer,
        "PYTHONPATH": str(ROOT / "Benchmarks"), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return Program(name, command, port, "/.well-known/jwks.json", folder, environment)
