"""The one table of reply codes that the reference system says (facts/codes/reply_codes.tsv, exchange rule 20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.message.model import Identified, ObjectId, ReplyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.reference.deviation import Conduct, Problem

MORE_FOLLOWS = "0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is said of a problem: code, a sentence for people, and the type of object that it is about."""

    code: str
    reason: str
    object_type: str | None = None


CODES = {
    "verb": Row(code="2.9", reason="the verb is not one of the standard"),
    "noun": Row(code="2.5", reason="the noun is not known"),
    "combination": Row(code="2.9", reason="this verb is not supported for this noun"),
    "header": Row(code="1.5", reason="a mandatory header element is missing"),
    "address": Row(code="1.5", reason="AsyncReplyFlag needs a ReplyAddress"),
    "request": Row(code="1.6", reason="nothing says what is wanted"),
    "payload": Row(code="1.7", reason="the payload is missing"),
    "schema": Row(code="1.8", reason="the message breaks the schema"),
    "syntax": Row(code="1.8", reason="the message cannot be read"),
    "version-mismatch": Row(code="1.8", reason="no known version of SOAP"),
    "must-understand": Row(code="1.8", reason="a header block is not understood"),
    "revision": Row(code="1.9", reason="the revision is not supported"),
    "meter": Row(code="2.4", reason="unknown meter", object_type="Meter"),
    "reading-type": Row(code="2.6", reason="not a reading type", object_type="ReadingType"),
    "unsupported-type": Row(code="2.10", reason="unsupported reading type", object_type="ReadingType"),
    "usage-point": Row(code="2.12", reason="unknown usage point", object_type="UsagePoint"),
    # No code is public for an unknown control type: 5.2 says that nothing was attempted.
    "control-type": Row(code="5.2", reason="unknown control type", object_type="EndDeviceControlType"),
    "credentials": Row(code="7.4", reason="authentication failed"),
    "no-credentials": Row(code="7.2", reason="authentication required"),
}


def errors(problems: Sequence[Problem], conduct: Conduct) -> tuple[ReplyError, ...]:
    """Return one Error for each problem."""
    return tuple(_error(problem, conduct) for problem in problems)


def _error(problem: Problem, conduct: Conduct) -> ReplyError:
    row = CODES[problem.name]
    return ReplyError(
        code=conduct.code(problem.name, row.code),
        level="FATAL",
        reason=problem.reason or row.reason,
        ids=tuple(_ids(problem, row)),
    )


def _ids(problem: Problem, row: Row) -> list[ObjectId]:
    subject = problem.subject
    if isinstance(subject, str):
        return [ObjectId(value=subject, kind="name", object_type=row.object_type)]
    if not isinstance(subject, Identified):
        return []
    if subject.mrid is not None:
        return [ObjectId(value=subject.mrid, kind="uuid", object_type=row.object_type)]
    return [
        ObjectId(
            value=name.name,
            kind="name",
            object_type=row.object_type,
            id_type=name.name_type,
            id_authority=name.authority,
        )
        for name in subject.names[:1]  # Message.xsd allows one ID in an Error
    ]
