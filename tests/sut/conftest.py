"""What the tests of ``conformance.sut`` share: files to load, and a tiny metering system to look at."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conformance.message.build import Draft, build, new_id, timestamp
from conformance.message.meter_readings import MeterReading, Reading, asked, meter_readings
from conformance.message.model import Header, Identified, Message, ObjectId, Reply, ReplyError
from conformance.message.soap import CONTENT_TYPES, SoapVersion, fault, to_typed, unwrap, wrap
from conformance.message.xml import child
from conformance.sut.load import Loaded, load
from conformance.sut.template import template

Write = Callable[..., Path]
Configured = Callable[..., Loaded]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes SUT.toml: the template, with texts replaced and appended."""

    def write_file(*changes: tuple[str, str], append: str = "", text: str | None = None) -> Path:
        text = template() if text is None else text
        for old, new in changes:
            assert old in text, f"the template has no {old!r}"
            text = text.replace(old, new, 1)
        path = tmp_path / "SUT.toml"
        path.write_text(text + append, encoding="utf-8")
        return path

    return write_file


@dataclass
class Behaviour:
    """How the tiny system answers. The defaults are right."""

    style: str = "generic"
    version: str = "1.1"
    status: int | None = None
    page: bytes = b""
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    skew_s: float = 0.0
    dates: bool = True
    known: tuple[str, ...] = ("METER-1", "METER-2", "METER-3")
    omitted: tuple[str, ...] = ()
    refuses_unsupported: bool = True
    draft: bool = False
    draft_only: bool = False
    security_fault: str = ""
    kind: str = "ResponseMessage"
    answers_in: SoapVersion | None = None
    named: bool = False
    wsdl: bytes | None = None
    fails_after: int | None = None
    says: str = "unknown meter"


class TinySystem(ThreadingHTTPServer):
    """Answers get(MeterReadings) as ``behaviour`` says, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour, certificate: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.scheme = "https" if certificate else "http"
        if certificate:
            self.socket = certificate.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that go away."""

    @property
    def url(self) -> str:
        """Return where requests go."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/services/Request"


class _Handler(BaseHTTPRequestHandler):
    server: TinySystem

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the time as the system's clock has it."""
        return format_datetime(datetime.now(UTC) + timedelta(seconds=self.server.behaviour.skew_s), usegmt=True)

    def do_GET(self) -> None:
        """Answer with the WSDL."""
        how = self.server.behaviour
        found = how.wsdl is not None
        body = (how.wsdl or b"").replace(b"@URL@", self.server.url.encode())
        self._answer(200 if found else 404, "text/xml", body)

    def do_POST(self) -> None:
        """Answer a request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), body))
        how = self.server.behaviour
        if how.fails_after is not None and len(self.server.requests) > how.fails_after:
            self._answer(503, "text/html", b"<html>overload</html>")
        elif how.status is not None:
            self._answer(how.status, how.content_type, how.page)
        else:
            self._answer(*_message(how, body, self.headers.get("SOAPAction", self.headers["Content-Type"])))

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        if self.server.behaviour.dates:
            self.send_response(status)
        else:
            self.send_response_only(status)
        for name, value in self.server.behaviour.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _message(how: Behaviour, body: bytes, action: str) -> tuple[int, str, bytes]:
    carried = unwrap(body)
    message = carried.message
    assert message is not None
    style = "typed" if message.typed else "generic" if "Request" in action else "bare"
    version = carried.version
    if how.security_fault:
        wrong = wrap(fault("1.1", "who are you?"), "1.1").replace(b"soap:Client", f"w:{how.security_fault}".encode())
        return 500, CONTENT_TYPES["1.1"], wrong
    right = (style, version) == (how.style, how.version) and (b"www.iec.ch" in body) == how.draft_only
    if not right:
        spoken = "1.1" if version == "none" else version
        return 500, CONTENT_TYPES[spoken], wrap(fault(spoken, "cannot understand"), spoken)
    answer = build(_reply(how, message))
    if style == "typed":
        answer = to_typed(answer, verb="reply", noun="MeterReadings")
    data = wrap(answer, how.answers_in or version)
    data = data.replace(b"http://iec.ch/", b"http://www.iec.ch/") if how.draft else data
    return 200, CONTENT_TYPES[version], data


def _reply(how: Behaviour, message: Message) -> Draft:
    moment = datetime.now(UTC) + timedelta(seconds=how.skew_s)
    correlation = message.correlation_id
    header = Header(
        verb="reply", noun="MeterReadings", timestamp=timestamp(moment) if how.dates else None,
        message_id=new_id(), correlation_id=correlation,
    )  # fmt: skip
    question = child(message.request, "GetMeterReadings")
    assert question is not None
    meters, types, window = asked(question)
    unsupported = [name for name in types if ".58." in name and how.refuses_unsupported]
    unknown = [meter for meter in meters if meter.mrid not in how.known]
    errors = [ReplyError(code="2.4", reason=how.says, ids=(ObjectId(value=str(meter)),)) for meter in unknown]
    errors += [ReplyError(code="2.10", ids=(ObjectId(value=name),)) for name in unsupported]
    entries = [
        _entry(how, meter, types, window.end if window else None)
        for meter in meters
        if meter not in unknown and meter.mrid not in how.omitted and not unsupported
    ]
    return Draft(
        kind=how.kind,
        header=header if how.kind == "ResponseMessage" else replace(header, verb="created"),
        reply=Reply(result="FAILED" if errors else "OK", errors=tuple(errors))
        if how.kind == "ResponseMessage"
        else None,
        payload=(meter_readings(entries),) if entries else (),
    )


def _entry(how: Behaviour, meter: Identified, types: list[str], moment: str | None) -> MeterReading:
    if how.named:
        from conformance.message.model import Name

        number = str(meter.mrid).rpartition("-")[2]
        meter = Identified(names=(Name(name=f"Meter {number}"),))
    readings = tuple(Reading(reading_type=name, value="1", time_stamp=moment) for name in types)
    return MeterReading(meter=meter, readings=readings)


@pytest.fixture
def start() -> Iterator[Callable[..., TinySystem]]:
    """Return a function that starts a tiny system, which ends with the test."""
    running: list[TinySystem] = []

    def start_one(certificate: ssl.SSLContext | None = None, **behaviour: object) -> TinySystem:
        system = TinySystem(Behaviour(**behaviour), certificate)  # type: ignore[arg-type]
        running.append(system)
        return system

    yield start_one
    for system in running:
        system.shutdown()
        system.server_close()


@pytest.fixture
def configured(write: Write) -> Configured:
    """Return a function that loads a SUT.toml whose system is at ``url``."""

    def configure(url: str, *changes: tuple[str, str], append: str = "") -> Loaded:
        return load(write(("http://127.0.0.1:8080/services/Request", url), *changes, append=append))

    return configure


@pytest.fixture
def dead_port() -> Iterator[int]:
    """Return a port on which nothing listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that accepts connections (the kernel does) and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def full_port() -> Iterator[int]:
    """Return a port that does not even accept: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            waiting.append(client)
        yield int(address[1])
        for client in waiting:
            client.close()
