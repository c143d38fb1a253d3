"""The schemas accept what is legal, refuse what is not, and say why; two validators agree on it."""

from __future__ import annotations

import pytest
from lxml import etree
from lxml.builder import ElementMaker

from conformance import resources
from conformance.standard import schema_problems
from conformance.standard.schemas import SchemaStore
from tests.standard.instances import Instance, compiled, maximal, spread_mutants

XSD_2013 = resources.directory("xsd") / "2013"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
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

BRANCHES = 4  # of the longest choice, that of a Payload


def samples(name: str) -> list[Instance]:
    """Return the fullest instances of every outermost element in ``name``, one for each branch."""
    roots = compiled(XSD_2013 / f"{name}.xsd").elements.values()
    return [maximal(root, branch) for root in roots for branch in range(BRANCHES)]


@pytest.mark.parametrize("name", ["Message", "EndDeviceControlsMessage", "GetMeterReadingsMessage"])
def test_everything_that_a_schema_allows_is_valid(name: str) -> None:
    """Every optional element at once, in each branch of a choice, for both validators."""
    for sample in samples(name):
        assert words(sample.root) == []
        assert schema_problems.explain(compiled(XSD_2013 / f"{name}.xsd"), sample.root) == []


@pytest.mark.parametrize("name", ["Message", "EndDeviceControlsMessage", "GetMeterReadingsMessage"])
def test_validators_agree_on_mutants(name: str) -> None:
    """Small changes, spread evenly: the verdicts are the same, and an invalid one has its reason."""
    refused = 0
    for mutant in spread_mutants(samples(name), 300 if name == "Message" else 100):
        valid = STORE.is_valid(mutant.root)
        found = schema_problems.explain(compiled(XSD_2013 / f"{name}.xsd"), mutant.root)
        assert valid == (not found), f"{mutant.what}: {found}"
        refused += not valid
    assert refused >= 30


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
