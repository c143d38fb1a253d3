"""A message in the namespaces of another edition says the same."""

from __future__ import annotations

from lxml import etree

from conformance.message.build import Draft, build, root, sub
from conformance.message.model import Header
from conformance.message.parse import read
from conformance.message.renaming import in_edition
from conformance.standard.editions import EDITION_2013, EDITION_2024
from conformance.standard.schemas import SchemaStore


def message() -> etree._Element:
    """Return a request with parameters, an extension and a comment."""
    query = root("GetMeterReadings")
    sub(sub(query, "EndDevice"), "mRID", "M1")
    made = build(Draft(kind="RequestMessage", header=Header(verb="get", noun="MeterReadings"), request=(query,)))
    made[0].append(etree.fromstring('<v:Hint xmlns:v="urn:vendor" v:a="1">x<b/>y</v:Hint>'))
    made[0].append(etree.Comment("no part of it"))
    return made


def test_renamed_message_is_valid_in_its_edition() -> None:
    """Envelope and profile change, another vendor's namespace, attributes and text do not."""
    before = etree.tostring(original := message())
    edition = EDITION_2024.renamed({"profile": "urn:official:{noun}"})
    made = in_edition(original, edition)
    assert SchemaStore(edition).is_valid(made)
    assert {etree.QName(one).namespace for one in made.iter("*")} == {
        EDITION_2024.envelope, "urn:official:GetMeterReadings", "urn:vendor", None
    }  # fmt: skip
    hint = made.find("{*}Header/{urn:vendor}Hint")
    assert hint is not None
    assert etree.tostring(hint, with_tail=False).startswith(b"<v:Hint")
    assert (hint.text, hint[0].tail, dict(hint.attrib)) == ("x", "y", {"{urn:vendor}a": "1"})
    assert read(made).noun == "MeterReadings"
    assert etree.tostring(original) == before


def test_edition_of_2013_changes_nothing() -> None:
    """Not even a copy is made."""
    original = message()
    assert in_edition(original, EDITION_2013) is original


def test_wrong_namespace_stays_wrong() -> None:
    """What a scenario breaks on purpose stays broken."""
    strange = etree.fromstring('<a xmlns="http://www.iec.ch/TC57/2011/schema/message"><b xmlns=""/></a>')
    assert etree.tostring(in_edition(strange, EDITION_2024)) == etree.tostring(strange)


def test_wrapper_is_renamed() -> None:
    """The typed wrapper's own elements as well."""
    wrapper = etree.Element(f"{{{EDITION_2013.wrapper('MeterReadings')}}}CreateMeterReadings")
    assert in_edition(wrapper, EDITION_2024).tag == f"{{{EDITION_2024.wrapper('MeterReadings')}}}CreateMeterReadings"
