# imgtar in a container that runs as nobody in particular, read-only and without a network (docs/install.md).
# BUILD_BASE has a C compiler, BASE has none; both have the same Python.
ARG BUILD_BASE=python:3.13
ARG BASE=python:3.13-slim

FROM ${BUILD_BASE} AS build
# pip's own settings: PIP_NO_INDEX=1 and PIP_FIND_LINKS=/source/wheels build without a network.
ARG PIP_NO_INDEX
ARG PIP_FIND_LINKS
WORKDIR /source
COPY . .
RUN python3 -m venv /opt/pip && /opt/pip/bin/pip wheel --no-cache-dir --wheel-dir /wheels .
RUN python3 -m venv --without-pip /opt/imgtar && \
    /opt/pip/bin/pip --python /opt/imgtar/bin/python install --no-cache-dir --no-index --find-links /wheels imgtar

FROM ${BASE}
LABEL org.opencontainers.image.title="imgtar" \
      org.opencontainers.image.description="Reads a container image from a file and reports what is in it, offline" \
      org.opencontainers.image.licenses="Apache-2.0 AND ISC"
COPY --from=build /opt/imgtar /opt/imgtar
ENV PATH=/opt/imgtar/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["imgtar"]
CMD ["--help"]
