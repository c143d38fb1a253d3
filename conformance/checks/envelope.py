"""Checks of every received message: XML, schemas, references (ENV-001, 002, 016 to 019)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from conformance.checks.each import each, finding
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.message.xml import children, local_name, namespace
from conformance.standard.codes import TYPE_CODES, decode_reply_code, is_type_code, knows_reply_code
from conformance.standard.schemas import SchemaProblem, SchemaStore

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

    from conformance.checks.scene import Arrived, Asked, Scene, Terms
    from conformance.message.model import Message
    from conformance.standard.editions import Edition

    Element = etree._Element


def store(scene: Scene) -> SchemaStore:
    """Return the schemas that judge."""
    return schemas_of(scene.terms)


def schemas_of(terms: Terms) -> SchemaStore:
    """Return the schemas that are agreed: those of the edition, or the user's official ones."""
    return _store(terms.edition, terms.schemas)


@cache
def _store(edition: Edition, directory: Path | None) -> SchemaStore:
    return SchemaStore(edition, directory)


@check("every message is well-formed XML without a document type declaration")
def well_formed(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-001. An empty body is no message; whether one was due is for others to say.

    Nor is the error page of a transport that refused an unreadable request: such a refusal is legal (REP-029).
    """
    came = [
        arrived
        for arrived, asked in scene.arrived
        if arrived.carried or (arrived.problem and not _refused_by_transport(arrived, asked))
    ]
    if not came:
        raise NothingToJudgeError("no message came")
    for arrived in came:
        if arrived.problem is not None:
            yield finding(arrived, "a well-formed message of IEC 61968-100", arrived.problem, "the body as a whole")


def _refused_by_transport(arrived: Arrived, asked: Asked | None) -> bool:
    unreadable = asked is not None and asked.message is None
    return unreadable and arrived.status is not None and 400 <= arrived.status < 500


@check("every message is valid against the envelope schema")
def envelope_valid(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-002: the envelope, or the typed wrapper around the same parts.

    Nothing is held against anybody on the word of a schema that is not authoritative, or of a namespace that is
    not public.
    """

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        space, edition = namespace(message.root), scene.terms.edition
        if not store(scene).knows(space):
            if not (message.typed and "wrapper" in edition.unverified):
                yield finding(arrived, f"the namespace {edition.envelope}", f"the namespace {space or '(none)'}")
            return
        for problem in _problems(message.root, store(scene)):
            # A typed wrapper's schema also looks into its profiles; that is ENV-019's business.
            if not (message.typed and ("/Payload/" in problem.path or "/Request/Get" in problem.path)):
                yield finding(
                    arrived, "a message valid against Message.xsd", problem.message, _place(problem), problem.element
                )

    yield from each(scene, lambda _message: True, judge_one)


@check("every payload is valid against the schema of its profile")
def payload_valid(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-019, also for the parameters of a get.

    A profile is passed over when neither its namespace nor an authoritative schema judges it.
    """
    schemas, edition = store(scene), scene.terms.edition

    def misplaced(profile: Element) -> bool:
        return schemas.knows(expected := edition.profile(local_name(profile))) and namespace(profile) != expected

    def judged(profile: Element) -> bool:
        if misplaced(profile):
            return "profile" not in edition.unverified
        return schemas.knows(namespace(profile)) and schemas.is_authoritative(namespace(profile))

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        for profile in filter(judged, profiles_of(message)):
            name, space = local_name(profile), namespace(profile)
            if misplaced(profile):
                expected = f"{name} in the namespace {edition.profile(name)}"
                yield finding(arrived, expected, f"the namespace {space or '(none)'}", element=profile)
                continue
            for problem in _problems(profile, schemas):
                wanted = f"a payload valid against {name}.xsd"
                yield finding(arrived, wanted, problem.message, _place(problem), problem.element)

    yield from each(scene, lambda message: any(map(judged, profiles_of(message))), judge_one)


def profiles_of(message: Message) -> list[Element]:
    """Return the roots of profiles in a message: its payloads, and the parameters of a get."""
    request = message.request if message.request is not None else ()
    return [*message.payloads, *(item for item in request if local_name(item).startswith("Get"))]


def _problems(element: Element, schemas: SchemaStore) -> list[SchemaProblem]:
    believed = schemas.is_authoritative(namespace(element))
    return schemas.problems(element) if believed and not schemas.is_valid(element) else []


def _place(problem: SchemaProblem) -> str:
    return problem.path + (f", line {problem.line}" if problem.line else "")


@check("every ref names a code or an element of the message")
def refs_resolve(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-017."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        for payload in message.payloads:
            shared: dict[str, set[str]] = {}
            for item in payload.iter(*(f"{{*}}{name}" for name in TYPE_CODES)):
                name, ref = local_name(item), item.get("ref")
                if ref is None or is_type_code(name, ref.strip()):
                    continue
                if name not in shared:  # once for all: both may be many
                    shared[name] = shared_types(payload, name)
                if ref in shared[name]:
                    continue
                expected = f"{TYPE_CODES[name][1]}, or the mRID or name of a {name} in the same message"
                yield finding(arrived, expected, f'ref="{ref}"', f"{name}, line {item.sourceline}", item)

    yield from each(scene, lambda message: message.payloads, judge_one)


def shared_types(payload: Element, name: str) -> set[str]:
    """Return by what the types called ``name`` that stand in ``payload`` itself may be referred to."""
    found: set[str] = set()
    for item in children(payload, name):
        found |= {part.text or "" for part in children(item, "mRID")}
        found |= {part.text or "" for names in children(item, "Names") for part in children(names, "name")}
    return found


@check("every payload is of the profile that the Noun names")
def payload_fits_noun(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-018. A Get prefix in the noun is ENV-004's business."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        noun = (message.noun or "").removeprefix("Get")
        names = [local_name(payload) for payload in message.payloads]
        if noun in scene.terms.edition.nouns and noun not in names:
            yield finding(arrived, f"a payload {noun}", f"a payload {', '.join(names)}", "Payload")

    yield from each(scene, lambda message: message.header and message.payloads, judge_one)


@check("every error code is one of Annex B")
def codes_known(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-016."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        for error in message.reply.errors if message.reply else ():
            if not knows_reply_code(error.code, scene.terms.code_tables):
                observed = decode_reply_code(error.code, scene.terms.code_tables)
                yield finding(arrived, "a code of Annex B", observed, f"Error, line {error.line}")

    yield from each(scene, lambda message: message.reply and message.reply.errors, judge_one)
