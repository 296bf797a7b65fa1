"""The app behind the goodput scenarios: every request blocks its worker for WORK seconds, as real ones do.

/work        reads the body, blocks, answers "ok <bytes read>"
/work?id=X   also appends X to the file EXECUTIONS as the work begins: one line is one execution
/big?size=N  blocks, then answers N bytes
/socket      a WebSocket as far as a sync worker can have one: sends back what comes until its peer closes
"""
import base64
import hashlib
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


def socket(environ, start_response):
    connection = environ["gunicorn.socket"]
    key = environ["HTTP_SEC_WEBSOCKET_KEY"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    while data := connection.recv(65536):
        connection.sendall(data)
    # What gunicorn would answer now has nowhere to go.
    start_response("200 OK", [])
    return []


def app(environ, start_response):
    if environ["PATH_INFO"] == "/socket":
        return socket(environ, start_response)
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
