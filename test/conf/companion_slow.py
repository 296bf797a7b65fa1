"""An app that never finishes loading."""
import os
import time

from companion_app import forever_in_c, wsgi  # noqa: F401


def connects_forever():
    time.sleep(600)


if os.environ.get("SLOW") == "in-c":
    forever_in_c()
connects_forever()
