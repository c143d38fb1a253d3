"""The admin application: stimuli, faults, variants, state. It listens on the loopback interface only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from conformance.errors import ConfigurationError
from conformance.reference.carriage import Carriage, posted
from conformance.transport.jms.settings import is_destination

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.message.soap import SoapVersion, Style
    from conformance.reference.system import System


class Admin:
    """The operator's view of one system."""

    def __init__(self, system: System) -> None:
        """Serve ``system``."""
        self._system = system

    def application(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/reset", self.reset, methods=["POST"]),
                Route("/stimuli/{name}", self.stimulate, methods=["POST"]),
                Route("/state", self.state, methods=["GET"]),
                Route("/events-address", self.events_address, methods=["POST"]),
                Route("/sut.toml", self.configuration, methods=["GET"]),
                Route("/{kind:str}/{name}", self.deviate, methods=["POST"]),
                Route("/{kind:str}", self.conform, methods=["DELETE"]),
            ]
        )

    def reset(self, _: Request) -> Response:
        """Return to the initial state, without faults and variants."""
        self._system.reset()
        return Response(status_code=204)

    async def stimulate(self, request: Request) -> Response:
        """Make the system send something by itself; a body that is a URL says where to."""
        name, meter = request.path_params["name"], request.query_params.get("meter", "")
        service = self._system.service
        made = {"power-failure": service.power_failure, "publish-readings": service.publish_readings}.get(name)
        if made is None:
            return PlainTextResponse(f"there is no stimulus {name}\n", 404)
        try:
            outgoing = made(meter or service.fleet.meters[0].mrid)
        except KeyError:
            return PlainTextResponse(f"there is no meter {meter}\n", 404)
        address = (await request.body()).decode(errors="replace").strip()
        carriage = Carriage(style=_style(request), version=_version(request))
        if not _is_url(address) and is_destination(service.events_address or ""):
            carriage = self._system.over_jms
        messages = [posted(service, item, None, carriage) for item in outgoing]
        if _is_url(address):
            messages = [replace(item, address=address) for item in messages]
        self._system.courier.send(messages, carriage.version)
        return PlainTextResponse("done\n", 202)

    def state(self, _: Request) -> Response:
        """Return what the system is like now."""
        return JSONResponse(self._system.state())

    async def events_address(self, request: Request) -> Response:
        """Say where unsolicited messages go: the body is a URL, or empty for nowhere."""
        address = (await request.body()).decode(errors="replace").strip()
        if address and not _is_url(address):
            return PlainTextResponse("the body must be an http or https URL\n", 400)
        self._system.service.events_address = address or None
        return Response(status_code=204)

    def configuration(self, request: Request) -> Response:
        """Return the SUT.toml that is true of this system (``?style=``, ``?soap=``)."""
        from conformance.sut.write import to_toml

        configuration = self._system.configuration(_style(request), _version(request))
        return PlainTextResponse(to_toml(configuration), media_type="application/toml")

    def deviate(self, request: Request) -> Response:
        """Switch a fault or a variant on."""
        kind, name = request.path_params["kind"], request.path_params["name"]
        try:
            if kind == "faults":
                self._system.set_fault(name)
            elif kind == "variants":
                self._system.set_variant(name)
            else:
                return PlainTextResponse("faults or variants\n", 404)
        except ConfigurationError as unknown:
            return PlainTextResponse(f"{unknown}\n", 404)
        return Response(status_code=204)

    def conform(self, request: Request) -> Response:
        """Switch all faults, or all variants, off."""
        kind = request.path_params["kind"]
        if kind == "faults":
            self._system.clear_faults()
        elif kind == "variants":
            self._system.clear_variants()
        else:
            return PlainTextResponse("faults or variants\n", 404)
        return Response(status_code=204)


def _style(request: Request) -> Style:
    said = request.query_params.get("style")
    return "typed" if said == "typed" else "bare" if said == "bare" else "generic"


def _version(request: Request) -> SoapVersion:
    versions: dict[str, Literal["1.1", "1.2", "none"]] = {"1.2": "1.2", "none": "none"}
    return versions.get(request.query_params.get("soap", ""), "1.1")


def _is_url(address: str) -> bool:
    return address.startswith(("http://", "https://"))
