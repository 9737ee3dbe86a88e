#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The server of /metrics: formats, what it refuses, garbage, slow clients, many clients, clients that go while they wait."""
import concurrent.futures
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import openmetrics  # noqa: E402

top = os.path.dirname(os.path.dirname(here))
SERVE = os.path.join(top, os.environ.get("TM_BUILD", "build"), "tests", "metrics-serve")
OPEN = "Accept: application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5\r\n"
count = failed = 0


def ok(good, text, detail=""):
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)
    if not good:
        failed += 1
        print("# " + str(detail)[:1000].replace("\n", "\n# "), flush=True)


class Server:
    """metrics-serve on a unix socket."""

    def __init__(self, *arguments):
        self.path = os.path.join(tmp, "socket")
        self.process = subprocess.Popen([SERVE, "unix:" + self.path, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"serves\n":
            raise SystemExit("Bail out! metrics-serve does not start")

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(20)
        s.connect(self.path)
        return s

    def talk(self, data):
        """The answer to some bytes, until the server closes."""
        with self.connect() as s:
            answer = b""
            try:
                s.sendall(data)
                while part := s.recv(65536):
                    answer += part
            except (ConnectionResetError, BrokenPipeError):
                pass
            return answer

    def get(self, more="", method="GET", path="/metrics"):
        """(status, header in lower case, body)"""
        answer = self.talk(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        return int(status[0]) if status else 0, head.decode("latin-1").lower(), body

    def works(self):
        before = time.monotonic()
        status, _, body = self.get(OPEN)
        return status == 200 and bool(openmetrics.read(body)) and time.monotonic() - before < 2

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(20)


def formats(s):
    status, head, body = s.get(OPEN)
    samples = openmetrics.read(body)
    ok(status == 200 and "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n" in head + "\r\n",
       "OpenMetrics for those who accept it", head)
    key = ("tcpmss_hook_packets_total",
           frozenset({("hook", "hook2"), ("device", 'dev"2\\'), ("direction", "in"), ("family", "ipv4")}))
    ok(samples.get(key) == 2, "a counter, with a label that has to be escaped", list(samples)[:5])
    ok(f"content-length: {len(body)}" in head and "connection: close" in head, "length; the connection closes", head)
    status, head, body = s.get()
    ok(status == 200 and "content-type: text/plain; version=0.0.4; charset=utf-8" in head and b"# EOF" not in body,
       "the older format for all others", head)
    if shutil.which("promtool"):
        run = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True)
        ok(run.returncode == 0 and not run.stderr, "promtool check metrics: no complaint", run.stderr.decode())
    else:
        ok(True, "promtool check metrics # SKIP promtool is not there (Debian: prometheus)")
    status, head, body = s.get(OPEN, method="HEAD")
    ok(status == 200 and not body and "content-length" in head, "HEAD: the header alone", head)
    ok(s.get(path="/metrics?x=1")[0] == 200, "a query does not matter")


def refusals(s):
    for path in ("/", "/metrics/", "/metrics2", "/../metrics", "/%00", "/" + "a" * 3000):
        ok(s.get(path=path)[0] == 404, f"404 for {path[:20]}")
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"):
        status, head, _ = s.get(method=method)
        ok(status == 405 and "allow: get, head" in head, f"405 for {method}", head)
    status, _, _ = s.get("Content-Length: 1000000\r\n", method="POST")
    ok(status == 405, "405 for POST, before its body")
    ok(s.get("X: " + "y" * 100000 + "\r\n")[0] in (0, 413, 431), "a header that is too long is refused")
    ok(s.works(), "and all is well afterwards")


def garbage(s):
    choose = random.Random(1)
    pieces = [b"GET ", b"/metrics", b" HTTP/1.1\r\n", b"\r\n", b"Host: a\r\n", b"Content-Length: -1\r\n", b"\0", b"\xff\xfe",
              b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n", b"Accept: " + b"a" * 999, b":", b" ", b"HTTP/9.9"]

    def send(i):
        with s.connect() as c:
            try:
                c.sendall(requests[i])
                c.shutdown(socket.SHUT_WR)
                while c.recv(65536):
                    pass
            except OSError:
                pass

    requests = [b"".join(choose.choice(pieces) for _ in range(choose.randrange(1, 20))) if i % 4 else
                choose.randbytes(choose.randrange(1, 2000)) for i in range(200)]
    # For the rest of a request that is not whole the server waits some seconds.
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(send, range(200)))
    ok(s.process.poll() is None and s.works(), "200 requests of garbage")


def slow(s):
    """Clients that send a byte now and then, more than the server keeps open."""
    idle = [s.connect() for _ in range(60)]
    for c in idle:
        try:
            c.sendall(b"GET /metrics HTTP/1.1\r\nX-")
        except OSError:
            pass
    ok(s.works(), "60 slow clients: one that is quick is served at once")
    end = time.monotonic() + 8
    alive = idle
    while alive and time.monotonic() < end:
        time.sleep(0.5)
        still = []
        for c in alive:
            try:
                c.sendall(b"a")
                still.append(c)
            except OSError:
                c.close()
        alive = still
    ok(not alive, "all of them are gone within some seconds, though they never fall silent", len(alive))
    for c in alive:
        c.close()
    ok(s.works(), "a quick one again")


def deaf(s):
    """Clients that ask for much and read none of it."""
    waiting = [s.connect() for _ in range(40)]
    for c in waiting:
        try:
            c.sendall(f"GET /metrics HTTP/1.1\r\nHost: a\r\n{OPEN}\r\n".encode())
        except OSError:
            pass  # the oldest are cut where there are too many
    ok(s.get(OPEN)[0] == 200, "40 clients that do not read: one that does is served")
    for c in waiting:
        c.close()


def many(s):
    answers = []

    def one():
        answers.append(s.works())

    for _ in range(3):
        threads = [threading.Thread(target=one) for _ in range(30)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    ok(answers == [True] * 90, "30 at once, three times: all are served", answers.count(True))


def hundred(s):
    """Beyond what is kept open: the oldest go, nobody waits."""
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(s.get(OPEN)[0])) for _ in range(100)]
    before = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ok(set(answers) <= {0, 200} and answers.count(200) >= 16 and time.monotonic() - before < 10,
       "100 at once: each is served or cut, none hangs", answers)
    ok(s.works(), "and the next one is served")


def leavers(s):
    for _ in range(50):
        c = s.connect()
        c.sendall(f"GET /metrics HTTP/1.1\r\nHost: a\r\n{OPEN}\r\n".encode())
        c.close()
    ok(s.works(), "clients that leave while they wait for the answer")


tmp = tempfile.mkdtemp(prefix=f"tm-{os.getpid()}-")
try:
    if not os.access(SERVE, os.X_OK):
        print(f"1..0 # SKIP {SERVE} is not built")
        sys.exit(0)
    server = Server("3")
    formats(server)
    refusals(server)
    garbage(server)
    slow(server)
    many(server)
    ok(server.stop() == 0, "it ends, and all that it had is closed")
    server = Server("100", "300")
    leavers(server)
    hundred(server)
    waiting = server.connect()
    waiting.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.05)
    ok(server.stop() == 0, "it ends while somebody waits")
    waiting.close()
    server = Server("500")
    deaf(server)
    ok(server.stop() == 0, "it ends")
    server = Server("0")
    ok(server.get()[0] == 503, "503 where there is no answer")
    ok(server.stop() == 0, "it ends")
finally:
    shutil.rmtree(tmp)
print(f"1..{count}")
sys.exit(1 if failed else 0)
