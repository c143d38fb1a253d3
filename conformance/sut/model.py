"""What SUT.toml says: the one description of the system under test (ISO/IEC 9646: PICS and PIXIT).

The descriptions here are what ``conformance init`` writes as comments, so that file and model cannot drift.
Every capability is required: a claim that is left out is an error of the configuration, never a smaller plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from conformance.message.model import Identified, Name
from conformance.sut.capabilities import Capabilities, JmsClaims, Messages, Options
from conformance.sut.jms import JmsEndpoint
from conformance.sut.rules import broken
from conformance.sut.values import (
    Directory,
    EventCode,
    Mebibytes,
    Moment,
    NounPattern,
    Port,
    Seconds,
    Secret,
    Table,
    Text,
    Url,
    WholeSeconds,
    dotted,
    inconsistent,
)  # fmt: skip

__all__ = [
    "BareEndpoint", "Callback", "Capabilities", "Configuration", "ControlPair", "Controls", "Endpoints",
    "GenericEndpoint", "HistoricalWindow", "JmsClaims", "JmsEndpoint", "LimitsTable", "Messages", "Meter", "MeterName",
    "Namespaces", "Options", "Secret", "Security", "Standard", "Stimuli", "Stimulus", "SystemUnderTest", "TestData",
    "Timeouts", "TypedEndpoint",
]  # fmt: skip

Soap = Literal["1.1", "1.2"]


class SystemUnderTest(Table):
    """Who is judged. This goes into every report."""

    vendor: Text = Field(description="Who makes it.")
    product: Text = Field(description="What it is called.")
    version: Text = Field(description="Which version is judged.")
    role: Literal["MS"] = Field(description="Role in IEC 61968-9: MS is the metering system (head end).")
    edition: Literal["2013", "2024"] = Field(description="Edition of IEC 61968-9 that it claims.")


class GenericEndpoint(Table):
    """One service for all nouns: operations Request, Response, PublishEvent."""

    url: Url = Field(description="Where requests go.")
    wsdl: Url | None = Field(default=None, description="Where its WSDL is, if it publishes one.")
    soap: Soap = Field(default="1.1", description="SOAP version.")
    request_action: str = Field(default="http://iec.ch/61968/Request", description="SOAPAction of a request.")


class TypedEndpoint(Table):
    """One service for each noun, with typed elements such as CreateEndDeviceControls."""

    get_meter_readings: Url = Field(description="Service GetMeterReadings.")
    request_end_device_controls: Url | None = Field(default=None, description="Service RequestEndDeviceControls.")
    wsdl: Url | None = Field(default=None, description="Where the WSDL of GetMeterReadings is, if published.")
    soap: Soap = Field(default="1.1", description="SOAP version.")


class BareEndpoint(Table):
    """RequestMessage directly in the SOAP Body without a SOAPAction, or as plain XML."""

    url: Url = Field(description="Where requests go.")
    wsdl: Url | None = Field(default=None, description="Where its WSDL is, if it publishes one.")
    soap: Literal["1.1", "1.2", "none"] = Field(default="1.1", description='SOAP version; "none" is plain XML.')


class Endpoints(Table):
    """Where the system listens. Configure the style that is used, or JMS, or both.

    For a system that speaks JMS only: [endpoints.jms] alone, without the tables of SOAP; the style only with its
    binding soap.
    """

    style: Literal["generic", "typed", "bare"] | None = Field(
        default=None, description="The style of SOAP, over HTTP and over JMS; leave it out for a system without SOAP."
    )
    generic: GenericEndpoint | None = Field(default=None, description="Style generic.")
    typed: TypedEndpoint | None = Field(default=None, description="Style typed.")
    bare: BareEndpoint | None = Field(default=None, description="Style bare.")
    jms: JmsEndpoint | None = Field(default=None, description="JMS, whatever the style.")

    @property
    def chosen(self) -> GenericEndpoint | TypedEndpoint | BareEndpoint | None:
        """Return the endpoint of the style that a run over SOAP uses; None for a system without SOAP."""
        found: GenericEndpoint | TypedEndpoint | BareEndpoint | None = getattr(self, self.style or "", None)
        return found


class Security(Table):
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

    @property
    def uses_credentials(self) -> bool:
        """Return whether username and password are sent at all."""
        return self.http_auth != "none" or self.ws_security != "none"


class Callback(Table):
    """Where the system reaches the suite: later answers and events come here."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: Port = Field(default=0, description="Port to listen on; 0 chooses a free one.")
    advertise: Url | None = Field(
        default=None,
        description="ReplyAddress as the system sees it, if that differs (NAT, proxy, host name).",
    )
    certificate: Path | None = Field(default=None, description="PEM certificate: then the suite listens with TLS.")
    key: Path | None = Field(default=None, description="PEM key of that certificate.")


class MeterName(Table):
    """One of a meter's names."""

    name: Text = Field(description="The name.")
    type: str | None = Field(default=None, description="NameType.")
    authority: str | None = Field(default=None, description="NameTypeAuthority.")


class Meter(Table):
    """One meter that the suite may read and control."""

    mrid: Text = Field(description="mRID.")
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


class HistoricalWindow(Table):
    """A period in the past for which the meters have data."""

    start: Moment = Field(description="Its start, with time zone.")
    end: Moment = Field(description="Its end, with time zone.")


class ControlPair(Table):
    """A control and the event that says it was done."""

    control_type: EventCode = Field(description="EndDeviceControlType, such as 3.31.0.23.")
    event_type: EventCode = Field(description="EndDeviceEventType that reports it done.")


class Controls(Table):
    """Controls that undo each other; the suite always leaves the meters connected."""

    disconnect: ControlPair = Field(description="Disconnect.")
    connect: ControlPair = Field(description="Connect.")


class TestData(Table):
    """What the suite may use (PIXIT). Nothing else of the system is touched."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    meters: list[Meter] = Field(min_length=3, description="Three meters or more.")
    reading_types: list[Text] = Field(min_length=2, description="Two register reading types that every meter has.")
    interval_type: Text | None = Field(default=None, description="A reading type of interval data of every meter.")
    interval_s: WholeSeconds | None = Field(default=None, description="Length of those intervals, in seconds.")
    unsupported_reading_type: Text = Field(description="A well-formed reading type that no meter has.")
    window: HistoricalWindow = Field(description="A period in the past for which the meters have data.")
    controls: Controls | None = Field(default=None, description="Needed when controls are claimed.")


class Stimulus(Table):
    """How the system is made to do something by itself."""

    kind: Literal["http", "command", "manual"] = Field(description="Who does it.")
    url: Url | None = Field(default=None, description="http: what is called with POST.")
    body: str = Field(default="", description="http: what is posted.")
    command: list[str] | None = Field(default=None, description="command: program and arguments.")
    prompt: str | None = Field(default=None, description="manual: what a person shall do.")
    meter: Text = Field(description="mRID of the meter that it concerns.")
    event_type: EventCode | None = Field(
        default=None, description="EndDeviceEventType that follows, if it is an event."
    )


class Stimuli(Table):
    """How the system is made to send messages by itself."""

    end_device_event: Stimulus | None = Field(default=None, description="Makes it send an event, such as an outage.")
    meter_readings: Stimulus | None = Field(default=None, description="Makes it send readings.")


class Timeouts(Table):
    """How long the suite waits, in seconds."""

    connect_s: Seconds = Field(default=5.0, description="For a connection.")
    reply_s: Seconds = Field(default=30.0, description="For the answer on the same connection.")
    result_s: Seconds = Field(default=60.0, description="For an answer at ReplyAddress.")
    event_s: Seconds = Field(default=60.0, description="For an event.")
    quiet_s: Seconds = Field(default=2.0, description="How long it listens for what must not come.")


class LimitsTable(Table):
    """What is still accepted."""

    max_message_mib: Mebibytes = Field(default=64, description="Largest message, MiB.")
    max_clock_skew_s: Seconds = Field(default=300.0, description="How far its clock may be off, seconds.")


class Namespaces(Table):
    """Namespaces that are not public, as you know them from the official files; those of 2013 are public."""

    profile: NounPattern | None = Field(default=None, description="Of a profile; {noun} stands for its name.")
    wrapper: NounPattern | None = Field(
        default=None, description="Of the typed SOAP wrappers; {noun} stands for the name of the profile."
    )

    @property
    def given(self) -> dict[str, str]:
        """The URIs that are given, by kind of namespace."""
        return self.model_dump(exclude_none=True)


class Standard(Table):
    """Files of your own that replace what the suite knows of the standard."""

    schemas: Directory | None = Field(
        default=None,
        description="The official schemas: .xsd files of any name, found by target namespace; they replace ours.",
    )
    namespaces: Namespaces = Field(default=Namespaces(), description="Namespaces that are not public.")

    code_tables: Directory | None = Field(
        default=None,
        description="Your full tables of codes: .tsv files, see docs/facts/codes.md.",
    )


class Configuration(Table):
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
    standard: Standard = Field(default=Standard(), description="Your own files.")

    @model_validator(mode="after")
    def _consistent(self) -> Configuration:
        for fault in broken(self.model_dump(by_alias=True)):
            raise inconsistent(f"{dotted(fault.path)} {fault.reason}", fault.fix)
        return self
