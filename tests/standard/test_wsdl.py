"""The service descriptions: a typical client can use every one of them, from disk and as they are served."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from conformance import resources
from conformance.standard import wsdl
from conformance.standard.editions import EDITIONS
from conformance.standard.schemas import SchemaStore
from tools import outline, schemas
from tools import wsdl as generator

XSD = resources.directory("xsd")
XSD_2013 = XSD / "2013"
REQUESTS = ("Create", "Change", "Cancel", "Close", "Delete")
EVENTS = ("Created", "Changed", "Canceled", "Closed", "Deleted")
CLIENT: Any = zeep.Client  # its annotations are incomplete


def operations(edition: str) -> dict[str, set[str]]:
    """Return the operations that each service must have (facts/soap.md, styles 1 and 2)."""
    found = {"generic": {"Request", "Response", "PublishEvent"}}
    for noun in outline.nouns(edition):
        if noun.startswith("Get"):
            found[noun] = {noun}
        elif noun != "MeterReadingSet":
            found |= {f"{kind}{noun}": {verb + noun for verb in REQUESTS} for kind in ("Request", "Execute")}
            found |= {f"{kind}{noun}": {verb + noun for verb in EVENTS} for kind in ("Send", "Receive")}
            found[f"Reply{noun}"] = {verb + noun for verb in (*EVENTS, "Response")}
    return found


SERVICES = [(edition, service) for edition in EDITIONS for service in operations(edition)]
SAMPLE = [
    ("2013", "generic"), ("2013", "GetMeterReadings"), ("2013", "RequestEndDeviceControls"),
    ("2013", "ReplyMeterServiceRequests"), ("2024", "generic"), ("2024", "GetMeterReadSchedules"),
    ("2024", "SendMeterReadings"),
]  # fmt: skip


class Served:
    """Answers ``?wsdl`` and ``?xsd=NAME`` as a server would."""

    def __init__(self, edition: str) -> None:
        """Serve one edition."""
        self.edition = edition

    def load(self, url: str) -> bytes:
        """Return the document at ``url``."""
        base, _, query = url.partition("?")
        key, _, name = query.partition("=")
        if key == "xsd":
            return wsdl.served_schema(name, base, self.edition)
        assert key == "wsdl", url
        return wsdl.wsdl(base.rpartition("/")[2], base, self.edition)


def _bindings(client: Any) -> dict[str, set[str]]:
    (service,) = client.wsdl.services.values()
    return {type(port.binding).__name__: set(port.binding._operations) for port in service.ports.values()}


def test_committed_files_are_what_the_generators_write() -> None:
    """Nobody edits a generated file by hand, and none is left over."""
    made = {**schemas.files(), **generator.files()}
    for path, text in made.items():
        assert (XSD / path).read_text(encoding="utf-8") == text, f"run tools/schemas.py and tools/wsdl.py: {path}"
    present = {path.relative_to(XSD) for kind in ("*.xsd", "*.wsdl") for path in XSD.rglob(kind)}
    assert present - set(made) == {Path("2013/Message.xsd")}


@pytest.mark.parametrize("edition", EDITIONS)
def test_there_is_a_description_for_every_service(edition: str) -> None:
    """Five for each noun, one for each query, and the generic one."""
    assert set(wsdl.services(edition)) == set(operations(edition))


@pytest.mark.parametrize("chosen", [SERVICES[::7], pytest.param(SERVICES, marks=pytest.mark.nightly)])
def test_client_finds_every_operation_on_disk(chosen: list[tuple[str, str]]) -> None:
    """Loaded from its file, with SOAP 1.1 and SOAP 1.2: every seventh description, and all of them at night."""
    for edition, service in chosen:
        expected = operations(edition)[service]
        found = _bindings(CLIENT(str(XSD / edition / "wsdl" / f"{service}.wsdl")))
        assert found == {"Soap11Binding": expected, "Soap12Binding": expected}, service


def test_descriptions_name_what_their_edition_names() -> None:
    """No namespace of one edition in the files of the other, and nothing but the table's (namespaces.toml)."""
    for edition, service in SERVICES:
        names, root = EDITIONS[edition], etree.parse(XSD / edition / "wsdl" / f"{service}.wsdl").getroot()
        noun = re.sub("^(Request|Execute|Send|Receive|Reply)", "", service)
        body, space = root.nsmap["body"], root.get("targetNamespace")
        expected = (
            (names.envelope, names.generic) if noun == "generic" else (names.wrapper(noun), names.service(service))
        )
        assert (body, space) == expected


@pytest.mark.parametrize(("edition", "service"), SAMPLE)
def test_client_finds_every_operation_when_served(edition: str, service: str) -> None:
    """Loaded over HTTP, where all schemas come through ``?xsd=NAME``, with the address that was set."""
    client = CLIENT(f"http://mdm.example/{service}?wsdl", transport=Served(edition))
    expected = operations(edition)[service]
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


@pytest.mark.parametrize("service", ["", "Generic", "../wsdl/generic", "GetReceiptRecord"])
def test_only_known_services_are_described(service: str) -> None:
    """Nor does the name of a service."""
    with pytest.raises(KeyError):
        wsdl.wsdl(service, "http://mdm.example/a")
