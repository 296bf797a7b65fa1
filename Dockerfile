# The image: docker build -t shieldproxy .
# All of it is in one folder, /opt/shieldproxy, which can be copied into any image with glibc 2.28 or later; see
# conf/Dockerfile.app and docs/container.md.

FROM node:26-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Without scripts: the development dependency `node` would fetch a runtime that the image has already.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.page.json ./
COPY bin ./bin
COPY src ./src
RUN npm run build

FROM node:26-bookworm-slim AS assemble
WORKDIR /opt/shieldproxy
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && rm package-lock.json
COPY --from=build /src/dist ./dist
COPY conf/image ./bin
COPY conf/gunicorn.conf.py ./conf/
COPY LICENSE ./
# The official binary, which needs glibc 2.28, and the one library of it that Debian's and Python's slim images
# lack (since Node 25). Debian 12 built that library against glibc 2.14, so it does not raise the requirement.
RUN mkdir -p runtime/lib \
 && cp /usr/local/bin/node /usr/local/LICENSE runtime/ \
 && cp -L /usr/lib/*-linux-gnu*/libatomic.so.1 runtime/lib/ \
 && cat /usr/share/doc/gcc-*-base/copyright > runtime/lib/libatomic.copyright

FROM debian:13-slim
COPY --from=assemble /opt/shieldproxy /opt/shieldproxy
# A build fails here rather than a start later; and the folder for spilled bodies belongs to the user below.
RUN /opt/shieldproxy/bin/shieldproxy --version \
 && install -d -o 10001 -g 10001 -m 0700 /var/spool/shieldproxy
ENV SHIELDPROXY_SPOOL_DIR=/var/spool/shieldproxy
# A number, so that Kubernetes' runAsNonRoot can tell that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/opt/shieldproxy/bin/healthcheck"]
ENTRYPOINT ["/opt/shieldproxy/bin/shieldproxy"]
