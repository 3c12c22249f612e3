# One image for all of `mes`: simulator, collector, board, and the set-up of InfluxDB.
# Pinned, down to the libraries (deploy/constraints.txt); nothing of it runs as root.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY contract contract
COPY simulator simulator
COPY collector collector
COPY answers answers
COPY dashboards dashboards
COPY app app
COPY deploy/constraints.txt deploy/constraints.txt
RUN python -m pip wheel --quiet --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/mes
RUN /opt/mes/bin/pip install --quiet --no-cache-dir --constraint deploy/constraints.txt /wheels/*.whl

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="mes-factory" \
      org.opencontainers.image.description="A factory you can switch on: simulator, MES collector and live board" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mes /opt/mes
COPY deploy/healthy.py deploy/influxdb_setup.py /opt/mes/
# The store's volume takes over this owner: the collector, who alone may write there.
RUN install -d -o 10002 -g 10002 -m 0755 /var/lib/mes
ENV PATH=/opt/mes/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["mes"]
CMD ["--help"]
