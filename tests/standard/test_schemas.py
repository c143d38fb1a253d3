"""The schemas accept what is legal, refuse what is not, and say why; two validators agree on it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import xmlschema
from lxml import etree
from lxml.builder import ElementMaker

from conformance import resources
from conformance.standard import schema_problems
from conformance.standard.schemas import SchemaStore

XSD_2013 = resources.directory("xsd") / "2013"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
PROFILES = ("MeterReadings", "GetMeterReadings", "EndDeviceControls", "EndDeviceEvents")
NOUNS = ("MeterReadings", "EndDeviceControls", "EndDeviceEvents")
STORE = SchemaStore()
M = ElementMaker(namespace=MESSAGE, nsmap={None: MESSAGE})


def head(verb: str = "get", noun: str = "MeterReadings") -> etree._Element:
    """Return the smallest legal header."""
    return M.Header(M.Verb(verb), M.Noun(noun))


def reply() -> etree._Element:
    """Return the smallest legal reply."""
    return M.Reply(M.Result("OK"))


def parse(text: str) -> etree._Element:
    """Return ``text``, in which ``NS`` means the declaration of the envelope's namespace."""
    return etree.fromstring(text.replace("NS", f'xmlns="{MESSAGE}"').encode())


def words(element: etree._Element) -> list[str]:
    """Return path and message of every problem."""
    return [f"{one.path}: {one.message}" for one in STORE.problems(element)]


# ---------------------------------------------------------------------------- samples made from the schema


@cache
def compiled(name: str) -> xmlschema.XMLSchema:
    """Return xmlschema's view of one of our files."""
    return xmlschema.XMLSchema(str(XSD_2013 / f"{name}.xsd"))


BRANCHES = 4  # of the longest choice, that of a Payload
SAMPLE_VALUES = {
    "dateTime": "2024-02-29T23:59:59.5+01:00",
    "boolean": "1",
    "QName": "q:name",
    "string": "ä <&>",
}


def _value(kind: Any) -> str:
    if kind.enumeration:
        return str(kind.enumeration[-1])
    while kind.base_type is not None and kind.local_name not in SAMPLE_VALUES:
        kind = kind.base_type
    return SAMPLE_VALUES.get(kind.local_name, "-12")


def fullest(particle: Any, branch: int = 0) -> etree._Element:
    """Return an instance with every element that ``particle`` allows; ``branch`` decides at a choice."""
    made = etree.Element(particle.name, nsmap={"q": "urn:q"})
    kind = particle.type
    attributes = kind.attributes if kind.is_complex() else {}
    for name, attribute in attributes.items():
        made.set(str(name), _value(attribute.type))
    if kind.has_simple_content() or kind.is_simple():
        made.text = _value(kind.content if kind.is_complex() else kind)
        return made
    for child in _particles(kind.content, branch):
        made.append(_instance(child, branch))
    return made


def _particles(group: Any, branch: int) -> Iterator[Any]:
    members = list(group)
    chosen = [members[branch % len(members)]] if group.model == "choice" and members else members
    for one in chosen:
        yield from _particles(one, branch) if hasattr(one, "model") else (one,)


def _instance(particle: Any, branch: int) -> etree._Element:
    if isinstance(particle, xmlschema.validators.XsdAnyElement):
        return etree.Element("{urn:other}anything", {"a": "b"})
    return fullest(particle, branch)


def mutants(chosen: list[etree._Element], wanted: int) -> Iterator[tuple[str, etree._Element]]:
    """Yield at least ``wanted`` copies with one thing changed, spread evenly, and what that is."""
    changes = (drop, duplicate, swap, rename, foreign, spoil, attribute)
    plans = [
        (sample, position, change)
        for sample in chosen
        for position in range(1, len(list(sample.iter("*"))))
        for change in changes
    ]
    assert len(plans) >= wanted
    for sample, position, change in plans[:: len(plans) // wanted]:
        mutant = copy.deepcopy(sample)
        victim = list(mutant.iter("*"))[position]
        change(victim, _parent(victim))
        yield f"{change.__name__} {position}", mutant


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def drop(victim: etree._Element, parent: etree._Element) -> None:
    """Leave it out."""
    parent.remove(victim)


def duplicate(victim: etree._Element, parent: etree._Element) -> None:
    """Say it twice."""
    victim.addnext(copy.deepcopy(victim))


def swap(victim: etree._Element, parent: etree._Element) -> None:
    """Put it before its predecessor."""
    before = victim.getprevious()
    if before is not None:
        before.addprevious(victim)


def rename(victim: etree._Element, parent: etree._Element) -> None:
    """Misspell its name."""
    victim.tag = f"{etree.QName(victim).text}s"


def foreign(victim: etree._Element, parent: etree._Element) -> None:
    """Put it into no namespace."""
    victim.tag = etree.QName(victim).localname


def spoil(victim: etree._Element, parent: etree._Element) -> None:
    """Give it a value that few types have."""
    victim.text = "not a value"


def attribute(victim: etree._Element, parent: etree._Element) -> None:
    """Add an attribute."""
    victim.set("kind", "unheard-of")


def samples(name: str) -> list[etree._Element]:
    """Return the fullest instances of every outermost element in ``name``, one for each branch."""
    return [fullest(root, branch) for root in compiled(name).elements.values() for branch in range(BRANCHES)]


@pytest.mark.parametrize("name", ["Message", *PROFILES, *(f"{one}Message" for one in (*NOUNS, PROFILES[1]))])
def test_everything_that_a_schema_allows_is_valid(name: str) -> None:
    """Every optional element at once, in each branch of a choice, for both validators."""
    for sample in samples(name):
        assert words(sample) == []
        assert schema_problems.explain(compiled(name), sample) == []


@pytest.mark.parametrize("name", ["Message", *PROFILES, "EndDeviceControlsMessage", "GetMeterReadingsMessage"])
def test_validators_agree_on_mutants(name: str) -> None:
    """300 small changes, spread evenly: the verdicts are the same, and an invalid one has its reason."""
    refused = 0
    for what, mutant in mutants(samples(name), 300):
        valid = STORE.is_valid(mutant)
        found = schema_problems.explain(compiled(name), mutant)
        assert valid == (not found), f"{what}: {found}"
        refused += not valid
    assert refused >= 100


# ------------------------------------------------------------------------------------------- the envelope


def test_smallest_message_of_each_kind_is_valid() -> None:
    """Header with Verb and Noun only; Reply where it is mandatory (facts/envelope.md)."""
    for element in (
        M.Message(head()),
        M.RequestMessage(head()),
        M.ResponseMessage(head("reply"), reply()),
        M.EventMessage(head("created")),
        M.FaultMessage(reply()),
    ):
        assert words(element) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<Message NS/>", "/Message: Message lacks Header"),
        ("<ResponseMessage NS><Header><Verb>reply</Verb><Noun/></Header></ResponseMessage>",
         "/ResponseMessage: ResponseMessage lacks Reply"),
        ("<EventMessage NS><Header><Verb>created</Verb></Header></EventMessage>",
         "/EventMessage/Header: Header lacks Noun"),
        ("<EventMessage NS><Header><Noun/><Verb>created</Verb></Header></EventMessage>",
         "/EventMessage/Header/Noun: Noun is out of order; expected here: Verb"),
        ("<FaultMessage NS><Reply><Result>BOGUS</Result></Reply></FaultMessage>",
         "/FaultMessage/Reply/Result: 'BOGUS' is not one of OK, PARTIAL, FAILED"),
        ("<FaultMessage NS><Reply><Result>OK</Result><Error><code>1</code><level>BAD</level></Error>"
         "<Error/></Reply></FaultMessage>",
         "/FaultMessage/Reply/Error[1]/level: 'BAD' is not one of INFORM, WARNING, FATAL, CATASTROPHIC"),
        ("<FaultMessage NS><Reply><Result>OK</Result><Error><code>1</code><xpath>/a/b</xpath></Error></Reply>"
         "</FaultMessage>",
         "/FaultMessage/Reply/Error/xpath: '/a/b' is not a QName (a name with an optional declared prefix)"),
        ("<FaultMessage NS><Reply><Result>OK</Result><ID kind='x'/></Reply></FaultMessage>",
         "/FaultMessage/Reply/ID: attribute kind: 'x' is not one of name, uuid, transaction, other"),
        ("<FaultMessage NS><Reply xmlns='http://www.iec.ch/'/></FaultMessage>",
         f"/FaultMessage/Reply: Reply is in the namespace 'http://www.iec.ch/' instead of '{MESSAGE}'"),
        ("<Header NS/>", f"/Header: Header cannot be the outermost element in the namespace '{MESSAGE}'"),
        ("<FaultMessage NS><Reply><Result>OK</Result></Reply><Reply/></FaultMessage>",
         "/FaultMessage/Reply[2]: Reply is repeated more often than allowed"),
        ("<Message NS><Header><Verb>get</Verb><Noun/><Timestamp>false</Timestamp></Header></Message>",
         "/Message/Header/Timestamp: 'false' is not a valid dateTime"),
        ("<Message NS><Header><Verb>get</Verb><Noun/></Header><Payload><a/></Payload></Message>",
         "/Message/Payload/a: a is not an element of Payload"),
    ],
)  # fmt: skip
def test_refusal_is_said_in_plain_words(text: str, problem: str) -> None:
    """One line, local names, a path that a person can follow."""
    assert problem in words(parse(text))
