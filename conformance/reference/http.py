"""The HTTP front of the reference system: all styles, both SOAP versions, plain XML, and its descriptions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lxml import etree
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from conformance.message.xml import Limits
from conformance.reference.carriage import Carriage, Delivery, receive, refuse, version_of
from conformance.reference.deviation import Problem
from conformance.reference.security import Demands
from conformance.standard.wsdl import served_schema, services, wsdl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from conformance.reference.delivery import Courier
    from conformance.reference.deviation import Wire
    from conformance.reference.service import Service

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The application and what it needs. ``limits`` bound one request in bytes."""

    service: Service
    courier: Courier
    demands: Demands = field(default_factory=Demands)
    limits: Limits = field(default=Limits(max_bytes=MAX_BYTES))

    def application(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/generic", self.endpoint, methods=["GET", "POST"]),
                Route("/bare", self.endpoint, methods=["GET", "POST"]),
                Route("/typed/{service}", self.endpoint, methods=["GET", "POST"]),
            ]
        )

    async def endpoint(self, request: Request) -> Response:
        """Answer a request, or describe the service (``?wsdl``, ``?xsd=``)."""
        service = request.path_params.get("service")
        if service is not None and service not in services():
            return Response("there is no such service\n", 404, media_type="text/plain")
        if request.method == "GET":
            return self._description(request, service or "generic")
        body = await _body(request, self.limits.max_bytes)
        if body is None:
            return Response("the request is too large\n", 413, headers={"Connection": "close"}, media_type="text/plain")
        if not self.demands.basic_is_met(request.headers):
            return Response("authentication required\n", 401, headers={"WWW-Authenticate": 'Basic realm="reference"'})
        return await self._answered(request, body, service)

    async def _answered(self, request: Request, body: bytes, service: str | None) -> Response:
        style = request.url.path.strip("/").partition("/")[0]
        version = version_of(request.headers.get("content-type", ""), body)
        carriage = Carriage(
            style="typed" if style == "typed" else "bare" if style == "bare" else "generic",
            version=version,
            service=service,
            action=_action(request),
        )
        delivery = await run_in_threadpool(self._work, body, carriage)
        if delivery.before:
            self.courier.send(delivery.before, delivery.version)
            await run_in_threadpool(self.courier.settle, 2.0)
        if delivery.answer.delay_s:
            await asyncio.sleep(delivery.answer.delay_s)
        after = BackgroundTask(self.courier.send, delivery.later, delivery.version)
        return _response(_encoded(delivery.answer, request), after)

    def _description(self, request: Request, service: str) -> Response:
        body = _described(request, service)
        if body is None:
            return Response("there is no such schema\n", 404, media_type="text/plain")
        if not body:
            return Response("POST requests here, or GET ?wsdl\n", 405, media_type="text/plain")
        system = self.service
        shaped = system.conduct.shaped("description", etree.fromstring(body), system.scene())
        return Response(etree.tostring(shaped, xml_declaration=True, encoding="UTF-8"), media_type="text/xml")

    def _work(self, body: bytes, carriage: Carriage) -> Delivery:
        problem = self.demands.token_problem(body)
        if problem is not None:
            return refuse(self.service, Problem(name=problem), carriage)
        return receive(self.service, body, carriage, self.limits)


async def _body(request: Request, limit: int) -> bytes | None:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            return None
    return bytes(chunks)


def _action(request: Request) -> str | None:
    """Return the SOAPAction: a header in SOAP 1.1, a parameter of the Content-Type in SOAP 1.2."""
    _, _, parameter = request.headers.get("content-type", "").partition("action=")
    said = request.headers.get("soapaction", parameter or None)
    return None if said is None else said.strip('" ')


def _described(request: Request, service: str) -> bytes | None:
    """Return the file that is asked for: None when there is none of that name, empty when none is asked for."""
    address = str(request.url).partition("?")[0]
    name = request.query_params.get("xsd")
    try:
        if name is not None:
            return served_schema(name, address)
        if "wsdl" in {key.lower() for key in request.query_params}:
            return wsdl(service, address)
    except KeyError:
        return None
    return b""


def _encoded(wire: Wire, request: Request) -> Wire:
    """Leave out a content coding that the requester does not accept: it would be no legal variation then."""
    coding = wire.headers.get("Content-Encoding")
    if coding is None or coding in request.headers.get("accept-encoding", ""):
        return wire
    import gzip

    kept = {name: value for name, value in wire.headers.items() if name != "Content-Encoding"}
    return replace(wire, body=gzip.decompress(wire.body), headers=kept)


def _response(wire: Wire, after: BackgroundTask) -> Response:
    headers = dict(wire.headers)
    if wire.content_type:
        headers["Content-Type"] = wire.content_type
    if wire.chunked:
        return StreamingResponse(_pieces(wire.body), wire.status, headers, background=after)
    return Response(wire.body, wire.status, headers, background=after)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]
