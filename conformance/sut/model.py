"""What SUT.toml says: the one description of the system under test (ISO/IEC 9646: PICS and PIXIT).

The descriptions here are what ``conformance init`` writes as comments, so that file and model cannot drift.
Every capability is required: a claim that is left out is an error of the configuration, never a smaller plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from conformance.message.model import Identified, Name

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
Soap = Literal["1.1", "1.2"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SystemUnderTest(_Table):
    """Who is judged. This goes into every report."""

    vendor: str = Field(min_length=1, description="Who makes it.")
    product: str = Field(min_length=1, description="What it is called.")
    version: str = Field(min_length=1, description="Which version is judged.")
    role: Literal["MS"] = Field(description="Role in IEC 61968-9: MS is the metering system (head end).")
    edition: Literal["2013"] = Field(description="Edition of IEC 61968-9 that it claims.")


class GenericEndpoint(_Table):
    """One service for all nouns: operations Request, Response, PublishEvent."""

    url: Url = Field(description="Where requests go.")
    wsdl: Url | None = Field(default=None, description="Where its WSDL is, if it publishes one.")
    soap: Soap = Field(default="1.1", description="SOAP version.")
    request_action: str = Field(default="http://iec.ch/61968/Request", description="SOAPAction of a request.")


class TypedEndpoint(_Table):
    """One service for each noun, with typed elements such as CreateEndDeviceControls."""

    get_meter_readings: Url = Field(description="Service GetMeterReadings.")
    request_end_device_controls: Url | None = Field(default=None, description="Service RequestEndDeviceControls.")
    wsdl: Url | None = Field(default=None, description="Where the WSDL of GetMeterReadings is, if published.")
    soap: Soap = Field(default="1.1", description="SOAP version.")


class BareEndpoint(_Table):
    """RequestMessage directly in the SOAP Body without a SOAPAction, or as plain XML."""

    url: Url = Field(description="Where requests go.")
    wsdl: Url | None = Field(default=None, description="Where its WSDL is, if it publishes one.")
    soap: Literal["1.1", "1.2", "none"] = Field(default="1.1", description='SOAP version; "none" is plain XML.')


class Endpoints(_Table):
    """Where the system listens. Configure at least the style that is used."""

    style: Literal["generic", "typed", "bare"] = Field(description="The style that this run uses.")
    generic: GenericEndpoint | None = Field(default=None, description="Style generic.")
    typed: TypedEndpoint | None = Field(default=None, description="Style typed.")
    bare: BareEndpoint | None = Field(default=None, description="Style bare.")

    @model_validator(mode="after")
    def _style_is_configured(self) -> Endpoints:
        if self.chosen is None:
            raise ValueError(f'style is "{self.style}", but there is no table [endpoints.{self.style}]')
        return self

    @property
    def chosen(self) -> GenericEndpoint | TypedEndpoint | BareEndpoint | None:
        """Return the endpoint of the style that this run uses."""
        found: GenericEndpoint | TypedEndpoint | BareEndpoint | None = getattr(self, self.style)
        return found


class Secret(_Table):
    """Where a secret is: in an environment variable or in a file, never in SUT.toml itself."""

    env: str | None = Field(default=None, description="Name of an environment variable.")
    file: Path | None = Field(default=None, description="A file whose first line is the secret.")

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file")
        return self


class Security(_Table):
    """How the suite shows who it is, and how it knows the system."""

    ca: Path | None = Field(default=None, description="PEM file of the CA that signed the system's certificate.")
    client_certificate: Path | None = Field(default=None, description="PEM certificate for mutual TLS.")
    client_key: Path | None = Field(default=None, description="PEM key for mutual TLS.")
    http_auth: Literal["none", "basic"] = Field(default="none", description="HTTP authentication.")
    ws_security: Literal["none", "username-token", "username-token-digest"] = Field(
        default="none", description="WS-Security UsernameToken with the password as text or as digest."
    )
    username: Secret | None = Field(default=None, description="Needed for http_auth or ws_security.")
    password: Secret | None = Field(default=None, description="Needed for http_auth or ws_security.")

    @model_validator(mode="after")
    def _complete(self) -> Security:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key go together")
        wants = self.http_auth != "none" or self.ws_security != "none"
        if wants and (self.username is None or self.password is None):
            raise ValueError("http_auth or ws_security need username and password")
        return self


class Callback(_Table):
    """Where the system reaches the suite: later answers and events come here."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=0, ge=0, le=65535, description="Port to listen on; 0 chooses a free one.")
    advertise: Url | None = Field(
        default=None,
        description="ReplyAddress as the system sees it, if that differs (NAT, proxy, host name).",
    )
    certificate: Path | None = Field(default=None, description="PEM certificate: then the suite listens with TLS.")
    key: Path | None = Field(default=None, description="PEM key of that certificate.")


class Messages(_Table):
    """What the system understands and sends: verb(noun) with the ways it can. [] says that it cannot."""

    get_meter_readings: list[Literal["sync", "async"]] = Field(
        alias="get(MeterReadings)", description="Answered at once (sync), later at ReplyAddress (async), or both."
    )
    create_end_device_controls: list[Literal["sync", "async"]] = Field(
        alias="create(EndDeviceControls)", description="Connect, disconnect and other controls."
    )
    created_end_device_events: list[Literal["publish"]] = Field(
        alias="created(EndDeviceEvents)", description="Events that it sends by itself."
    )
    created_meter_readings: list[Literal["publish"]] = Field(
        alias="created(MeterReadings)", description="Readings that it sends by itself."
    )


class Options(_Table):
    """What the sources leave open. Only what is claimed here is judged as an obligation."""

    reply_codes: Literal["annex-b", "local"] = Field(
        description="Error codes are those of 61968-9:2013 Annex B (annex-b), or of the product's own (local)."
    )
    schema_errors: Literal["reply", "soap-fault"] = Field(
        description="A message that breaks the schema is refused by a ResponseMessage or FaultMessage with a code"
        " (reply), or by a bare SOAP fault of the web service framework (soap-fault)."
    )
    several_responses: bool = Field(description="An asynchronous answer for several meters may come in parts (0.1).")
    async_without_reply_address: Literal["refused", "answered"] = Field(
        description="AsyncReplyFlag without ReplyAddress is refused, or answered as if it were synchronous."
    )
    get_without_request: Literal["refused", "everything"] = Field(
        description="A get that names nothing is refused, or means every meter."
    )
    revision: Literal["checked", "ignored"] = Field(description="An unknown Header/Revision is refused, or ignored.")
    events_carry_correlation_id: bool = Field(
        description="Events that a control causes carry the CorrelationID of its request."
    )
    on_demand_read: bool = Field(description="A get without a time window reads the meter now.")
    interval_data: bool = Field(description="Interval data come in IntervalBlocks.")
    names: bool = Field(description="Meters can be named by Names with NameType and NameTypeAuthority.")


class Capabilities(_Table):
    """What the system claims (PICS)."""

    messages: Messages = Field(description="Verb and noun.")
    options: Options = Field(description="What the sources leave open.")


class MeterName(_Table):
    """One of a meter's names."""

    name: str = Field(min_length=1, description="The name.")
    type: str | None = Field(default=None, description="NameType.")
    authority: str | None = Field(default=None, description="NameTypeAuthority.")


class Meter(_Table):
    """One meter that the suite may read and control."""

    mrid: str = Field(min_length=1, description="mRID.")
    names: list[MeterName] = Field(default=[], description="Its names.")

    @property
    def by_mrid(self) -> Identified:
        """Name the meter by its mRID alone."""
        return Identified(mrid=self.mrid)

    @property
    def by_name(self) -> Identified:
        """Name the meter by its first name alone."""
        first = self.names[0]
        return Identified(names=(Name(name=first.name, name_type=first.type, authority=first.authority),))

    @property
    def in_full(self) -> Identified:
        """Name the meter by mRID and every name."""
        names = tuple(Name(name=item.name, name_type=item.type, authority=item.authority) for item in self.names)
        return Identified(mrid=self.mrid, names=names)


class HistoricalWindow(_Table):
    """A period in the past for which the meters have data."""

    start: AwareDatetime = Field(description="Its start, with time zone.")
    end: AwareDatetime = Field(description="Its end, with time zone.")

    @model_validator(mode="after")
    def _forward(self) -> HistoricalWindow:
        if self.end <= self.start:
            raise ValueError("end must be later than start")
        return self


class ControlPair(_Table):
    """A control and the event that says it was done."""

    control_type: str = Field(pattern=r"^\d+(\.\d+){3}$", description="EndDeviceControlType, such as 3.31.0.23.")
    event_type: str = Field(pattern=r"^\d+(\.\d+){3}$", description="EndDeviceEventType that reports it done.")


class Controls(_Table):
    """Controls that undo each other; the suite always leaves the meters connected."""

    disconnect: ControlPair = Field(description="Disconnect.")
    connect: ControlPair = Field(description="Connect.")


class TestData(_Table):
    """What the suite may use (PIXIT). Nothing else of the system is touched."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    meters: list[Meter] = Field(min_length=3, description="Three meters or more.")
    reading_types: list[str] = Field(min_length=2, description="Two register reading types that every meter has.")
    interval_type: str | None = Field(default=None, description="A reading type of interval data of every meter.")
    interval_s: int | None = Field(default=None, gt=0, description="Length of those intervals, in seconds.")
    unsupported_reading_type: str = Field(description="A well-formed reading type that no meter has.")
    window: HistoricalWindow = Field(description="A period in the past for which the meters have data.")
    controls: Controls | None = Field(default=None, description="Needed when controls are claimed.")


class Stimulus(_Table):
    """How the system is made to do something by itself."""

    kind: Literal["http", "command", "manual"] = Field(description="Who does it.")
    url: Url | None = Field(default=None, description="http: what is called with POST.")
    body: str = Field(default="", description="http: what is posted.")
    command: list[str] | None = Field(default=None, description="command: program and arguments.")
    prompt: str | None = Field(default=None, description="manual: what a person shall do.")
    meter: str = Field(description="mRID of the meter that it concerns.")
    event_type: str | None = Field(default=None, description="EndDeviceEventType that follows, if it is an event.")

    @model_validator(mode="after")
    def _complete(self) -> Stimulus:
        needed = {"http": "url", "command": "command", "manual": "prompt"}[self.kind]
        if not getattr(self, needed):
            raise ValueError(f'kind = "{self.kind}" needs {needed}')
        return self


class Stimuli(_Table):
    """How the system is made to send messages by itself."""

    end_device_event: Stimulus | None = Field(default=None, description="Makes it send an event, such as an outage.")
    meter_readings: Stimulus | None = Field(default=None, description="Makes it send readings.")


class Timeouts(_Table):
    """How long the suite waits, in seconds."""

    connect_s: Seconds = Field(default=5.0, description="For a connection.")
    reply_s: Seconds = Field(default=30.0, description="For the answer on the same connection.")
    result_s: Seconds = Field(default=60.0, description="For an answer at ReplyAddress.")
    event_s: Seconds = Field(default=60.0, description="For an event.")
    quiet_s: Seconds = Field(default=2.0, description="How long it listens for what must not come.")


class LimitsTable(_Table):
    """What is still accepted."""

    max_message_mib: Annotated[float, Field(gt=0, le=4096)] = Field(default=64, description="Largest message, MiB.")
    max_clock_skew_s: Seconds = Field(default=300.0, description="How far its clock may be off, seconds.")


class Configuration(_Table):
    """All of SUT.toml."""

    system_under_test: SystemUnderTest = Field(description="Identity.")
    endpoints: Endpoints = Field(description="Addresses.")
    security: Security = Field(default=Security(), description="Credentials; never printed, never in evidence.")
    callback: Callback = Field(default=Callback(), description="Where the system reaches the suite.")
    capabilities: Capabilities = Field(description="Claims (PICS).")
    test_data: TestData = Field(description="What may be used (PIXIT).")
    stimuli: Stimuli = Field(default=Stimuli(), description="What makes the system act by itself.")
    timeouts: Timeouts = Field(default=Timeouts(), description="Patience.")
    limits: LimitsTable = Field(default=LimitsTable(), description="Bounds.")
