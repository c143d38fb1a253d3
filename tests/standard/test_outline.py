"""The outline: every place of the documents has a requirement, and every clause leads to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.errors import InternalError
from conformance.standard import outline as module
from conformance.standard.catalogue import catalogue
from conformance.standard.outline import keys_of, outline

if TYPE_CHECKING:
    from pathlib import Path

#: What is read only there, and so makes a row one of that edition.
EDITION_OF = {"T": "2013", "E2": "2013", "E3": "2024"}
#: Areas that are about a transport, and the clauses that only they can have rows for.
AREAS = ("soap", "jms", "soap_over_jms")
AREA_OF = {
    **dict.fromkeys(["T 10.2.1", "T 10.2.2", "T 10.2.3", "T 10.2.4"], "soap"),
    **dict.fromkeys(["T Figure 68", "T Figure 69", "T Figure 70"], "soap"),
    "T 10.3": "jms",
}


def test_every_place_has_a_requirement() -> None:
    """No clause, figure or table of the outline goes without a row; a transport's clause waits for its area."""
    covered = {key for row in catalogue().values() for key in keys_of(row.clause)}
    areas = {row.area for row in catalogue().values()}
    waiting = {key for key, area in AREA_OF.items() if area not in areas}
    assert not [key for key in outline() if key not in covered | waiting]
    assert len(outline()) > 300


def test_every_clause_leads_to_a_place() -> None:
    """A clause that the outline does not know is a slip; rows about a transport itself follow documents of its own."""
    assert not [row.id for row in catalogue().values() if not keys_of(row.clause) and row.area not in AREAS]


def test_clauses_and_editions_agree() -> None:
    """Who cites the edition of 2024 belongs to it, and nobody belongs to it alone who cites the one before."""
    for row in catalogue().values():
        cited = {EDITION_OF[key.split()[0]] for key in keys_of(row.clause) if key != "I"}
        assert cited <= set(row.editions), row.id
        assert row.editions != ("2024",) or cited == {"2024"}, row.id


@pytest.mark.parametrize(
    ("clause", "keys"),
    [
        ("TR 61968-900:2015, 6.2.2 and 6.3.5 (Figures 16, 22)", "T 6.2.2|T 6.3.5|T Figure 16|T Figure 22"),
        ("TR 61968-900:2015, 6.2.2 to 6.2.3", "T 6.2.2|T 6.2.3"),
        ("TR 61968-900:2015, 3.3 (Figures 1 to 3) and 4.8", "T 3.3|T 4.8|T Figure 1|T Figure 2|T Figure 3"),
        ("TR 61968-900:2015, Table 10 and 8.3.1", "T 8.3.1|T Table 10"),
        ("61968-9:2013 Annexes C, D; exchange rule 8", "E2 Annex C|E2 Annex D"),
        ("61968-9:2013 Annex K (Figures K.3 to K.4)", "E2 Annex K|E2 Figure K.3|E2 Figure K.4"),
        ("61968-9:2024 Annex J.2.34", "E3 Annex J|E3 Annex J.2.34"),
        ("61968-9:2024 J.2.33 to J.2.34", "E3 Annex J|E3 Annex J.2.33|E3 Annex J.2.34"),
        ("61968-9:2013 5.2.2 (Figure 5); 61968-9:2024 5.2.2", "E2 5.2.2|E2 Figure 5|E3 5.2.2"),
        ("TR 61968-900:2015, 6.5.6.7", "T 6.5.6"),
        ("TR 61968-900:2015, 6", ""),
        ("CIM issue 5979", "I"),
        ("61968-9:2013 Annex B to D", "E2 Annex B|E2 Annex D"),
        ("exchange rules 1 to 3", ""),
        ("TR 61968-900:2015, 3.4.7 (Message.xsd)", "T 3.4.7"),
    ],
)
def test_reading_a_clause(clause: str, keys: str) -> None:
    """Lists, ranges, figures, annexes and their parts; what is no clause of a document leads nowhere."""
    assert sorted(keys_of(clause)) == sorted(filter(None, keys.split("|")))


@pytest.mark.parametrize("line", ["T 3.2", "T 3.2\t", "\tsubject", "T 9\tone\nT 9\ttwo"])
def test_a_bad_outline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """A key without a subject, a subject without a key, and a key that stands twice are refused."""
    (tmp_path / "outline.tsv").write_text(f"# ours\nkey\tsubject\nT 1\tscope\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    with pytest.raises(InternalError, match="is not a new key and its subject"):
        outline.__wrapped__()


def test_a_good_outline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the bad ones: comments and the heading are none of its rows."""
    (tmp_path / "outline.tsv").write_text("# ours\nkey\tsubject\nT 1\tscope\n", encoding="utf-8")
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    assert outline.__wrapped__() == {"T 1": "scope"}
