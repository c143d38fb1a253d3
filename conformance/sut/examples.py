"""What ``conformance init`` proposes for each key without a default: values that load, until replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

#: Required keys by their path. Every one is a legal value, so that the template loads as it is.
PROPOSED: dict[str, Any] = {
    "system_under_test.vendor": "Example Metering Ltd",
    "system_under_test.product": "Example Head End",
    "system_under_test.version": "1.0",
    "system_under_test.role": "MS",
    "system_under_test.edition": "2013",
    "endpoints.style": "generic",
    "endpoints.generic.url": "http://127.0.0.1:8080/services/Request",
    "capabilities.messages.get(MeterReadings)": ["sync", "async"],
    "capabilities.messages.create(EndDeviceControls)": ["sync", "async"],
    "capabilities.messages.created(EndDeviceEvents)": ["publish"],
    "capabilities.messages.created(MeterReadings)": ["publish"],
    "capabilities.options.reply_codes": "annex-b",
    "capabilities.options.schema_errors": "reply",
    "capabilities.options.several_responses": False,
    "capabilities.options.async_without_reply_address": "refused",
    "capabilities.options.get_without_request": "refused",
    "capabilities.options.revision": "checked",
    "capabilities.options.events_carry_correlation_id": True,
    "capabilities.options.on_demand_read": True,
    "capabilities.options.interval_data": True,
    "capabilities.options.names": True,
    "test_data.meters": [
        {
            "mrid": f"METER-{number}",
            "names": [{"name": f"Meter {number}", "type": "MeterNumber", "authority": "Example Utility"}],
        }
        for number in (1, 2, 3)
    ],
    "test_data.reading_types": [
        "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0",
        "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0",
    ],
    "test_data.interval_type": "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0",
    "test_data.interval_s": 900,
    "test_data.unsupported_reading_type": "0.0.0.1.1.9.58.0.0.0.0.0.0.0.0.0.42.0",
    "test_data.window.start": datetime(2026, 1, 1, tzinfo=UTC),
    "test_data.window.end": datetime(2026, 1, 2, tzinfo=UTC),
    "test_data.controls.disconnect.control_type": "3.31.0.23",
    "test_data.controls.disconnect.event_type": "3.31.0.68",
    "test_data.controls.connect.control_type": "3.31.0.18",
    "test_data.controls.connect.event_type": "3.31.0.42",
}

#: Optional keys that have no default: shown as comments.
EXAMPLES: dict[str, Any] = {
    "endpoints.generic.wsdl": "http://127.0.0.1:8080/services/Request?wsdl",
    "endpoints.typed.get_meter_readings": "http://127.0.0.1:8080/services/GetMeterReadings",
    "endpoints.typed.request_end_device_controls": "http://127.0.0.1:8080/services/RequestEndDeviceControls",
    "endpoints.typed.wsdl": "http://127.0.0.1:8080/services/GetMeterReadings?wsdl",
    "endpoints.bare.url": "http://127.0.0.1:8080/services/messages",
    "endpoints.bare.wsdl": "http://127.0.0.1:8080/services/messages?wsdl",
    "endpoints.jms.class_path": ["jars/*.jar"],
    "endpoints.jms.jndi": {
        "java.naming.factory.initial": "org.apache.activemq.jndi.ActiveMQInitialContextFactory",
        "java.naming.provider.url": "tcp://127.0.0.1:61616",
    },
    "endpoints.jms.requests": {"all": "jms:queue:IEC61968.REQUESTS"},
    "endpoints.jms.replies": "jms:queue:CONFORMANCE.REPLIES",
    "endpoints.jms.request_action": "http://iec.ch/61968/Request",
    "endpoints.jms.target_service": "MeterReadings",
    "endpoints.jms.message_class": "bytes",
    "endpoints.jms.client_id": "conformance",
    "endpoints.jms.subscription": "conformance",
    "endpoints.jms.selector": "Noun IS NOT NULL",
    "endpoints.jms.tls.trust_store": "certificates/broker.p12",
    "endpoints.jms.tls.trust_store_password": {"env": "JMS_TRUST_STORE_PASSWORD"},
    "endpoints.jms.tls.key_store": "certificates/suite.p12",
    "endpoints.jms.tls.key_store_password": {"env": "JMS_KEY_STORE_PASSWORD"},
    "capabilities.jms.reply_to": ["temporary", "named"],
    "capabilities.jms.message_classes": ["text", "bytes"],
    "capabilities.jms.max_message_mib": 16,
    "capabilities.jms.correlation": "correlation-id",
    "capabilities.jms.message_type": "kind",
    "capabilities.jms.properties": {"Verb": "{verb}", "Noun": "{noun}"},
    "capabilities.jms.persistent": True,
    "capabilities.jms.repeated_requests": "once",
    "capabilities.jms.durable_subscribers": True,
    "security.ca": "certificates/ca.pem",
    "security.client_certificate": "certificates/client.pem",
    "security.client_key": "certificates/client.key",
    "security.username": {"env": "SUT_USERNAME"},
    "security.password": {"env": "SUT_PASSWORD"},
    "callback.advertise": "http://suite.example:8090/",
    "callback.certificate": "certificates/suite.pem",
    "callback.key": "certificates/suite.key",
    "standard.schemas": "official-schemas",
    "standard.namespaces.profile": "http://host/{noun}#",
    "standard.namespaces.wrapper": "http://host/{noun}Message",
    "standard.code_tables": "code-tables",
}

#: Ways to fill a stimulus, one for each kind. ``{kind: (what it is, keys)}``.
STIMULI: dict[str, dict[str, Any]] = {
    "http": {"kind": "http", "url": "http://127.0.0.1:8080/simulator/outage", "body": '{"meter": "METER-1"}'},
    "command": {"kind": "command", "command": ["./cause-an-outage", "METER-1"]},
    "manual": {"kind": "manual", "prompt": "Cut the power of meter METER-1, then press Enter."},
}
STIMULUS_METER = "METER-1"
#: EndDeviceEventType of what the example of stimuli.end_device_event causes: a power outage.
STIMULUS_EVENT = "3.26.0.85"
