"""The service descriptions: a typical client can use every one of them, from disk and as they are served."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest
import zeep
from lxml import etree

from conformance import resources
from conformance.standard import wsdl
from conformance.standard.schemas import SchemaStore

XSD_2013 = resources.directory("xsd") / "2013"
NOUNS = ("MeterReadings", "EndDeviceControls", "EndDeviceEvents")
REQUESTS = ("Create", "Change", "Cancel", "Close", "Delete")
EVENTS = ("Created", "Changed", "Canceled", "Closed", "Deleted")
CLIENT: Any = zeep.Client  # its annotations are incomplete
OPERATIONS = {"generic": {"Request", "Response", "PublishEvent"}, "GetMeterReadings": {"GetMeterReadings"}}
for noun in NOUNS:
    OPERATIONS |= {f"{kind}{noun}": {verb + noun for verb in REQUESTS} for kind in ("Request", "Execute")}
    OPERATIONS |= {f"{kind}{noun}": {verb + noun for verb in EVENTS} for kind in ("Send", "Receive")}
    OPERATIONS[f"Reply{noun}"] = {verb + noun for verb in (*EVENTS, "Response")}


class Served:
    """Answers ``?wsdl`` and ``?xsd=NAME`` as a server would."""

    def load(self, url: str) -> bytes:
        """Return the document at ``url``."""
        base, _, query = url.partition("?")
        key, _, name = query.partition("=")
        if key == "xsd":
            return wsdl.served_schema(name, base)
        assert key == "wsdl", url
        return wsdl.wsdl(base.rpartition("/")[2], base)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wsdl_generator", XSD_2013.parents[1] / "tools" / "wsdl.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _bindings(client: Any) -> dict[str, set[str]]:
    (service,) = client.wsdl.services.values()
    return {type(port.binding).__name__: set(port.binding._operations) for port in service.ports.values()}


def test_committed_files_are_what_the_generator_writes() -> None:
    """Nobody edits a generated file by hand, and none is left over."""
    made = _generator().files()
    for path, text in made.items():
        assert (XSD_2013 / path).read_text(encoding="utf-8") == text, f"run tools/wsdl.py: {path} differs"
    present = {f"wsdl/{path.name}" for path in (XSD_2013 / "wsdl").iterdir()}
    present |= {path.name for path in XSD_2013.glob("?*Message.xsd")}
    assert present == set(made)


def test_there_is_a_description_for_every_service() -> None:
    """The table of this test is complete."""
    assert set(wsdl.services()) == set(OPERATIONS)


@pytest.mark.parametrize("service", OPERATIONS)
def test_client_finds_every_operation_on_disk(service: str) -> None:
    """Loaded from its file, with SOAP 1.1 and SOAP 1.2."""
    client = CLIENT(str(XSD_2013 / "wsdl" / f"{service}.wsdl"))
    expected = OPERATIONS[service]
    assert _bindings(client) == {"Soap11Binding": expected, "Soap12Binding": expected}


@pytest.mark.parametrize("service", OPERATIONS)
def test_client_finds_every_operation_when_served(service: str) -> None:
    """Loaded over HTTP, where all schemas come through ``?xsd=NAME``, with the address that was set."""
    client = CLIENT(f"http://mdm.example/{service}?wsdl", transport=Served())
    expected = OPERATIONS[service]
    assert _bindings(client) == {"Soap11Binding": expected, "Soap12Binding": expected}
    assert client.service._binding_options["address"] == f"http://mdm.example/{service}"


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("generic", "PublishEvent", "http://iec.ch/61968/PublishEvent"),
        ("GetMeterReadings", "GetMeterReadings", "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        (
            "RequestEndDeviceControls",
            "CreateEndDeviceControls",
            "http://iec.ch/TC57/2011/EndDeviceControls/CreateEndDeviceControls",
        ),
        (
            "ReplyMeterReadings",
            "ResponseMeterReadings",
            "http://iec.ch/TC57/2011/MeterReadings/ResponseMeterReadings",
        ),
    ],
)
def test_soap_action_is_the_one_of_the_field(service: str, operation: str, action: str) -> None:
    """facts/soap.md, styles 1 and 2."""
    client = CLIENT(str(XSD_2013 / "wsdl" / f"{service}.wsdl"))
    assert client.service._binding.get(operation).soapaction == action


def test_client_builds_a_get_with_header_and_parameters() -> None:
    """The children of Header are in the envelope's namespace, those of Request in the profile's."""
    client = CLIENT(str(XSD_2013 / "wsdl" / "GetMeterReadings.wsdl"))
    message = client.create_message(
        client.service,
        "GetMeterReadings",
        Header={"Verb": "get", "Noun": "MeterReadings"},
        Request={"GetMeterReadings": [{"EndDevice": [{"mRID": "M1"}]}]},
    )
    names = [str(one.tag) for one in message.iter("*")]
    assert SchemaStore().problems(message[0][0]) == []
    root = "http://iec.ch/TC57/2011"
    assert f"{{{root}/GetMeterReadingsMessage}}Header" in names
    assert f"{{{root}/schema/message}}Verb" in names
    assert f"{{{root}/GetMeterReadings#}}mRID" in names


@pytest.mark.parametrize("service", ["RequestMeterReadings", "ExecuteEndDeviceControls"])
def test_client_builds_a_typed_request(service: str) -> None:
    """What a client makes of the description is valid by the schemas."""
    noun = service.removeprefix("Request").removeprefix("Execute")
    client = CLIENT(str(XSD_2013 / "wsdl" / f"{service}.wsdl"))
    header = {"Verb": "create", "Noun": noun, "Property": [{"Name": "a", "Value": "b"}], "AckRequired": True}
    message = client.create_message(client.service, f"Create{noun}", Header=header, Payload={noun: {}})
    assert SchemaStore().problems(message[0][0]) == []


def test_client_builds_a_generic_request() -> None:
    """Style 1, with SOAP 1.2, and the parameters as an element of its own."""
    client = CLIENT(str(XSD_2013 / "wsdl" / "generic.wsdl"), port_name="generic_soap12")
    parameters = etree.Element("{http://iec.ch/TC57/2011/GetMeterReadings#}GetMeterReadings")
    request = {"ID": [{"_value_1": "M1", "kind": "name"}], "_value_1": [parameters]}
    header = {"Verb": "get", "Noun": "MeterReadings"}
    message = client.create_message(client.service, "Request", Header=header, Request=request)
    assert SchemaStore().problems(message[0][0]) == []
    assert message[0][0][1][1].tag == parameters.tag


def test_address_stands_in_both_ports() -> None:
    """What follows a question mark is no part of the address."""
    root = etree.fromstring(wsdl.wsdl("generic", "https://mdm.example:8443/a?wsdl"))
    places = root.xpath("//*[local-name()='address']/@location")
    assert places == ["https://mdm.example:8443/a"] * 2


@pytest.mark.parametrize("name", ["", "Message", "message.xsd", "../Message.xsd", "wsdl/generic.wsdl", "/etc/passwd"])
def test_only_known_schemas_are_served(name: str) -> None:
    """A name in a URL never reaches the file system."""
    with pytest.raises(KeyError):
        wsdl.served_schema(name, "http://mdm.example/a")


@pytest.mark.parametrize("service", ["", "Generic", "../wsdl/generic", "GetEndDeviceEvents"])
def test_only_known_services_are_described(service: str) -> None:
    """Nor does the name of a service."""
    with pytest.raises(KeyError):
        wsdl.wsdl(service, "http://mdm.example/a")
