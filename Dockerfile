# OpenFit in a container: no root, a root file system that may be read-only, all state in /data.
# Nothing here names a processor, so the same file builds for amd64 and arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 --tag openfit .

FROM python:3.13-slim-bookworm AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements-run.lock ./
RUN python -m venv /opt/openfit
RUN /opt/openfit/bin/python -m pip install --require-hashes --only-binary=:all: -r requirements-run.lock
COPY schema schema
COPY sdk sdk
COPY plugins plugins
COPY core core
RUN /opt/openfit/bin/python -m pip install --no-deps --no-build-isolation ./schema ./sdk ./plugins/fileimport ./plugins/openstrap_band ./core
RUN /opt/openfit/bin/python -m pip uninstall --yes hatchling editables pip
RUN /opt/openfit/bin/python -m compileall -q /opt/openfit/lib

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="OpenFit" \
      org.opencontainers.image.description="A self-hosted hub for health and fitness data" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
RUN groupadd --gid 10001 openfit && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin openfit
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/openfit /opt/openfit
ENV PATH=/opt/openfit/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENFIT_DATA=/data \
    OPENFIT_LISTEN=0.0.0.0:8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/api/v1/health', timeout=4)"]
ENTRYPOINT ["openfit"]
CMD ["serve"]
