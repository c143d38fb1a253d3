"""What the system claims (ISO/IEC 9646: PICS): the table ``capabilities`` of SUT.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool

from conformance.sut.values import Mebibytes, Table, Words, inconsistent

#: What a property may be claimed to be: the message's own value, or a type of JMS (3.5.2).
PROPERTY_VALUES = (
    "{verb}", "{noun}", "{message_id}", "{correlation_id}",
    "boolean", "byte", "short", "int", "long", "float", "double", "string",
)  # fmt: skip


def _known(properties: dict[str, str]) -> dict[str, str]:
    for name, value in properties.items():
        if value not in PROPERTY_VALUES:
            fix = f"say one of {', '.join(PROPERTY_VALUES)}"
            raise inconsistent(f'says that {name} is "{value}", which is neither a value nor a type', fix)
    return properties


Properties = Annotated[
    dict[str, str], AfterValidator(_known), Words('table of texts such as "{verb}", "int" or "string"')
]


class Messages(Table):
    """What the system understands and sends: verb(noun) with the ways it can. [] says that it cannot."""

    get_meter_readings: list[Literal["sync", "async"]] = Field(
        alias="get(MeterReadings)",
        description="Answered at once (sync), later at ReplyAddress (async), or both.",
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


class Options(Table):
    """What the sources leave open. Only what is claimed here is judged as an obligation."""

    reply_codes: Literal["annex-b", "local"] = Field(
        description="Error codes are those of 61968-9:2013 Annex B (annex-b), or the product's own (local)."
    )
    schema_errors: Literal["reply", "soap-fault"] = Field(
        description="A message that breaks the schema is refused by a ResponseMessage or FaultMessage with a"
        " code (reply), or by a bare SOAP fault of the web service framework (soap-fault)."
    )
    several_responses: StrictBool = Field(
        description="An asynchronous answer for several meters may come in parts (0.1)."
    )
    async_without_reply_address: Literal["refused", "answered"] = Field(
        description="AsyncReplyFlag without ReplyAddress is refused, or answered as if it were synchronous."
    )
    get_without_request: Literal["refused", "everything"] = Field(
        description="A get that names nothing is refused, or means every meter."
    )
    revision: Literal["checked", "ignored"] = Field(description="An unknown Header/Revision is refused, or ignored.")
    events_carry_correlation_id: StrictBool = Field(
        description="Events that a control causes carry the CorrelationID of its request."
    )
    on_demand_read: StrictBool = Field(description="A get without a time window reads the meter now.")
    interval_data: StrictBool = Field(description="Interval data come in IntervalBlocks.")
    names: StrictBool = Field(description="Meters can be named by Names with NameType and NameTypeAuthority.")


class JmsClaims(Table):
    """What the system does over JMS. The mapping is not public: only what is claimed here is judged."""

    reply_to: list[Literal["temporary", "named"]] = Field(
        description="Which queues in JMSReplyTo it answers to: temporary ones, named ones."
    )
    message_classes: list[Literal["text", "bytes"]] = Field(
        description="What it understands: TextMessage, BytesMessage."
    )
    max_message_mib: Mebibytes | None = Field(
        default=None, description="Largest request that it takes over JMS, MiB; without it none is tried."
    )
    correlation: Literal["correlation-id", "local"] = Field(
        description="JMSCorrelationID of what it sends is Header/CorrelationID, or something of its own."
    )
    message_type: Literal["kind", "local"] = Field(
        description="JMSType of what it sends is the kind of message, such as ResponseMessage, or its own affair."
    )
    properties: Properties = Field(
        description="Properties of everything that it sends: a value of the message, or a type. {} is none."
    )
    persistent: StrictBool = Field(description="Later answers and events are sent persistent.")
    repeated_requests: Literal["once", "again"] = Field(
        description="A request that is delivered twice (same MessageID) is carried out once, or again."
    )
    durable_subscribers: StrictBool = Field(
        description="Its event topics may be subscribed to durably, by a client id of the suite's choice."
    )


class Capabilities(Table):
    """What the system claims (PICS)."""

    messages: Messages = Field(description="Verb and noun.")
    options: Options = Field(description="What the sources leave open.")
    jms: JmsClaims | None = Field(default=None, description="Over JMS; needed with [endpoints.jms].")
