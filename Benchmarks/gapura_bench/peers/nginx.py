"""nginx that answers fixed bodies with `return 200`."""

from pathlib import Path

from ..programs import Program, free_port, pinned

CONFIGURATION = """\
daemon off;
worker_processes {workers};
error_log {folder}/error.log crit;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
{locations}
    }}
}}
"""


def nginx(bodies: dict[str, bytes], folder: Path, workers: int, cores=None) -> Program:
    """- bodies: what each path answers, without `$`, which nginx would read as a variable."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    locations = "\n".join(
        f"        location = {path} {{ return 200 '{quoted(body)}'; }}" for path, body in bodies.items())
    path = folder / "nginx.conf"
    path.write_text(
        CONFIGURATION.format(workers=workers, folder=folder, port=port, locations=locations), encoding="utf-8")
    command = pinned(cores) + ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(path)]
    return Program("nginx", command, port, next(iter(bodies)), folder)


def quoted(body: bytes) -> str:
    text = body.decode()
    if "$" in text:
        raise ValueError("nginx would expand a variable in the body")
    return text.replace("\\", "\\\\").replace("'", "\\'")
