#!/bin/sh
# The app and the shield in one container. The shield takes this shell's place, so that it gets the signals: on
# TERM it drains while the app still serves it. Should the app end by itself, the shield is told to end too, and
# the platform starts the container again.
(
  gunicorn --bind 127.0.0.1:8000 "${APP:-app:app}"
  kill -TERM $$
) &
exec /opt/shieldproxy/bin/shieldproxy --upstream :8000
