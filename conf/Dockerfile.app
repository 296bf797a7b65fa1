# The shield inside the image of a gunicorn app, for platforms that run one container:
#   docker build -t shieldproxy .
#   docker build -t app -f conf/Dockerfile.app conf
# The first stage alone (--target app) is the app without it, which conf/compose.yaml uses.

ARG SHIELDPROXY_IMAGE=shieldproxy:latest
FROM ${SHIELDPROXY_IMAGE} AS shieldproxy

FROM python:3.14-slim AS app
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py ./
USER 10001:10001
ENV PYTHONUNBUFFERED=1
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]

FROM app
COPY --from=shieldproxy /opt/shieldproxy /opt/shieldproxy
# Both read it: gunicorn how many workers to start, the shield how many there are.
ENV WEB_CONCURRENCY=4
EXPOSE 8080
# /readyz, as it also says whether the app answers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["/opt/shieldproxy/bin/healthcheck", "/readyz"]
# One command: the shield starts gunicorn, listens when the app answers, and ends with it.
CMD ["/opt/shieldproxy/bin/shieldproxy", "--upstream", ":8000", "--", "gunicorn", "--bind", "127.0.0.1:8000", "app:app"]
