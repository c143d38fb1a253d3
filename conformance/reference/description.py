"""How the reference system describes itself: the SUT.toml that is true of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conformance.reference.consumption import FORWARD, INTERVAL, INTERVAL_LENGTH, REVERSE
from conformance.reference.switching import CONNECT, CONNECTED, DISCONNECT, DISCONNECTED, POWER_FAILED
from conformance.sut.model import Configuration

if TYPE_CHECKING:
    from datetime import datetime

    from conformance.message.soap import SoapVersion, Style
    from conformance.reference.meters import Fleet, ReferenceMeter

#: Well-formed, and of no meter of this system: reactive energy.
UNSUPPORTED = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.73.0"
#: How many of the ordinary meters the suite may use; the two that share a name come on top.
ORDINARY = 6


def describe(
    fleet: Fleet, url: str, admin_url: str, now: datetime, style: Style = "generic", soap: SoapVersion = "1.1"
) -> Configuration:
    """Return the configuration of a reference system at ``url`` that is used in ``style`` with SOAP ``soap``."""
    meters = [*fleet.meters[:ORDINARY], *fleet.meters[-2:]]
    return Configuration.model_validate(
        {
            "system_under_test": _IDENTITY,
            "endpoints": _endpoints(url, style, soap),
            "capabilities": {"messages": _MESSAGES, "options": _OPTIONS},
            "test_data": {
                "meters": [_meter(meter) for meter in meters],
                "reading_types": [FORWARD, REVERSE],
                "interval_type": INTERVAL,
                "interval_s": int(INTERVAL_LENGTH.total_seconds()),
                "unsupported_reading_type": UNSUPPORTED,
                "window": _window(now),
                "controls": _CONTROLS,
            },
            "stimuli": _stimuli(admin_url, meters[0].mrid, style, soap),
            "timeouts": {"reply_s": 10.0, "result_s": 5.0, "event_s": 5.0, "quiet_s": 0.4},
        }
    )


_IDENTITY = {
    "vendor": "iec61968-9-conformance",
    "product": "Bundled reference metering system",
    "version": "1",
    "role": "MS",
    "edition": "2013",
}
_MESSAGES = {
    "get(MeterReadings)": ["sync", "async"],
    "create(EndDeviceControls)": ["sync", "async"],
    "created(EndDeviceEvents)": ["publish"],
    "created(MeterReadings)": ["publish"],
}
_OPTIONS = {
    "reply_codes": "annex-b",
    "schema_errors": "reply",
    "several_responses": True,
    "async_without_reply_address": "refused",
    "get_without_request": "refused",
    "revision": "checked",
    "events_carry_correlation_id": True,
    "on_demand_read": True,
    "interval_data": True,
    "names": True,
}
_CONTROLS = {
    "disconnect": {"control_type": DISCONNECT, "event_type": DISCONNECTED},
    "connect": {"control_type": CONNECT, "event_type": CONNECTED},
}


def _meter(meter: ReferenceMeter) -> dict[str, Any]:
    names = [{"name": item.name, "type": item.name_type, "authority": item.authority} for item in meter.identity.names]
    return {"mrid": meter.mrid, "names": names}


def _window(now: datetime) -> dict[str, datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return {"start": midnight, "end": midnight + timedelta(hours=6)}


def _endpoints(url: str, style: Style, soap: SoapVersion) -> dict[str, Any]:
    version = "1.1" if soap == "none" else soap
    return {
        "style": style,
        "generic": {"url": f"{url}/generic", "wsdl": f"{url}/generic?wsdl", "soap": version},
        "typed": {
            "get_meter_readings": f"{url}/typed/GetMeterReadings",
            "request_end_device_controls": f"{url}/typed/RequestEndDeviceControls",
            "wsdl": f"{url}/typed/GetMeterReadings?wsdl",
            "soap": version,
        },
        "bare": {"url": f"{url}/bare", "soap": soap},
    }


def _stimuli(admin_url: str, meter: str, style: Style, soap: SoapVersion) -> dict[str, Any]:
    query = f"meter={meter}&style={style}&soap={soap}"
    return {
        "end_device_event": {
            "kind": "http",
            "url": f"{admin_url}/stimuli/power-failure?{query}",
            "body": "{reply_address}",
            "meter": meter,
            "event_type": POWER_FAILED,
        },
        "meter_readings": {
            "kind": "http",
            "url": f"{admin_url}/stimuli/publish-readings?{query}",
            "body": "{reply_address}",
            "meter": meter,
        },
    }
