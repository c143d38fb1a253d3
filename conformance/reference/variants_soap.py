"""Benign variants of how SOAP carries messages: header blocks, actions, receipts, descriptions."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.soap import ENVELOPES
from conformance.message.xml import child, local_name, namespace
from conformance.reference.deviation import Deviation
from conformance.reference.edit import every
from conformance.reference.variant import Variant, variant
from conformance.reference.variants_xml import rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Element, Scene, Wire

_WSA = "http://www.w3.org/2005/08/addressing"
_POSTED = ("result", "event")
_PLACE = "http://head-end.example/services/MeterReadings"


def _blocks(change: Callable[[Element, str], None]) -> Deviation:
    """Add blocks to the Header of every envelope; plain XML has none."""

    def changed(element: Element, scene: Scene) -> Element:
        space = namespace(element)
        if space in ENVELOPES.values() and child(element, "Header") is None:
            head = etree.Element(f"{{{space}}}Header", nsmap={"wsa": _WSA})
            element.insert(0, head)
            change(head, scene.new_id())
        return element

    return Deviation(envelope=changed)


def _addressing(head: Element, fresh: str) -> None:
    for name, said in (
        ("MessageID", f"urn:uuid:{fresh}"),
        ("To", f"{_WSA}/anonymous"),
        ("Action", "http://iec.ch/61968/RequestResponse"),
    ):
        etree.SubElement(head, f"{{{_WSA}}}{name}").text = said


def _binding_addressing(head: Element, fresh: str) -> None:
    """Write what WCF does: its receiver is to know WS-Addressing."""
    _addressing(head, fresh)
    soap = namespace(head)
    head[2].set(f"{{{soap}}}mustUnderstand", "1" if soap == ENVELOPES["1.1"] else "true")


def _optional(head: Element, _: str) -> None:
    soap = namespace(head)
    block = etree.SubElement(head, "{urn:example:bus}Route")
    block.set(f"{{{soap}}}mustUnderstand", "0" if soap == ENVELOPES["1.1"] else "false")
    block.text = "7"


def _trailer(element: Element, _: Scene) -> Element:
    """SOAP 1.1 (4) lets elements of other namespaces follow the Body; SOAP 1.2 does not."""
    if namespace(element) == ENVELOPES["1.1"]:
        etree.SubElement(element, "{urn:example:bus}Trailer").text = "end"
    return element


def _encoding_style(element: Element, _: Scene) -> Element:
    if namespace(element) == ENVELOPES["1.1"]:
        element.set(f"{{{namespace(element)}}}encodingStyle", "")
    return element


def _posted(**headers: str) -> Deviation:
    """Set HTTP headers of what is posted in SOAP 1.1."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def changed(wire: Wire, scene: Scene) -> Wire:
        fits = scene.role in _POSTED and wire.content_type.lower().startswith("text/xml")
        return replace(wire, headers={**wire.headers, **named}) if fits else wire

    return Deviation(wire=changed)


def _start_parameter(wire: Wire, _: Scene) -> Wire:
    said = wire.content_type
    return replace(wire, content_type=f'{said}; profile="urn:x; y"') if wire.body else wire


def _described(change: Callable[[Element], Element | None]) -> Deviation:
    def changed(element: Element, _: Scene) -> Element:
        if local_name(element) != "definitions":
            return element
        made = change(element)
        return element if made is None else made

    return Deviation(description=changed)


def _one_version(root: Element) -> None:
    """Describe SOAP 1.1 alone."""
    for name in ("binding", "port"):
        for item in every(root, name):
            parent = item.getparent()
            if item.get("name", "").endswith("soap12") and parent is not None:
                parent.remove(item)


def _elsewhere(root: Element) -> None:
    for item in every(root, "address"):
        item.set("location", _PLACE)


def _no_action(root: Element) -> None:
    for item in root.iter("{*}operation"):
        if item.get("soapAction"):
            item.set("soapAction", "")


def _documented(root: Element) -> None:
    root.insert(0, etree.Element("{http://schemas.xmlsoap.org/wsdl/}documentation"))
    root[0].text = "The services of the head end"
    for item in root.iter("{*}import"):
        item.addprevious(etree.Comment(" Message.xsd "))


def _foreign(root: Element) -> None:
    """Import the schema of xml:lang from where it is: on another host."""
    schema = next(root.iter("{http://www.w3.org/2001/XMLSchema}schema"), None)
    if schema is not None:
        made = etree.Element("{http://www.w3.org/2001/XMLSchema}import")
        made.set("namespace", "http://www.w3.org/XML/1998/namespace")
        made.set("schemaLocation", "http://www.w3.org/2001/xml.xsd")
        schema.insert(0, made)


def _prefixed(root: Element) -> Element:
    return rebuilt(root, {"w": namespace(root), **{name: space for name, space in root.nsmap.items() if name}})


def _binding_style(root: Element) -> None:
    """Leave out the style of operations: that of the binding counts, and document is the default."""
    for item in root.iter("{*}operation", "{*}binding"):
        item.attrib.pop("style", None)


def _over_jms_too(root: Element) -> None:
    """Offer every operation over JMS besides, as bindings of their own before those of HTTP."""
    found = next(every(root, "binding"), None)
    service = next(every(root, "service"), None)
    if found is None or service is None or found.get("name") is None:
        return
    made = copy.deepcopy(found)
    made.set("name", f"{found.get('name')}_jms")
    made[0].set("transport", "http://www.w3.org/2010/soapjms/")
    found.addprevious(made)
    port = copy.deepcopy(service[0])
    port.set("name", made.get("name", ""))
    port.set("binding", f"{port.get('binding')}_jms")
    port[0].set("location", "jms:queue:Requests")
    service.append(port)


def _finer_code(element: Element, scene: Scene) -> Element:
    """SOAP 1.1 (4.4.1) lets a dot and a finer code follow each of its own."""
    if scene.role == "fault" and namespace(element) == ENVELOPES["1.1"]:
        for item in every(element, "faultcode"):
            item.text = f"{item.text}.Detail"
    return element


SOAP_VARIANTS: tuple[Variant, ...] = (
    variant("ws_addressing", "WS-Addressing blocks in the Header", _blocks(_addressing)),
    variant("ws_addressing_binding", "a WS-Addressing block must be understood, as WCF says",
            _blocks(_binding_addressing)),
    variant("optional_block", "a header block that need not be understood, and says so", _blocks(_optional)),
    variant("trailer_after_body", "in SOAP 1.1 an element of its own follows the Body", Deviation(envelope=_trailer)),
    variant("encoding_style", "in SOAP 1.1 the Envelope has an empty encodingStyle",
            Deviation(envelope=_encoding_style)),
    variant("action_unquoted", "the SOAPAction has no quotation marks",
            _posted(SOAPAction="http://iec.ch/61968/Response")),
    variant("action_empty", "the SOAPAction is empty, in quotation marks", _posted(SOAPAction='""')),
    variant("action_nothing", "the SOAPAction is there and says nothing at all", _posted(SOAPAction="")),
    variant("action_is_a_url", "the SOAPAction is the address of the receiver",
            _posted(SOAPAction='"http://mdm.example/"')),
    variant("content_type_parameter", "the Content-Type has a parameter of its own", Deviation(wire=_start_parameter)),
    variant("wsdl_one_version", "the WSDL describes SOAP 1.1 alone", _described(_one_version)),
    variant("wsdl_address_elsewhere", "the WSDL leads to another host", _described(_elsewhere)),
    variant("wsdl_without_actions", "every soapAction of the WSDL is empty", _described(_no_action)),
    variant("wsdl_documented", "documentation and comments in the WSDL", _described(_documented)),
    variant("wsdl_foreign_import", "the WSDL imports a schema of the W3C from there", _described(_foreign)),
    variant("wsdl_default_style", "the WSDL leaves the default style out", _described(_binding_style)),
    variant("wsdl_over_jms_too", "the WSDL offers the same over JMS besides", _described(_over_jms_too)),
    variant("fault_code_finer", "in SOAP 1.1 a dot and more follow the code of a fault",
            Deviation(envelope=_finer_code)),
    variant("wsdl_other_prefixes", "the WSDL calls its own namespace w", _described(_prefixed)),
)  # fmt: skip
