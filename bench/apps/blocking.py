"""The app behind the goodput scenarios: every request blocks its worker for WORK seconds, as real ones do.

/work        reads the body, blocks, answers "ok <bytes read>"
/work?id=X   also appends X to the file EXECUTIONS as the work begins: one line is one execution
/big?size=N  blocks, then answers N bytes
"""
import os
import time
from urllib.parse import parse_qs

WORK = float(os.environ.get("WORK", "0.05"))
PIECE = b"x" * 65536
executions = os.open(os.environ["EXECUTIONS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def pieces(size):
    while size > 0:
        yield PIECE if size >= len(PIECE) else PIECE[:size]
        size -= len(PIECE)


def app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    got = 0
    while got < length:
        piece = environ["wsgi.input"].read(min(65536, length - got))
        if not piece:
            break
        got += len(piece)
    if "id" in query:
        os.write(executions, (query["id"][0] + "\n").encode())
    time.sleep(WORK)
    if environ["PATH_INFO"] == "/big":
        size = int(query["size"][0])
        start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(size))])
        return pieces(size)
    body = b"ok %d\n" % got
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
