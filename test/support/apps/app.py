"""The app that the tests run under real gunicorn. The path chooses what it does; every request that carries
?key= is written down in the file COUNTS before anything else happens, so that one executed twice is seen, and
gates (GATE, a Unix socket) let a test order what happens without sleeping.
"""
import hashlib
import json
import os
import resource
import signal
import socket
import time
from urllib.parse import parse_qs

PATTERN = bytes(range(256)) * 256
counts = os.open(os.environ["COUNTS"], os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)


def gate(key):
    """Says that this worker stands at the gate, and waits there until the test lets it go."""
    with socket.socket(socket.AF_UNIX) as to:
        to.connect(os.environ["GATE"])
        to.sendall(b"%d %s\n" % (os.getpid(), key.encode()))
        while to.recv(64):
            pass


def executions(key):
    with open(os.environ["COUNTS"], "rb") as file:
        return file.read().split(b"\n").count(key.encode())


def pieces(size):
    while size > 0:
        yield PATTERN[:size]
        size -= min(size, len(PATTERN))


def app(environ, start_response):
    path = environ["PATH_INFO"]
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    key = query.get("key", "")
    if key:
        os.write(counts, key.encode() + b"\n")

    def answer(body, status="200 OK", kind="text/plain", fields=()):
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *fields])
        return [body]

    if path == "/pid":
        return answer(str(os.getpid()).encode())
    if path == "/echo":
        return echo(environ, answer)
    if path == "/count":
        return answer(str(executions(key)).encode())
    if path == "/sleep":
        time.sleep(int(query["ms"]) / 1000)
        return answer(b"slept")
    if path == "/hold":
        gate(key)
        return answer(b"held " + key.encode())
    if path == "/hang":
        gate("hang " + key)
        while True:
            time.sleep(60)
    if path == "/deaf":
        # As a worker inside C code is: it hears no signal but SIGKILL.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGABRT])
        while True:
            time.sleep(60)
    if path == "/raise-mid":
        return raise_mid(query, start_response)
    if path == "/greedy":
        return greedy(int(query["mb"]), "limited" in query, answer)
    if path == "/die":
        # times: how many executions die; those after them answer.
        if executions(key) <= int(query.get("times", "1")):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(b"alive")
    if path == "/die-mid":
        return die_mid(query, start_response)
    if path == "/large":
        size = int(query["bytes"])
        fields = [("Content-Type", "application/octet-stream")]
        if "chunked" not in query:
            fields.append(("Content-Length", str(size)))
        start_response("200 OK", fields)
        return pieces(size)
    if path == "/stream":
        return stream(query, start_response)
    if path == "/late":
        return late(key, start_response)
    if path == "/early":
        return answer(b"early", fields=[("X-Early", "yes")])
    if path == "/timing":
        return answer(b"timed", fields=[("Server-Timing", "db;dur=53")])
    if path == "/status":
        status = query["code"] + " Told"
        if query["code"] in ("204", "304"):
            start_response(status, [])
            return []
        return answer(b"told", status=status)
    if path in ("/healthz", "/up"):
        return answer(b"healthy")
    return answer(b"hello\n")


def echo(environ, answer):
    digest, length = hashlib.sha256(), 0
    while piece := environ["wsgi.input"].read(65536):
        digest.update(piece)
        length += len(piece)
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    told = {"environ": seen, "sha256": digest.hexdigest(), "length": length, "pid": os.getpid()}
    return answer(json.dumps(told).encode(), kind="application/json")


def die_mid(query, start_response):
    fields = [("Content-Type", "text/plain")]
    if "chunked" not in query:
        fields.append(("Content-Length", query["length"]))
    start_response("200 OK", fields)
    yield b"x" * int(query["sent"])
    os.kill(os.getpid(), signal.SIGKILL)


def raise_mid(query, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"x" * int(query["sent"])
    raise RuntimeError("in the middle of the answer")


def greedy(megabytes, limited, answer):
    """Takes memory and uses it; where it is limited, Python says MemoryError before the kernel says anything."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if limited:
        resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, before[1]))
    try:
        return answer(str(len(b"m" * (megabytes * 2**20))).encode())
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def stream(query, start_response):
    """Events with a gate before each but the first: an event that arrives while the worker stands at a gate was not kept back."""
    fields = [("Content-Type", query.get("type", "text/event-stream"))]
    if "accel" in query:
        fields.append(("X-Accel-Buffering", query["accel"]))
    start_response("200 OK", fields)
    for number in range(int(query.get("events", "3"))):
        if number:
            gate("%s %d" % (query["key"], number))
        yield b"data: %d\n\n" % number


def late(key, start_response):
    """Goes on working after its last byte, as apps with clean-up do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    yield b"done"
    gate("late " + key)
