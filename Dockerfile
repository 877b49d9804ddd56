# The app in a container: not root, no place to write but /tmp, no network needed once it is built.
#   docker build -t xray-app . && docker compose up
FROM python:3.12-slim AS build

# Also holds what the build itself needs to the pinned versions.
ENV PIP_CONSTRAINT=/source/constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv /opt/xray-app

# The packages first: this layer is kept as long as the pins are.
COPY requirements.txt constraints.txt ./
RUN /opt/xray-app/bin/pip install -r requirements.txt

COPY . .
RUN /opt/xray-app/bin/pip install ".[http]" && /opt/xray-app/bin/pip check


FROM python:3.12-slim

COPY --from=build /opt/xray-app /opt/xray-app
ENV PATH=/opt/xray-app/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
WORKDIR /tmp

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

ENTRYPOINT ["xray-app"]
CMD ["app", "--host", "0.0.0.0"]
