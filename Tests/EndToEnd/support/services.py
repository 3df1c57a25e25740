"""Servers of others as services behind a gateway, with the settings that they come with."""

import json
import sys

from support.gateway import Program, free_port

# The page by the path alone, as every framework finds it.
APPLICATION = '''
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the admin page" if environ["PATH_INFO"].startswith("/admin") else b"a public page"]
'''

PROGRAM = '''
import json, os
print("Content-Type: application/json")
print()
print(json.dumps(dict(os.environ)))
'''


class Gunicorn(Program):
    """Python's most common server. From this machine it believes SCRIPT_NAME, and cuts it off the path."""

    def __init__(self, folder):
        self.port = free_port()
        folder.mkdir()
        (folder / "pages.py").write_text(APPLICATION)
        super().__init__(folder, [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-tmp-dir", str(folder),
            "pages:application"])


class Lighttpd(Program):
    """A server with a program by CGI (RFC 3875): it reads the headers from variables, where hyphens are underscores."""

    def __init__(self, folder):
        self.port = free_port()
        folder.mkdir()
        (folder / "variables.py").write_text(PROGRAM)
        (folder / "lighttpd.conf").write_text(f'''
            server.modules = ("mod_cgi")
            server.bind = "127.0.0.1"
            server.port = {self.port}
            server.document-root = "{folder}"
            cgi.assign = (".py" => "{sys.executable}")
        ''')
        super().__init__(folder, ["lighttpd", "-D", "-f", str(folder / "lighttpd.conf")])


def variables(answer):
    """What the program of `Lighttpd` got."""
    assert answer.status == 200, answer
    return json.loads(answer.body)
