"""What a decision over Redis costs the server: processor time of the script that Gapura sends, beside a plain INCR in Lua.

    python3 Benchmarks/quota_script.py [--decisions 50000]

Starts a Redis of its own on loopback. The scripts are read from the sources; that of the shape is made by them. 64
decisions travel together, each with the counters that a person has at a service: day and month, over all services and
of this one, and a burst.
"""

import argparse
import re
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "Sources/Modules/Access/Infrastructure/Adapter/Output/Redis"
UNLIMITED = (1 << 48) - 1
TOGETHER = 64
# Key, unit, kind, amount, limit.
CHARGES = [(1, 2, 2, 1, 10**9), (1, 3, 0, 1, UNLIMITED), (2, 2, 0, 1, UNLIMITED), (2, 3, 0, 1, UNLIMITED),
           (2, 4, 6, 1, 10**6)]


def script():
    common = re.search(r'common = """\n(.*?)\n        """', (SOURCES / "QuotaScripts+Common.swift").read_text(), re.S)[1]
    values = {"hard": "2", "skewMilliseconds": "10000", "lifetimeMilliseconds": "10000"}
    common = re.sub(r"\\\((\w+)\)", lambda name: values[name[1]], common).replace("\\\\", "\\")
    draw = re.search(r'let drawSource =\s*common \+ """\n(.*?)\n            """',
                     (SOURCES / "QuotaScripts.swift").read_text(), re.S)[1]
    return common + "\n" + draw


def straight():
    """What goes before it for draws of the shape of `CHARGES`."""
    parts = ", ".join(
        f".init(key: {key}, unit: {unit}, isLimited: {'true' if kind else 'false'}, isSoft: false)"
        for key, unit, kind, _, _ in CHARGES)
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "main.swift"
        main.write_text(f"print(QuotaShape([{parts}])!.script(skew: 10_000))")
        program = Path(folder) / "shape"
        subprocess.run(["swiftc", "-o", program, main, SOURCES / "QuotaShape.swift"], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout


class Redis:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")

    def send(self, commands):
        text = b""
        for command in commands:
            text += b"*%d\r\n" % len(command) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in command)
        self._socket.sendall(text)
        return [self._read() for _ in commands]

    def _read(self):
        line = self._file.readline()[:-2]
        if line[:1] == b"$":
            return self._file.read(int(line[1:]) + 2)[:-2]
        assert line[:1] in b"+:", line
        return line[1:]


def months():
    today = datetime.now(timezone.utc)
    firsts = [(today.year + (today.month + more) // 12, (today.month + more) % 12 + 1) for more in (0, 1)]
    return b"".join(int(datetime(*first, 1, tzinfo=timezone.utc).timestamp()).to_bytes(4, "big") for first in firsts)


def draw(number, bounds):
    head = bytes(2) + bytes(16) + b"process1" + number.to_bytes(6, "big") + bounds + bytes(4) + bytes([len(CHARGES)])
    return head + b"".join(
        bytes([key, unit, kind]) + amount.to_bytes(6, "big") + limit.to_bytes(6, "big") + bytes(20)
        for key, unit, kind, amount, limit in CHARGES)


def question(number, bounds):
    head = bytes(16) + b"process1" + number.to_bytes(6, "big") + bounds[:4] + (1).to_bytes(6, "big") + bytes(20)
    return head + b"".join(
        bytes(10) + (limit.to_bytes(6, "big") if kind else b"") for _, _, kind, _, limit in CHARGES)


def processor_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def measure(redis, process, source, arguments, count):
    digest = redis.send([[b"SCRIPT", b"LOAD", source.encode()]])[0]
    before, began = processor_seconds(process), time.monotonic()
    for first in range(1, count, TOGETHER):
        redis.send([[b"EVALSHA", digest] + arguments(first + number) for number in range(TOGETHER)])
    return 1e6 * (processor_seconds(process) - before) / count, count / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decisions", type=int, default=50_000)
    count = parser.parse_args().decisions
    server = subprocess.Popen(
        [ROOT / "scripts/redis", "watch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        process = int((Path(server.stdout.readline().strip()) / "pid").read_text())
        redis, bounds = Redis(port), months()
        parts = {
            "INCR in Lua": ("return redis.call('INCR', KEYS[1])", lambda number: [b"1", b"counter"]),
            "decision": (straight() + script(), lambda number: [
                b"2", b"{1}", b"{1}:2", draw(number, bounds), b"", question(number, bounds)]),
            "decision, by the script for all draws": (
                script(), lambda number: [b"2", b"{1}", b"{1}:2", draw(number, bounds), b""]),
        }
        print("| script | server µs each | per second |\n| --- | ---: | ---: |")
        for name, (source, arguments) in parts.items():
            redis.send([[b"FLUSHALL"]])
            each, rate = measure(redis, process, source, arguments, count)
            print(f"| {name} | {each:.1f} | {rate:,.0f} |")
    finally:
        server.stdin.close()
        server.wait(60)


if __name__ == "__main__":
    main()
