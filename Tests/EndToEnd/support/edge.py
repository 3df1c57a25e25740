"""The Worker of deploy/edge under Node, as one more gateway."""

import json
import sys
from pathlib import Path

from support.gateway import Program, Scene, free_port

HOST = Path(__file__).parents[2] / "Edge" / "host.mjs"
# That of Tests/requirements.txt, since Debian 12 has one that is too old for what the platform has.
NODE = next(path for path in (Path(sys.executable).parent / "node", Path("/usr/bin/node")) if path.exists())


class Edge(Program):
    """- issuer: whose tokens the Worker looks at itself; none leaves all of them to Gapura."""

    def __init__(self, folder, gapura, upstream, slug="cvmaker", key="", preflights=False, issuer=""):
        self.port = free_port()
        route = {"service": slug, "origin": f"http://127.0.0.1:{upstream}"}
        if preflights:
            route["preflights"] = "pass"
        variables = {
            "GAPURA_URL": f"http://127.0.0.1:{gapura}", "GAPURA_ISSUER": issuer, "GAPURA_GATEWAY_KEY": key,
            "ROUTES": json.dumps({"127.0.0.1": route}),
        }
        command = [NODE, "--max-http-header-size=131072", HOST, str(self.port), json.dumps(variables)]
        super().__init__(folder, command)


class EdgeScene(Scene):
    """A Worker always asks with a key: with one of its own for its service, unless another is given."""

    def __init__(self, server):
        super().__init__(server, Edge)

    def add_gateway(self, slug, upstream=None, **options):
        options.setdefault("key", self.admin.key(f"access:check:{slug}"))
        return super().add_gateway(slug, upstream, **options)
