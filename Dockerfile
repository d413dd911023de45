# The HTTP front in a container: docs/deployment.md
FROM python:3.13-slim

# `--build-arg CHROMIUM=1` adds the browser that signed routes need, some 400 MB.
ARG CHROMIUM=""
# hadolint ignore=DL3008
RUN if [ -n "$CHROMIUM" ]; then \
        apt-get update \
        && apt-get install -y --no-install-recommends chromium \
        && rm -rf /var/lib/apt/lists/*; \
    fi

RUN useradd --uid 1000 --create-home scraper \
    && mkdir -p /data/config /data/state /data/output \
    && chown -R scraper:scraper /data

WORKDIR /app
COPY requirements.txt requirements-serve.txt requirements-fleet.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements-fleet.txt
COPY scrapy.cfg ./
COPY config config
COPY pipelines pipelines
COPY spiders spiders
COPY scraper scraper
RUN python -m compileall -q /app

ENV CONFIG_DIR=/data/config \
    OUTPUT_DIR=/data/output \
    STATE_DIR=/data/state
VOLUME ["/data/config", "/data/state", "/data/output"]
USER 1000
EXPOSE 80
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib import request; request.build_opener(request.ProxyHandler({})).open('http://127.0.0.1:80/healthz', timeout=4)"]
ENTRYPOINT ["scrapy"]
CMD ["serve", "--host", "0.0.0.0", "--port", "80"]
