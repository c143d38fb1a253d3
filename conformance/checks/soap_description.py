"""Checks of the WSDL that the system publishes (SOAP-019 to 024)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.checks.service import HTTP, WSDL, Operation, Service, is_known, links, read_service, same_host
from conformance.message.xml import local_name, namespace

if TYPE_CHECKING:
    from lxml import etree

    from conformance.checks.scene import Scene
    from conformance.checks.service import Link
    from conformance.standard.editions import Edition

    Element = etree._Element

_NAMES = {"RequestMessage": "Request", "ResponseMessage": "Response", "EventMessage": "PublishEvent"}
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - a placeholder, not bound


def _read(scene: Scene) -> Service:
    """Return what the system describes. Raises NothingToJudgeError when nothing of it could be read."""
    if not scene.documents:
        raise NothingToJudgeError("no description was read")
    return read_service(scene.documents)


def _found(scene: Scene, expected: str, observed: str, where: str = "") -> Finding:
    return Finding(
        expected=expected, observed=observed, where=where, messages=tuple(item.id for item in scene.documents)
    )


@check("the description can be read with everything that it imports")
def readable(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-019. What is imported from another host is not fetched, and so not judged."""
    service = _read(scene)
    for url, reason in service.unreadable.items():
        yield _found(scene, "a document that can be read", reason, url)
    first = scene.documents[0].url
    root = service.roots.get(first)
    if root is not None and (namespace(root), local_name(root)) != (WSDL, "definitions"):
        yield _found(scene, "definitions of WSDL 1.1", f"the root element {root.tag!s}", first)
    for url, document in service.roots.items():
        for link in links(document, url):
            wrong = _wrong_link(link, service, url)
            if wrong is not None:
                yield _found(scene, *wrong, f"{url}, line {link.line}")


def _wrong_link(link: Link, service: Service, url: str) -> tuple[str, str] | None:
    if link.url is None:
        elsewhere = any(not is_known(space) for space in service.hidden)
        found = link.namespace in service.declared or is_known(link.namespace) or elsewhere
        if link.kind == "wsdl" or not found:
            return f"where {link.namespace} is declared", "the import does not say where"
        return None
    target = service.roots.get(link.url)
    if target is None or not same_host(link.url, url) or (link.kind != "wsdl" and local_name(target) != "schema"):
        return None
    said = target.get("targetNamespace", "")
    # What is included may have no namespace of its own, nor need a description; what a schema imports must have it.
    legal = (link.namespace,) if link.kind == "schema" else (link.namespace, "")
    if said not in legal:
        return f"the targetNamespace {link.namespace or '(none)'} in {link.url}", f"it is {said or 'none'}"
    return None


@check("every part of the description is an element that its schemas declare")
def parts_declared(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-020 (WS-I Basic Profile 1.1, R2204), of style document: the parts of rpc are types, and rightly.

    Only what stands in the Body is judged. Elements of a schema that was not wholly read are passed over.
    """
    service = _read(scene)
    parts = dict.fromkeys(part for item in service.operations if item.style == "document" for part in item.parts)
    if not parts:
        raise NothingToJudgeError("the description has no operation of style document")
    for part in parts:
        if part.element is None:
            yield _found(scene, "a part that names an element", "it names a type, or nothing", part.where)
        elif part.element not in service.elements and _is_read(part.element[1:].partition("}")[0], service):
            yield _found(scene, "an element that is declared", f"no schema declares {part.element}", part.where)


def _is_read(space: str, service: Service) -> bool:
    return space in service.declared and space not in service.hidden


def _requests(service: Service, edition: Edition) -> list[Operation]:
    """Return the operations that take the request for readings, in the style for all nouns or in that of the noun."""
    typed = f"{{{edition.wrapper('GetMeterReadings')}}}GetMeterReadings"
    wanted = {f"{{{edition.envelope}}}RequestMessage", typed}
    if "wrapper" in edition.unverified:  # then no namespace is the wrong one
        taken = {item.takes or "" for item in service.operations}
        wanted |= {name for name in taken if name.endswith("}GetMeterReadings")}
    return [item for item in service.operations if item.takes in wanted]


@check("the description offers the request for readings, answered by a response")
def request_offered(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-021."""
    service = _read(scene)
    found = _requests(service, scene.terms.edition)
    if not found and not service.is_whole:
        raise NothingToJudgeError("a part of the description is on another host, and was not read")
    if not found:
        offered = ", ".join(sorted({f"{item.name} ({item.takes})" for item in service.operations})) or "nothing"
        yield _found(scene, "an operation that takes RequestMessage, or GetMeterReadings", f"it offers {offered}")
    for item in found:
        if not (item.gives or "").endswith("ResponseMessage"):
            yield _found(scene, f"{item.name} gives a ResponseMessage", f"it gives {item.gives or 'nothing'}")


@check("the operations for all nouns have the names of the guideline")
def names_agreed(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-022 (TR 61968-900, 10.2.2)."""
    service = _read(scene)
    mine = [item for item in service.operations if (item.takes or "").startswith(f"{{{scene.terms.edition.envelope}}}")]
    if not mine:
        raise NothingToJudgeError("the description has no operation for all nouns")
    for item in mine:
        kind = (item.takes or "").rpartition("}")[2]
        expected = _NAMES.get(kind, item.name)
        if item.name != expected:
            yield _found(scene, f"{kind} is taken by the operation {expected}", f"by {item.name}")


@check("the operation for requests is bound as document and literal")
def bound(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-023 (WS-I Basic Profile 1.1, R2702, R2705 and R2706).

    Who offers the operation over HTTP may offer it over JMS besides, say.
    """
    found = _requests(_read(scene), scene.terms.edition)
    if not found:
        raise NothingToJudgeError("the description has no operation that takes a request for readings")
    for item in [one for one in found if one.transport in HTTP] or found:
        if item.style != "document" or not item.uses <= {"literal"}:
            observed = f"{item.name} is {item.style}, {', '.join(sorted(item.uses))}"
            yield _found(scene, "style document, use literal", observed)
        if item.transport not in HTTP:
            yield _found(scene, f"the transport {HTTP[0]}", f"{item.transport or 'none'}", item.name)


@check("every address of the description is one that a client can use")
def addresses(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-024: absolute, and on this machine only where the description itself is. JMS has addresses, too."""
    service = _read(scene)
    if not any(local_name(root) == "definitions" for root in service.roots.values()):
        raise NothingToJudgeError("nothing of the description could be read")
    if not service.addresses and service.is_whole:
        yield _found(scene, "a port with an address", "there is none")
    near = urlsplit(scene.documents[0].url).hostname in _LOOPBACK
    for address in service.addresses:
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            yield _found(scene, "an absolute http or https URL", address)
            continue
        if parts.scheme == "jms":
            continue
        if parts.scheme not in ("http", "https") or not host:
            yield _found(scene, "an absolute http or https URL", address or "an empty address")
        elif host in _LOOPBACK and not near:
            yield _found(scene, "an address that other machines can reach", address)
