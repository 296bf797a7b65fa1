"""The app under the companion's tests, for WSGI and for ASGI: the path chooses how it misbehaves."""
import asyncio
import os
import re
import signal
import sqlite3
import time


def forever_in_c():
    """A query without an end: as in any database driver, a signal's Python handler cannot run meanwhile."""
    endless = "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count) SELECT max(n) FROM count"
    sqlite3.connect(":memory:").execute(endless).fetchall()


def wait_for_the_report():
    time.sleep(600)


def forever_with_the_lock():
    """As above, and no other thread can run either."""
    re.match("(a+)+$", "a" * 60 + "b")


def misbehave(path):
    if path.startswith("/hang"):
        os.write(1, b"entered %s\n" % path.encode())
        wait_for_the_report()
    if path == "/pattern":
        forever_with_the_lock()
    if path == "/terminated":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
    if path == "/quit":
        os.kill(os.getpid(), signal.SIGQUIT)
    if path == "/stop-master":
        os.kill(os.getppid(), signal.SIGTERM)
        wait_for_the_report()
    if path == "/query":
        forever_in_c()
    if path == "/killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if path == "/crash":
        os.kill(os.getpid(), signal.SIGSEGV)


def wsgi(environ, start_response):
    path = environ["PATH_INFO"]
    misbehave(path)
    if path == "/body":
        environ["wsgi.input"].read()
    if path == "/large":
        start_response("200 OK", [("Content-Length", str(64 << 20))])
        return [b"x" * (1 << 20)] * 64
    status = "503 Unwell" if path == "/health" else "200 OK"
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/wait":
        os.write(1, b"entered /wait\n")
        await asyncio.sleep(600)
    misbehave(scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
