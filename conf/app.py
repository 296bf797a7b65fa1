"""A small app for the examples in this folder."""
import time

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
# For clients that come straight to the shield. Behind an edge that it trusts (Cloudflare), x_for=2: the shield adds
# the edge's address to X-Forwarded-For. Of the other fields it always writes one value.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1)


@app.get("/")
def index():
    return f"Hello {request.remote_addr}, you asked for {request.url}\n"


@app.get("/slow")
def slow():
    time.sleep(2)
    return "That took two seconds of a worker.\n"


@app.post("/upload")
def upload():
    return f"{len(request.get_data())} bytes\n"


@app.get("/health")
def health():
    return "healthy\n"
