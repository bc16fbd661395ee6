"""The operator's address, on loopback only: health, readiness, metrics. Bare numbers, nothing about anyone."""

from __future__ import annotations

from aiohttp import web

from byre.errors import EnvironmentFault
from byre.relay.server import Relay


def admin_application(relay: Relay) -> web.Application:
    """Return what serves /healthz, /readyz, /metrics (Prometheus text), /counters and /report (JSON).

    Raises:
        EnvironmentFault: "missing_package"; a relay without an admin address does without it.
    """
    try:
        from byre.relay.metrics import CONTENT_TYPE_LATEST, Metrics
    except ImportError:  # of the relay's optional dependencies
        raise EnvironmentFault(
            "The admin address needs prometheus-client: install byre[relay].", code="missing_package"
        ) from None
    metrics = Metrics(relay.services.counters)

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        reasons = await relay.not_ready()
        return web.Response(
            text=f"not ready: {' '.join(reasons)}\n" if reasons else "ready\n", status=503 if reasons else 200
        )

    async def prometheus(request: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def counters(request: web.Request) -> web.Response:
        return web.json_response(relay.services.counters.snapshot())

    async def report(request: web.Request) -> web.Response:
        return web.json_response(await relay.report())

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", prometheus)
    application.router.add_get("/counters", counters)
    application.router.add_get("/report", report)
    return application
