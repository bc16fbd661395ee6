"""The operator's address, on loopback only: health, readiness, metrics. Bare numbers, nothing about anyone."""

from __future__ import annotations

from aiohttp import web

from byre.relay.server import Relay


def admin_application(relay: Relay) -> web.Application:
    """Return what serves /healthz, /readyz, /metrics (Prometheus text) and /counters (JSON)."""

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        is_ready = await relay.is_ready()
        return web.Response(text="ready\n" if is_ready else "not ready\n", status=200 if is_ready else 503)

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(text=relay.services.counters.prometheus(), content_type="text/plain", charset="utf-8")

    async def counters(request: web.Request) -> web.Response:
        return web.json_response(relay.services.counters.snapshot())

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", metrics)
    application.router.add_get("/counters", counters)
    return application
