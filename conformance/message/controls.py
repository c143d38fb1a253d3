"""EndDeviceControls and EndDeviceEvents: build and read (TR 61968-900, 7.2 to 7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.message.build import add_identity, root, sub
from conformance.message.model import Identified
from conformance.message.parse import identified
from conformance.message.xml import child, children, local_name, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from conformance.message.model import Message

    Element = etree._Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One EndDeviceControl: a control type (``3.31.0.23``) for one or more devices."""

    control_type: str | None
    devices: tuple[Identified, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One EndDeviceEvent. ``created`` is createdDateTime as it stands; ``device`` is its Assets element."""

    event_type: str | None
    created: str | None
    device: Identified
    mrid: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    line: int | None = None


def end_device_controls(controls: Sequence[Control]) -> Element:
    """Return an EndDeviceControls element."""
    element = root("EndDeviceControls")
    for control in controls:
        item = sub(element, "EndDeviceControl")
        if control.reason is not None:
            sub(item, "reason", control.reason)
        if control.control_type is not None:
            sub(item, "EndDeviceControlType").set("ref", control.control_type)
        for device in control.devices:
            add_identity(sub(item, "EndDevices"), device)
    return element


def read_controls(message: Message) -> list[Control]:
    """Return every EndDeviceControl of every EndDeviceControls payload of ``message``."""
    return [
        Control(
            control_type=_ref(item, "EndDeviceControlType"),
            devices=tuple(identified(device) for device in children(item, "EndDevices")),
            reason=text(item, "reason"),
        )
        for payload in message.payloads
        if local_name(payload) == "EndDeviceControls"
        for item in children(payload, "EndDeviceControl")
    ]


def end_device_events(events: Sequence[Event]) -> Element:
    """Return an EndDeviceEvents element."""
    element = root("EndDeviceEvents")
    for event in events:
        item = sub(element, "EndDeviceEvent")
        if event.mrid is not None:
            sub(item, "mRID", event.mrid)
        if event.created is not None:
            sub(item, "createdDateTime", event.created)
        add_identity(sub(item, "Assets"), event.device)
        for name, value in event.details:
            detail = sub(item, "EndDeviceEventDetails")
            sub(detail, "name", name)
            sub(detail, "value", value)
        if event.event_type is not None:
            sub(item, "EndDeviceEventType").set("ref", event.event_type)
    return element


def read_events(message: Message) -> list[Event]:
    """Return every EndDeviceEvent of every EndDeviceEvents payload of ``message``."""
    return [
        _event(item)
        for payload in message.payloads
        if local_name(payload) == "EndDeviceEvents"
        for item in children(payload, "EndDeviceEvent")
    ]


def _event(element: Element) -> Event:
    asset = child(element, "Assets")
    details = children(element, "EndDeviceEventDetails")
    return Event(
        event_type=_ref(element, "EndDeviceEventType"),
        created=text(element, "createdDateTime"),
        device=Identified() if asset is None else identified(asset),
        mrid=text(element, "mRID"),
        details=tuple((text(item, "name") or "", text(item, "value") or "") for item in details),
        line=element.sourceline,
    )


def _ref(element: Element, name: str) -> str | None:
    found = child(element, name)
    return None if found is None else found.get("ref")
