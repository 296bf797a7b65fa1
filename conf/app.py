"""A small app for the examples in this folder."""
import time

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
# One proxy, the shield, stands in front: it alone writes the X-Forwarded fields, so one value of each is right.
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
