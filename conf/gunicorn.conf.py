"""gunicorn behind shieldproxy: settings with their reasons, and plain words when a worker ends.

    gunicorn -c gunicorn.conf.py app:app        # as it is

Or beside a gunicorn.conf.py of your own: copy this file there as companion.py, and begin and end yours with

    from companion import *         # what you set below wins
    chain(globals())                # the last line: your hooks and these, both

The command line and $GUNICORN_CMD_ARGS win over both. For gunicorn 20.1 to 26 and Python 3.9 or later, with sync,
gthread and uvicorn workers; docs/companion.md says what each can tell, docs/signals.md what the lines ask of you.
"""
import contextlib
import faulthandler
import functools
import inspect
import json
import logging
import mmap
import os
import re
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
import traceback

from gunicorn.config import KNOWN_SETTINGS


def from_environment(name, default, least):
    """A whole number from the environment. A wrong one ends the start, as a guess would be found out too late."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < least:
        sys.exit(f"${name} is {text!r}: it must be a whole number, {least} or more")
    return int(text)


# --- Settings ---------------------------------------------------------------------------------------------------

# Only the shield is to reach this port: whoever comes past it can hold workers again. In a container of its own,
# where loopback cannot be reached: --bind 0.0.0.0:8000.
bind = f"127.0.0.1:{from_environment('PORT', 8000, 1)}"

# The shield reads the same variable, so that it has as many slots as there are workers.
workers = from_environment("WEB_CONCURRENCY", 4, 1)

# Seconds for one request (sync), after which the worker is killed; the shield reads the same variable. Longer than
# the slowest request that you want answered, shorter than the edge waits (Cloudflare: 100 s). 0 is no limit.
timeout = from_environment("GUNICORN_TIMEOUT", 30, 0)

# Seconds for requests under way when gunicorn stops; then SIGKILL. As long as a request may take, so that none is cut
# which is within its time. Let the platform wait longer than that: Docker kills after 10 s, Kubernetes and Heroku
# after 30 s, and what is cut then is named nowhere. Behind the shield, which drains first, hardly any are left.
graceful_timeout = timeout or 30

# Each worker loads the app itself. Loaded once in the master, its connections to databases and its threads would be
# shared by fork, which breaks them; HUP would not load new code; and a load that hangs would hang the master.
preload_app = False

# keepalive is left alone. sync ignores it: one request a connection, always. gthread and uvicorn wait that long for
# a further request on an open connection; the shield sends one request a connection and closes, so nothing waits.
# The old workaround `--keep-alive 0` made gthread answer with `Connection: close`, so that an idle edge connection
# did not stay with the worker (it never changed anything for sync). Behind the shield it may go; in gunicorn 26 it
# does harm, as gthread drops at once a connection that has sent nothing for 5 s.

# The workers' sign of life is a file that each touches. On a disk, a slow write would look like a hung worker.
if os.access("/dev/shm", os.W_OK | os.X_OK):
    worker_tmp_dir = "/dev/shm"

# Seconds from a worker's fork to a loaded app, and for one operation `with starting("..."):`; 0 is no limit.
STARTUP_LIMIT = from_environment("GUNICORN_STARTUP_TIMEOUT", 20, 0)
OPERATION_LIMIT = 5

# Answered health checks are no line in the access log; failed ones are.
HEALTH_CHECKS = set(
    re.split(
        r"[\s,]+",
        os.environ.get("SHIELDPROXY_HEALTHCHECK_PATH", "").strip() or "/healthcheck /healthz /health /up",
    )
)

# GUNICORN_ACCESS_LOG=off where the shield's own line for each request is enough.
ACCESS_LOG = os.environ.get("GUNICORN_ACCESS_LOG", "on") != "off"

# Lines of JSON for machines, plain ones on a terminal; GUNICORN_LOG_FORMAT=json or text decides otherwise.
LOG_FORMAT = os.environ.get("GUNICORN_LOG_FORMAT") or ("text" if sys.stdout.isatty() else "json")


def private_folder(path):
    """Makes or takes a folder that is ours alone. In /tmp anybody may have made one of that name before us."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.lstat(path)
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return path if ours and os.access(path, os.W_OK | os.X_OK) else None


def control_folder():
    """Where gunicorn's control socket can be, or None. Its own choices come first: a container's user often has
    neither a runtime folder nor a home that it can write to, and each start would log an error."""
    runtime, home = os.environ.get("XDG_RUNTIME_DIR", ""), os.path.expanduser("~")
    if os.path.isdir(runtime):
        if os.access(runtime, os.W_OK | os.X_OK):
            return runtime
    else:
        own = os.path.join(home, ".gunicorn")
        if os.access(own if os.path.isdir(own) else home, os.W_OK | os.X_OK):
            return own
    for folder in dict.fromkeys([os.environ.get("TMPDIR", "/tmp"), "/tmp", "/dev/shm"]):
        found = private_folder(os.path.join(folder, f"gunicorn-{os.geteuid()}"))
        if found is not None:
            return found
    return None


# gunicorn 25.1 and later has a control socket, for `gunicornc`.
if any(setting.name == "control_socket" for setting in KNOWN_SETTINGS):
    _folder = control_folder()
    if _folder is None:
        control_socket_disable = True
    else:
        control_socket = os.path.join(_folder, "gunicorn.ctl")

# --- Log --------------------------------------------------------------------------------------------------------
# What is less than a warning goes to standard output, the rest to standard error, since many platforms take
# everything on standard error for an error.

SIGNALS_PAGE = "docs/signals.md"
LEVELS = {"WARNING": "warn", "CRITICAL": "fatal"}
LONGEST = 2048
timed_out, stopped_by = {}, {}  # by pid, in the master; what its lines said of a worker


def clip(text, length=LONGEST):
    text = str(text)
    return text if len(text) <= length else text[: length - 1] + "…"


def meaning_of(line):
    """What one of gunicorn's lines about workers means, and the level that it deserves (None: as it is)."""
    found = re.search(r"WORKER TIMEOUT \(pid:\s?(\d+)\)", line)
    if found:
        remember(timed_out, found[1], True)
        return None, "it gave no sign of life for --timeout seconds, and gets SIGABRT; see #sigabrt"
    # 21 and later, and 20.
    found = re.search(r"Worker \(pid:(\d+)\) was sent (SIG\w+)|pid (\d+) was terminated due to signal (\d+)", line)
    if not found:
        return None, None
    pid, name = found[1] or found[3], found[2]
    if name is None:
        with contextlib.suppress(ValueError):
            name = signal.Signals(int(found[4])).name
    remember(stopped_by, pid, name)
    if name == "SIGTERM":
        return logging.INFO, "an ordinary stop, as at a deploy, a reload or a shutdown; see #sigterm"
    if name == "SIGKILL" and pid in timed_out:
        return None, "by gunicorn itself, as SIGABRT did not end it; memory is not the reason; see #sigkill"
    if name == "SIGKILL":
        return None, "the kernel, short of memory; or somebody's kill -9; or graceful_timeout passed; see #sigkill"
    if name == "SIGABRT":
        return None, "it was killed at its timeout, or the app called abort(); see #sigabrt"
    return None, "the worker crashed, most likely in a C extension; see #crashes"


def remember(where, pid, what):
    if len(where) > 1000:
        where.clear()
    where[pid] = what


def path_of(target):
    """The path as it was sent, so that it holds no spaces to forge words with; without the query, which may hold
    tokens."""
    return target.partition("?")[0]


class Explained(logging.Filter):
    """Puts plain words beside gunicorn's own lines about workers, whose text is kept."""

    def filter(self, record):
        level, meaning = meaning_of(record.getMessage())
        if level is not None:
            record.levelno, record.levelname = level, logging.getLevelName(level)
        if meaning is not None:
            record.meaning = meaning.replace("see #", f"see {SIGNALS_PAGE}#")
        return True


class BelowWarning(logging.Filter):
    def filter(self, record):
        return record.levelno < logging.WARNING


def access_fields(record):
    """Method, path, status and more of an access line: gunicorn's own, or uvicorn's. None for any other line."""
    atoms = record.args
    if record.name == "gunicorn.access" and isinstance(atoms, dict):
        return {
            "method": atoms["m"],
            "url": clip(path_of(str(atoms["r"]).split(" ")[1])),
            "status_code": int(atoms["s"]) if str(atoms["s"]).isdigit() else 0,
            "id": atoms["{x-request-id}i"] if re.fullmatch(r"[!-~]{1,200}", atoms["{x-request-id}i"]) else "-",
            "client": atoms["h"],
            "bytes_out": atoms["B"],
            "app_ms": round(atoms["D"] / 1000, 1),
        }
    if record.name == "uvicorn.access" and isinstance(atoms, tuple) and len(atoms) == 5:
        client, method, target, _version, status = atoms
        return {"method": method, "url": clip(path_of(target)), "status_code": status, "client": client}
    return None


class NoHealthChecks(logging.Filter):
    def filter(self, record):
        fields = access_fields(record)
        if fields is None or fields["method"] not in ("GET", "HEAD"):
            return True
        return fields["url"] not in HEALTH_CHECKS or fields["status_code"] >= 400


class JsonLines(logging.Formatter):
    """One JSON object a line, with the names that the shield's own log uses."""

    def format(self, record):
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        level = LEVELS.get(record.levelname, record.levelname.lower())
        access = access_fields(record)
        line = {"time": when, "level": level, "msg": "answered" if access else record.getMessage()}
        line.update(access or {"logger": record.name}, pid=record.process)
        for name in ("meaning", "cause", "worker", "requests", "stack"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """The same for people. Control characters of a client's are escaped, so that none begins a line of its own."""

    def format(self, record):
        when, access = self.formatTime(record, "%Y-%m-%d %H:%M:%S %z"), access_fields(record)
        if access:
            said = " ".join(str(access[name]) for name in ("method", "url", "status_code"))
            said += f" {access['app_ms']} ms" if "app_ms" in access else ""
            said = re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], said)
        else:
            said = record.getMessage()
        line = f"[{when}] [{record.process}] [{record.levelname}] {said}"
        if hasattr(record, "meaning"):
            # On a line of its own: programs know gunicorn's lines by how they end.
            line += f"\n    {record.meaning}"
        if hasattr(record, "stack"):
            line += "\n" + record.stack.rstrip("\n")
        return line + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


# A dictionary, as only this form can put lines apart by level, leave out health checks, and hold the app's own
# lines to the same format. gunicorn's --access-logfile and --error-logfile have no say beside it.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "below-warning": {"()": BelowWarning},
        "explained": {"()": Explained},
        "no-health-checks": {"()": NoHealthChecks},
    },
    "formatters": {"lines": {"()": TextLines if LOG_FORMAT == "text" else JsonLines}},
    "handlers": {
        "output": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "lines",
            "filters": ["below-warning"],
        },
        "error": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "lines",
            "level": "WARNING",
        },
        "access": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "lines",
            "filters": ["no-health-checks"],
        }
        if ACCESS_LOG
        else {"class": "logging.NullHandler"},
    },
    "root": {"level": "INFO", "handlers": ["output", "error"]},
    # No level for gunicorn.error: --log-level decides.
    "loggers": {
        "gunicorn.error": {"propagate": False, "handlers": ["output", "error"], "filters": ["explained"]},
        "gunicorn.access": {"level": "INFO", "propagate": False, "handlers": ["access"]},
    },
}

# --- What each worker is doing ----------------------------------------------------------------------------------


class Slate:
    """The requests that one worker is in, in memory that it shares with the master. A worker that is killed, or
    that hangs inside a C library, cannot speak any more; then the master reads here what it was doing."""

    SIZE, COUNT = 1024, 64

    def __init__(self):
        # Said what there was to say: of a worker that is killed at a stop both on_exit and child_exit may tell.
        self.closed = False
        self.memory = mmap.mmap(-1, self.SIZE * self.COUNT)
        # Where the interpreter writes the stack of a worker that crashes or is aborted, even inside C code.
        if hasattr(os, "memfd_create"):
            self.stack = os.fdopen(os.memfd_create("stack"), "w+b", 0)
        else:
            self.stack = tempfile.TemporaryFile(buffering=0)
        self.under_way = {}
        # The first two records are what it is starting, and what was said of it already.
        self.free = list(range(2, self.COUNT))

    def write(self, at, *fields):
        data = "\0".join(fields).encode("utf-8", "replace")[: self.SIZE - 2]
        at *= self.SIZE
        # The length last: the master may read at any moment.
        self.memory[at : at + 2] = b"\0\0"
        self.memory[at + 2 : at + 2 + len(data)] = data
        self.memory[at : at + 2] = len(data).to_bytes(2, "big")

    def read(self, at):
        at *= self.SIZE
        length = int.from_bytes(self.memory[at : at + 2], "big")
        return self.memory[at + 2 : at + 2 + length].decode("utf-8", "replace").split("\0") if length else None

    def begin(self, key, method, path, request_id, sock=None):
        at = self.free.pop() if self.free else None
        since = time.monotonic()
        fields = (method[:32], clip(path_of(path), 600), request_id[:200])
        self.under_way[key] = (at, since, threading.get_ident(), sock)
        if at is not None:
            self.write(at, repr(since), *fields)

    def end(self, key):
        at, *_rest = self.under_way.pop(key, (None,))
        if at is not None:
            self.write(at)
            self.free.append(at)

    def requests(self):
        """The requests under way, the oldest first."""
        found = [fields for fields in map(self.read, range(2, self.COUNT)) if fields and len(fields) == 4]
        now = time.monotonic()
        return [
            {"method": method, "url": path, "id": request_id, "seconds": round(now - float(since), 1)}
            for since, method, path, request_id in sorted(found, key=lambda fields: float(fields[0]))
        ]

    def stack_written(self):
        self.stack.seek(0)
        return self.stack.read(16384).decode("utf-8", "replace")

    def close(self):
        self.closed = True
        self.memory.close()
        self.stack.close()


def in_words(requests):
    if not requests:
        return "It was in no request."
    shown = []
    for row in requests[:20]:
        named = f" (id {row['id']})" if row["id"] else ""
        shown.append(f"{row['method']} {row['url']}{named}, for {row['seconds']} s")
    if len(requests) > 20:
        shown.append(f"and {len(requests) - 20} more")
    return f"It was in {'' if len(shown) == 1 else f'{len(requests)} requests: '}{'; '.join(shown)}."


def say(log, level, text, **fields):
    """One line, escaped: paths are a client's."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", text)
    log.error_log.log(level, "%s", text, extra=fields)


def never_fails(hook):
    """A fault in a hook of this file must not become one of a request."""

    @functools.wraps(hook)
    def careful(*arguments):
        try:
            return hook(*arguments)
        except Exception:
            logging.getLogger("gunicorn.error").exception("the companion's %s hook failed", hook.__name__)

    return careful


def slate_of(worker):
    return getattr(worker, "companion_slate", None)


# --- Hooks ------------------------------------------------------------------------------------------------------


@never_fails
def pre_fork(server, worker):
    worker.companion_slate = Slate()
    memory_kills_seen.setdefault("count", memory_kills())


@never_fails
def pre_request(worker, req):
    slate = slate_of(worker)
    if slate is not None and len(slate.under_way) < 10_000:
        sock = getattr(getattr(req, "unreader", None), "sock", None)
        slate.begin(id(req), str(req.method), str(req.path or ""), request_id_of(req.headers), sock)


@never_fails
def post_request(worker, req, environ, resp):
    slate = slate_of(worker)
    if slate is not None:
        slate.end(id(req))


def request_id_of(headers):
    """The shield's name for the request, which its own log line has too."""
    for name, value in headers:
        if name.upper() == "X-REQUEST-ID":
            return str(value)
    return ""


@never_fails
def worker_int(worker):
    """SIGINT or SIGQUIT: an immediate stop (Ctrl-C, gunicorn's quick shutdown, a reload while developing)."""
    slate = slate_of(worker)
    requests = slate.requests() if slate else []
    text = f"Worker {os.getpid()} was told to stop at once (SIGINT or SIGQUIT): an ordinary stop, no fault. "
    if requests:
        text += in_words(requests) + " That is cut short; SIGTERM would have let it finish."
    else:
        text += "It was in no request."
    level = logging.WARNING if requests else logging.INFO
    say(worker.log, level, text, cause="stop", worker=os.getpid(), requests=requests)
    if slate:
        slate.write(1, "told")


@never_fails
def worker_abort(worker):
    """SIGABRT: the master's, as this worker gave no sign of life for `timeout` seconds."""
    slate = slate_of(worker)
    requests = slate.requests() if slate else []
    starting_up = slate.read(0) if slate else None
    stack, doing = stacks_here(slate)
    limit = worker.cfg.timeout
    # gunicorn looks once a second.
    overdue = bool(requests) and limit > 0 and requests[0]["seconds"] >= limit - 1
    text = f"Worker {os.getpid()} is stopped by SIGABRT. "
    cause = "timeout"
    if starting_up:
        text += f"It took longer than --timeout ({limit} s) to start; it was at: {starting_up[0]}."
    elif not requests:
        text += "This is no request that ran too long: it was in none. "
        if doing == "receiving":
            text += "It sat on a connection that sent no whole request head, such as an edge's idle one. "
            text += "Let only the shield reach this port."
        else:
            text += "Look at the stack for what kept it from giving a sign of life."
    elif overdue:
        text += f"A request ran too long, for more than --timeout ({limit} s). {in_words(requests)} {DOING[doing]}"
    else:
        cause = "abort"
        text += f"No request had run for --timeout ({limit} s): somebody sent the signal, or the process was stopped "
        text += f"or starved. {in_words(requests)}"
    say(worker.log, logging.ERROR, text, cause=cause, worker=os.getpid(), requests=requests, stack=stack)
    if slate:
        slate.write(1, "told")
        cut_short(slate)


def cut_short(slate):
    """gunicorn 22 and later would answer 500 now, as if the app had. Cut instead, as by every other death of a
    worker, so that the shield counts a lost worker, says why, and does not take it for an answer."""
    for _at, _since, _thread, sock in list(slate.under_way.values()):
        with contextlib.suppress(OSError, AttributeError):
            sock.shutdown(socket.SHUT_RDWR)


DOING = {
    "working": "The stack shows what it waits for.",
    "sending": "It was sending the answer, to a client that reads slowly; the shield takes answers at full speed.",
    "receiving": "It was waiting for the request's body, from a client that sends slowly; the shield has it first.",
}


def stacks_here(slate):
    """The stacks of the main thread and of each thread that is in a request; and what the first one was doing."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_name not in ("handle_abort", "aborted"):
        frame = frame.f_back
    # Where the signal came in.
    main = frame.f_back if frame is not None else sys._getframe(1)
    frames, busy = {threading.get_ident(): main}, []
    if slate is not None:
        current = sys._current_frames()
        oldest_first = sorted(slate.under_way.values(), key=lambda row: row[1])
        busy = list(dict.fromkeys(thread for _at, _since, thread, _sock in oldest_first))
        for thread in busy[:20]:
            if thread in current:
                frames.setdefault(thread, current[thread])
    first = frames.get(busy[0], main) if busy else main
    parts = []
    for thread in dict.fromkeys([*busy[:20], *frames]):
        if thread in frames:
            parts.append((f"Thread {thread}:\n" if len(frames) > 1 else "") + stack_of(frames[thread]))
    return "\n".join(parts)[-16384:], doing_at(first)


def stack_of(frame):
    """From the worker's main loop, or the thread's beginning, to where it is. Not from the very beginning: each line
    is read from its source file, and a second after SIGABRT comes SIGKILL."""
    summary = traceback.StackSummary.extract(traceback.walk_stack(frame), limit=100, lookup_lines=False)
    inner = []
    for line in summary:
        if line.name == "init_process" and line.filename.replace(os.sep, "/").endswith("/workers/base.py"):
            break
        inner.append(line)
    return "".join(traceback.StackSummary.from_list(inner[:40][::-1]).format())


def doing_at(frame):
    """Whether gunicorn itself was sending or receiving where it was stopped, or the app working."""
    file, name = frame.f_code.co_filename.replace(os.sep, "/"), frame.f_code.co_name
    if "/gunicorn/" in file and name.startswith(("write", "sendfile", "send")):
        return "sending"
    if file.endswith(("/gunicorn/http/unreader.py", "/gunicorn/http/body.py")):
        return "receiving"
    return "working"


@never_fails
def child_exit(server, worker):
    """In the master, when a worker is gone."""
    # gunicorn gives its listeners up first of all when it stops.
    last_words(server, worker, stopping=not server.LISTENERS and not getattr(server.cfg, "reuse_port", False))


@never_fails
def on_exit(server):
    """In the master, last of all. Workers that had to be killed at its stop are in no child_exit."""
    for worker in list(server.WORKERS.values()):
        last_words(server, worker, stopping=True)


def last_words(server, worker, stopping):
    """Says what a worker was doing, where it could not say so itself."""
    slate = slate_of(worker)
    if slate is None or slate.closed:
        return
    requests, starting_up, told = slate.requests(), slate.read(0), slate.read(1)
    stack = slate.stack_written()
    slate.close()
    died_of, was_aborted = stopped_by.pop(str(worker.pid), None), worker.aborted
    timed_out.pop(str(worker.pid), None)
    kills = memory_kills()
    short_of_memory = kills > memory_kills_seen.get("count", kills)
    memory_kills_seen["count"] = kills
    if told or not (requests or starting_up or was_aborted):
        return
    text, cause, level = f"Worker {worker.pid} ended without a word. ", "killed", logging.ERROR
    if was_aborted:
        cause = "timeout"
        text += f"It gave no sign of life for --timeout ({server.cfg.timeout} s), and was inside a call that did not "
        text += "come back to Python, such as a database driver's. "
    elif stopping:
        cause, level = "stop", logging.WARNING
        text += "The server is stopping, and this was not done within graceful_timeout "
        text += f"({server.cfg.graceful_timeout} s). "
    elif short_of_memory:
        text += "The kernel killed it, or a neighbour in its memory limit, for want of memory. "
    else:
        by = died_of or "by the kernel for want of memory, or by somebody"
        text += f"It was killed ({by}), crashed, or the app called os._exit. "
    text += f"It was starting: {starting_up[0]}." if starting_up else in_words(requests)
    fields = {"stack": stack} if stack else {}
    say(server.log, level, text, cause=cause, worker=worker.pid, requests=requests, **fields)


memory_kills_seen = {}  # in the master
MEMORY_EVENTS = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"]


def memory_kills():
    """How often the kernel has killed in this container's memory limit so far; 0 where that cannot be seen."""
    for path in MEMORY_EVENTS:
        with contextlib.suppress(OSError):
            with open(path, encoding="ascii") as file:
                found = re.search(r"^oom_kill (\d+)$", file.read(), re.MULTILINE)
                if found:
                    return int(found[1])
    return 0


# --- Starting ---------------------------------------------------------------------------------------------------


class StartupTimeout(TimeoutError):
    pass


class Startup:
    """The clock of this process's start: none runs outside of it."""

    ends = None
    worker = None


@contextlib.contextmanager
def starting(what, seconds=OPERATION_LIMIT):
    """Bounds one operation of the start: `with starting("the database"): engine.connect()`. Raises StartupTimeout
    after 5 s, or when the 20 s for the whole start have passed. In the main thread only, as it takes SIGALRM.
    A call that never comes back to Python is ended, with the whole process, one second later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    now = time.monotonic()
    left = None if Startup.ends is None else Startup.ends - now
    limit = min((value for value in (seconds or None, left) if value is not None), default=None)
    if limit is None:
        yield
        return
    whole = limit == left

    def too_long(_signal, _frame):
        allowed = f"what was left of {STARTUP_LIMIT}" if whole else seconds
        raise StartupTimeout(f"{what} took longer than {allowed} s at the start")

    slate = slate_of(Startup.worker)
    outer = slate.read(0) if slate else None
    before = signal.signal(signal.SIGALRM, too_long)
    if slate:
        slate.write(0, what)
    arm(max(limit, 0.001), slate)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        if slate:
            slate.write(0, *(outer or ()))
        arm(max(Startup.ends - time.monotonic(), 0.001) if Startup.ends is not None and outer else 0, slate)


def arm(seconds, slate):
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if seconds:
        faulthandler.dump_traceback_later(seconds + 1, exit=True, file=slate.stack if slate else sys.__stderr__)
    else:
        faulthandler.cancel_dump_traceback_later()


def post_fork(server, worker):
    """From here to `post_worker_init` the worker loads the app, which must not take forever."""
    slate = slate_of(worker)
    Startup.worker = worker
    if not STARTUP_LIMIT or slate is None:
        return

    def too_long(_signal, frame):
        stack = stack_of(frame)
        text = f"Worker {os.getpid()} did not load the app within {STARTUP_LIMIT} s (GUNICORN_STARTUP_TIMEOUT), "
        text += "and is given up."
        say(worker.log, logging.ERROR, text, cause="start", worker=os.getpid(), stack=stack)
        slate.write(1, "told")
        # 3 tells the master to give up, so that a broken deploy ends at once. A later worker is only tried again:
        # its neighbours serve.
        sys.exit(3 if worker.age <= worker.cfg.workers else 1)

    Startup.ends = time.monotonic() + STARTUP_LIMIT
    slate.write(0, "loading the app")
    signal.signal(signal.SIGALRM, too_long)
    arm(STARTUP_LIMIT, slate)


def post_worker_init(worker):
    """The app is loaded."""
    slate = slate_of(worker)
    if slate is None:
        return
    if Startup.ends is not None:
        arm(0, slate)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        Startup.ends = None
        slate.write(0)
    if "UvicornWorker" in [kind.__name__ for kind in type(worker).__mro__]:
        watch_uvicorn(worker, slate)
    # Where the app, or PYTHONFAULTHANDLER, has asked for it, it is theirs.
    if not faulthandler.is_enabled():
        faulthandler.enable(file=slate.stack)


def watch_uvicorn(worker, slate):
    """uvicorn's worker calls neither pre_request nor worker_abort: the app is wrapped, and the signal caught. What
    is missing: worker_int at its stops, and WebSockets. The stack is the event loop's: what blocks it is in it."""
    app = worker.wsgi

    async def named(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        key = object()
        path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
        slate.begin(key, scope["method"], path, request_id_of(headers))
        try:
            return await app(scope, receive, send)
        finally:
            slate.end(key)

    def aborted(_signal, _frame):
        worker.cfg.worker_abort(worker)
        signal.signal(signal.SIGABRT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGABRT)

    # Only an app of ASGI 3; uvicorn finds out the same way what it has.
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None)):
        worker.wsgi = named
    if signal.getsignal(signal.SIGABRT) is signal.SIG_DFL:
        signal.signal(signal.SIGABRT, aborted)


# --- Beside a configuration of your own -------------------------------------------------------------------------

HOOKS = {
    hook.__name__: hook
    for hook in (
        *(pre_fork, post_fork, post_worker_init, pre_request, post_request),
        *(worker_int, worker_abort, child_exit, on_exit),
    )
}
# Your own hooks of these names belong to the start, and get 5 s each.
AT_START = ("on_starting", "when_ready", "post_fork", "post_worker_init")


def chain(namespace):
    """For the end of your own gunicorn.conf.py: `chain(globals())`. Each hook that you define runs beside this
    file's, after it; but for `post_request` and `post_worker_init`, where this file's closes what it opened."""
    for name in {*HOOKS, *AT_START}:
        ours, theirs = HOOKS.get(name), namespace.get(name)
        if callable(theirs) and theirs is not ours and not hasattr(theirs, "companion_chained"):
            namespace[name] = both(name, ours, theirs)


def both(name, ours, theirs):
    # gunicorn takes a post_request of two, three or four arguments.
    takes = len(inspect.signature(theirs).parameters)

    def bounded(*arguments):
        with starting(f"the {name} hook") if name in AT_START else contextlib.nullcontext():
            theirs(*arguments[:takes])

    steps = [step for step in (ours, bounded) if step is not None]
    if name in ("post_request", "post_worker_init"):
        steps.reverse()

    def chained(*arguments):
        with contextlib.ExitStack() as still:
            # In an ExitStack the last goes first, and each is run whatever became of the others.
            for step in reversed(steps):
                still.callback(step, *arguments)

    # gunicorn counts a hook's arguments.
    chained.__signature__ = inspect.signature(ours or theirs)
    chained.companion_chained = True
    return chained


__all__ = [
    *("bind", "workers", "timeout", "graceful_timeout", "preload_app", "logconfig_dict"),
    *(name for name in ("worker_tmp_dir", "control_socket", "control_socket_disable") if name in globals()),
    *HOOKS,
    *("starting", "StartupTimeout", "chain"),
]
