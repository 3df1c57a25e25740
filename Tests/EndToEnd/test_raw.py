"""What no well-behaved client sends, by bytes on a socket; afterwards the server is as it was before."""

import contextlib
import os
import signal
import socket
import threading

import pytest

from support import raw
from support.client import PASSWORD, fresh_email
from support.server import eventually

pytestmark = pytest.mark.database_plays_no_part

LOGIN = {"email": "ana@example.com", "password": "x"}

HEAD = b"Host: 127.0.0.1\r\n"


@contextlib.contextmanager
def nothing_is_kept(server, memory_growth=32 << 20):
    """Descriptors and threads are what they were, memory is bounded, and others are answered."""
    # The first requests make what stays: connections of the database, threads, caches.
    for _ in range(20):
        server.client().get("/health/ready")
    descriptors, threads, memory = server.descriptors(), server.threads(), server.memory_bytes()
    yield
    assert server.client().get("/health/ready").status_code == 200
    # A few threads come and go with the work; a leak of one per request would be more.
    eventually(lambda: server.descriptors() <= descriptors + 2, "the descriptors to be closed")
    eventually(lambda: server.threads() <= threads + 4, "the threads to end")
    assert server.memory_bytes() - memory < memory_growth


MALFORMED = {
    "no Host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "two Hosts that differ": b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: b\r\n\r\n",
    "an empty Host": b"GET /health/live HTTP/1.1\r\nHost:\r\n\r\n",
    "a Host with a path": b"GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a Host with a user": b"GET /health/live HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "two lengths that differ": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "two lengths that agree": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length: -5\r\n\r\nhello",
    "a hexadecimal length": b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length: 0x5\r\n\r\nhello",
    "an empty length": b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length:\r\n\r\n",
    "length and chunks": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two transfer encodings": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip and chunks": b"POST /login HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity": b"POST /login HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: identity\r\n\r\n",
    "chunked with a tab": b"POST /login HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding:\tchunked\x0b\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"POST /login HTTP/1.0\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"GET /health/live HTTP/1.1\r\n" + HEAD + b"X: a\r\n b\r\n\r\n",
    "a folded line with a tab": b"GET /health/live HTTP/1.1\r\n" + HEAD + b"X: a\r\n\tb\r\n\r\n",
    "a folded first line": b"GET /health/live HTTP/1.1\r\n X: a\r\n" + HEAD + b"\r\n",
    "bare line feeds": b"GET /health/live HTTP/1.1\nHost: a\n\n",
    "one bare line feed": b"GET /health/live HTTP/1.1\r\nX: y\n" + HEAD + b"\r\n",
    "a bare line feed at the end": b"GET /health/live HTTP/1.1\r\n" + HEAD + b"\n",
    "a bare carriage return": b"GET /health/live HTTP/1.1\r\nX: y\rz: w\r\n" + HEAD + b"\r\n",
    "a space before the colon": b"GET /health/live HTTP/1.1\r\nX : y\r\n" + HEAD + b"\r\n",
    "a space in a name": b"GET /health/live HTTP/1.1\r\nX Y: z\r\n" + HEAD + b"\r\n",
    "no name": b"GET /health/live HTTP/1.1\r\n: y\r\n" + HEAD + b"\r\n",
    "no colon": b"GET /health/live HTTP/1.1\r\nXY\r\n" + HEAD + b"\r\n",
    "a control byte in a value": b"GET /health/live HTTP/1.1\r\nX: a\x01b\r\n" + HEAD + b"\r\n",
    "a null byte in a value": b"GET /health/live HTTP/1.1\r\nX: a\x00b\r\n" + HEAD + b"\r\n",
    "a null byte in a name": b"GET /health/live HTTP/1.1\r\nX\x00: a\r\n" + HEAD + b"\r\n",
    "a null byte in the target": b"GET /health\x00/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an escaped null in the path": b"GET /health%00/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an escaped null in the query": b"GET /verify?token=a%00b HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a target without a slash": b"GET health/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an absolute target without a host": b"GET http:///health/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an absolute target with a user": b"GET http://u@127.0.0.1/health/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a star": b"GET * HTTP/1.1\r\n" + HEAD + b"\r\n",
    "CONNECT": b"CONNECT example.com:443 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a byte over 127 in the target": b"GET /h\xc3\xa9 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a second space in the request line": b"GET  /health/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a space in the target": b"GET /health/live x HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a method that is no token": b"G{T /health/live HTTP/1.1\r\n" + HEAD + b"\r\n",
    "HTTP/2": b"GET /health/live HTTP/2.0\r\n" + HEAD + b"\r\n",
    "HTTP/1.2": b"GET /health/live HTTP/1.2\r\n" + HEAD + b"\r\n",
    "a version in lower case": b"GET /health/live http/1.1\r\n" + HEAD + b"\r\n",
    "no version": b"GET /health/live\r\n" + HEAD + b"\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "a bad chunk size": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a chunk size beyond all": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "a negative chunk size": b"POST /login HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "a head that is too large": b"GET /health/live HTTP/1.1\r\n" + HEAD + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
    "a target that is too long": b"GET /" + b"y" * 60_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "too many headers": b"GET /health/live HTTP/1.1\r\n" + HEAD + b"X: y\r\n" * 10_000 + b"\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_and_its_connection_closed(server, name):
    with raw.Connection(server) as connection:
        try:
            connection.send(MALFORMED[name] + raw.get("/smuggled"))
            answer = connection.read()
            assert answer.status in (400, 413, 414, 431, 505)
        except (raw.Closed, BrokenPipeError, ConnectionResetError):
            pass
        # What came behind it is never taken for a second request, which would be answered by 404. (For lengths it
        # cannot read libmicrohttpd 0.9.75 writes the head of its answer twice, so there may be a rest.)
        assert b" 404 " not in connection.read_rest()
    assert raw.exchange(server, raw.get()).status == 200


STRICT = [
    "no Host",
    "two Hosts",
    "two lengths that differ",
    "length and chunks",
    "a folded line",
    "bare line feeds",
    "a space in a name",
    "an escaped null in the path",
]


@pytest.mark.parametrize("name", STRICT)
def test_what_the_library_would_take_is_refused_by_our_own_document(server, name):
    answer = raw.exchange(server, MALFORMED[name])
    assert (answer.status, answer.code) == (400, "bad_request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"


def test_an_escaped_slash_stays_in_its_segment(server):
    assert raw.exchange(server, raw.get("/dev%2Fmailbox")).status == 404
    assert raw.exchange(server, raw.get("/dev/mailbox%2Fhtml")).status == 404
    assert raw.exchange(server, raw.get("/health%2Flive")).status == 404


WELL_FORMED = {
    "lower-case names": b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n",
    "no space behind the colon": b"GET /health/live HTTP/1.1\r\nHost:a\r\n\r\n",
    "white space around a value": b"GET /health/live HTTP/1.1\r\nHost: \t a \t\r\n\r\n",
    "an empty value": b"GET /health/live HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n",
    "Latin-1 in a value": b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n",
    "a query": b"GET /health/live?a=b&c HTTP/1.1\r\nHost: a\r\n\r\n",
    "an empty query": b"GET /health/live? HTTP/1.1\r\nHost: a\r\n\r\n",
    "an empty line before it": b"\r\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/1.0 without a Host": b"GET /health/live HTTP/1.0\r\n\r\n",
    "a length of nothing": b"GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "a body with GET": b"GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "chunks with GET": b"GET /health/live HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"5\r\nhello\r\n0\r\n\r\n",
    "an absolute target": b"GET http://127.0.0.1/health/live HTTP/1.1\r\nHost: a\r\n\r\n",
    "an absolute target with a query": b"GET HTTP://b:80/health/live?a HTTP/1.1\r\nHost: a\r\n\r\n",
    "50 headers": b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50 + b"\r\n",
}


@pytest.mark.parametrize("name", WELL_FORMED)
def test_a_well_formed_request_of_any_look_is_answered(server, name):
    assert raw.exchange(server, WELL_FORMED[name]).status == 200


def test_the_server_as_a_whole_says_which_methods_it_has(server):
    answer = raw.exchange(server, b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.status == 204 and "GET" in answer.headers["allow"].split(", ")


@pytest.mark.parametrize(
    "chunks",
    [
        b"2\r\n{}\r\n0\r\n\r\n",
        b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"2;ext=1\r\n{}\r\n0\r\n\r\n",
        b"02\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    ],
)
def test_a_body_in_chunks_is_put_together(server, chunks):
    head = b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = raw.exchange(server, head + chunks)
    assert (answer.status, answer.code) == (422, "validation_failed")


def test_expect_continue_is_answered_before_the_body(server):
    with raw.Connection(server) as connection:
        connection.send(
            b"POST /login HTTP/1.1\r\n"
            + HEAD
            + b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.read().status == 100
        assert connection.send(b"{}").read().code == "validation_failed"


def test_expect_continue_of_what_is_too_large_is_refused_at_once(server):
    answer = raw.exchange(
        server, b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n"
    )
    assert answer.status == 413


def test_a_request_may_come_byte_by_byte(server):
    with raw.Connection(server) as connection:
        for byte in raw.post("/login", LOGIN):
            connection.send(bytes([byte]))
        assert connection.read().code == "invalid_credentials"


def test_pipelined_requests_are_answered_in_order(server):
    with raw.Connection(server) as connection:
        register = raw.post("/register", {"email": fresh_email(), "password": PASSWORD})
        requests = []
        for _ in range(20):
            log_in = raw.post("/login", LOGIN | {"email": fresh_email()})
            requests += [raw.get(), log_in, raw.get("/nothing"), raw.post("/login", {}), raw.get("/me"), register]
        # 20 registrations of the same address but the first are refused.
        connection.send(b"".join(requests))
        statuses = [connection.read().status for _ in requests]
    assert statuses[:6] == [200, 401, 404, 422, 401, 201]
    assert statuses[6:] == [200, 401, 404, 422, 401, 409] * 19


def test_whatever_number_of_connections_speaks_at_once_each_is_answered(start):
    """libmicrohttpd up to 1.0.1 waits without end for the next event where epoll gave it exactly 128."""
    server = start()
    with contextlib.ExitStack() as stack:
        connections = []
        # One after the other: each goes to the worker that has the fewest.
        for _ in range(128 * os.cpu_count()):
            connections.append(stack.enter_context(raw.Connection(server, patience=30)))
            assert connections[-1].send(raw.get()).read().status == 200
        for _ in range(3):
            # What comes meanwhile is seen together afterwards.
            os.kill(server.pid, signal.SIGSTOP)
            for connection in connections:
                connection.send(raw.get())
            os.kill(server.pid, signal.SIGCONT)
            assert {connection.read().status for connection in connections} == {200}


def test_a_connection_serves_many_requests_and_closes_when_asked(server):
    with raw.Connection(server) as connection:
        for _ in range(100):
            assert connection.send(raw.get()).read().status == 200
        assert connection.send(raw.get(headers="Connection: close\r\n")).read().headers["connection"] == "close"
        assert connection.is_closed


def test_a_client_that_has_sent_everything_still_reads_its_answer(server):
    with raw.Connection(server) as connection:
        connection.send(raw.post("/login", LOGIN))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.read().code == "invalid_credentials"


def test_500_idle_connections_keep_nobody_out_and_are_closed(start):
    server = start()
    with nothing_is_kept(server):
        idle = [raw.Connection(server) for _ in range(500)]
        assert server.client().get("/health/live").status_code == 200
        used = idle[:50]
        for connection in used:
            assert connection.send(raw.get()).read().status == 200
        # Those that said nothing are closed at the deadline for a head; that is waited for, not measured.
        silent = idle[50:]
        for connection in silent:
            assert connection.is_closed
        for connection in used:
            assert connection.send(raw.get()).read().status == 200
        for connection in idle:
            connection.close()


def test_clients_that_trickle_or_stop_halfway_are_cut_off(start):
    server = start()
    stop = threading.Event()

    def trickle(connection, first, byte):
        """A byte every tenth of a second, so that it is never idle; the end of the sending is what is waited for."""
        with contextlib.suppress(OSError):
            connection.send(first)
            while not stop.wait(0.1):
                connection.send(byte)
        return connection

    body_head = b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    chunk_head = (
        b"POST /login HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with nothing_is_kept(server):
        half_open = [raw.Connection(server, patience=100) for _ in range(10)]
        halves = [
            b"G",
            b"GET /",
            b"GET /health/live HTTP/1.1\r\n",
            b"GET /health/live HTTP/1.1\r\nHost: a\r\n",
            body_head + b"{",
        ]
        for connection, half in zip(half_open, halves * 2):
            connection.send(half)
        trickling = [raw.Connection(server, patience=100) for _ in range(3)]
        shapes = [
            (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: ", b"y"),
            (body_head, b" "),
            (chunk_head, b"1\r\n \r\n"),
        ]
        threads = [
            threading.Thread(target=trickle, args=(connection, *shape)) for connection, shape in zip(trickling, shapes)
        ]
        # Asks for far more than fits on the way and takes none of it.
        deaf = raw.Connection(server)
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.socket.settimeout(1)
        with contextlib.suppress(OSError):
            deaf.send(raw.get("/openapi.json") * 2_000)
        for thread in threads:
            thread.start()
        assert server.client().get("/health/live").status_code == 200
        for thread in threads:
            thread.join(100)
            assert not thread.is_alive()
        for connection in half_open:
            with contextlib.suppress(raw.Closed):
                connection.read()
            assert connection.is_closed
        for connection in trickling + half_open:
            connection.close()
        # Still open here: the descriptors of the server show that it has let go of the deaf one.
        stop.set()
        eventually(
            lambda: f":{deaf.socket.getsockname()[1]:04X}" not in established(server), "the deaf client to be cut off"
        )
        deaf.close()


def established(server):
    """The remote ports of the server's open connections, as the kernel lists them."""
    ports = []
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            _, local, remote, state, *_ = line.split()
            if local.endswith(f":{server.port:04X}") and state == "01":
                ports.append(":" + remote.split(":")[1])
    return ports


def test_aborts_in_mid_head_and_mid_body_leave_nothing_behind(start):
    server = start()
    request = raw.post("/login", LOGIN | {"padding": "x" * 50_000})
    with nothing_is_kept(server):
        for number in range(300):
            connection = raw.Connection(server)
            connection.send(request[: 1 + number * len(request) // 300])
            connection.reset() if number % 2 else connection.close()


def test_aborts_before_the_answer_is_read_leave_nothing_behind(start):
    server = start()
    with nothing_is_kept(server):
        for number in range(300):
            connection = raw.Connection(server).send(raw.get("/openapi.json") * 5)
            connection.reset() if number % 2 else connection.close()


def test_aborts_while_a_handler_is_suspended_leave_nothing_behind(start):
    # A hash that takes long enough for every client to be gone before it is done.
    server = start(ARGON2_MEMORY="32MiB", ARGON2_ITERATIONS="4", ARGON2_CONCURRENCY="1")
    with nothing_is_kept(server, memory_growth=96 << 20):
        for number in range(60):
            connection = raw.Connection(server)
            connection.send(raw.post("/register", {"email": fresh_email(), "password": PASSWORD}))
            if number % 3 == 0:
                connection.send(raw.get())
            connection.reset() if number % 2 else connection.close()
        email = fresh_email()
        assert server.client().register(email).status_code == 201
        assert server.client().wait_for_mail(email)
    assert server.stop() == 0


def test_a_full_queue_of_hashes_is_503_and_comes_back(start):
    server = start(ARGON2_MEMORY="16MiB", ARGON2_ITERATIONS="4", ARGON2_CONCURRENCY="1")
    # More than the queue takes, and fewer than what locks their network.
    connections = [raw.Connection(server) for _ in range(95)]
    for connection in connections:
        connection.send(raw.post("/login", LOGIN | {"email": fresh_email()}))
    answers = [connection.read() for connection in connections]
    assert {(answer.status, answer.code) for answer in answers} == {(401, "invalid_credentials"), (503, "unavailable")}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status == 503)
    for connection in connections:
        assert connection.send(raw.get()).read().status == 200
        connection.close()
    again = raw.post("/login", LOGIN | {"email": fresh_email()})
    assert raw.exchange(server, again).code == "invalid_credentials"


def test_noise_does_not_hurt(server):
    noise = [b"\x00" * 1_000, b"\xff" * 1_000, b"\r\n" * 1_000, b" " * 1_000, b"GET " * 1_000, bytes(range(256)) * 100]
    for data in noise:
        with raw.Connection(server) as connection, contextlib.suppress(OSError, raw.Closed):
            connection.send(data)
            connection.socket.shutdown(socket.SHUT_WR)
            connection.read()
    assert raw.exchange(server, raw.get()).status == 200


def test_a_flood_of_short_connections_is_served(start):
    server = start()
    with nothing_is_kept(server):
        for _ in range(2_000):
            assert raw.exchange(server, raw.get(headers="Connection: close\r\n")).status == 200
