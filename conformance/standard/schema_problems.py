"""Says in plain words why an element is invalid; xmlschema finds the reasons (all of them, not the first)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

if TYPE_CHECKING:
    from xmlschema import XMLSchema, XMLSchemaValidationError

_CLARK = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaProblem:
    """One reason: what, and where (``path`` such as ``/ResponseMessage/Header/Verb``; lines count from 1)."""

    message: str
    line: int | None
    path: str
    element: etree._Element | None = field(default=None, compare=False, repr=False)


def without_namespaces(text: str) -> str:
    """Return ``text`` with ``{namespace}name`` cut to ``name``, on one line."""
    return " ".join(_CLARK.sub("", text).split())


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _step(element: etree._Element) -> str:
    name = _local_name(str(element.tag))
    parent = element.getparent()
    twins = [] if parent is None else list(parent.iterchildren(str(element.tag)))
    return f"{name}[{twins.index(element) + 1}]" if len(twins) > 1 else name


def path_to(element: etree._Element, root: etree._Element) -> str:
    """Return the way from ``root``, as if that were the document element, to ``element``."""
    steps = [] if element is root else [_step(element)]
    above = () if element is root else element.iterancestors()
    for one in above:
        if one is root:
            break
        steps.append(_step(one))
    return "/".join(["", _local_name(str(root.tag)), *reversed(steps)])


def _clean_copy(element: etree._Element) -> etree._Element:
    """Return ``element`` as a document of its own: with the prefixes in scope, without comments.

    xmlschema does not see prefixes that are declared further up, and takes a comment in a value for a child.
    """
    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    return etree.fromstring(etree.tostring(element, with_tail=False), parser)


def _names(particles: Iterable[Any] | None) -> list[str]:
    """Return what was expected, in the schema's order; a wildcard has no name."""
    named = [getattr(one, "name", one) for one in particles or ()]
    return list(dict.fromkeys(str(name) for name in named if name))


def _one_of(names: list[str]) -> str:
    local = list(dict.fromkeys(_local_name(name) for name in names))
    return local[0] if len(local) == 1 else f"one of {', '.join(local)}"


def _misplaced(child: etree._Element, expected: list[str], declared: list[str]) -> str:
    tag = str(child.tag)
    name = _local_name(tag)
    rivals = [one for one in (*expected, *declared) if _local_name(one) == name and one != tag]
    before = child.getprevious()
    if tag not in declared and rivals:
        return f"{name} is in the namespace '{_namespace(tag)}' instead of '{_namespace(rivals[0])}'"
    if before is not None and before.tag == tag:
        text = f"{name} is repeated more often than allowed"
    elif tag in declared:
        text = f"{name} is out of order"
    else:
        text = f"{name} is not an element of {_local_name(str(_parent_tag(child)))}"
    return f"{text}; expected here: {_one_of(expected)}" if expected else text


def _parent_tag(child: etree._Element) -> str:
    parent = child.getparent()
    return "" if parent is None else str(parent.tag)


def _children(error: Any, element: etree._Element) -> tuple[etree._Element, str]:
    """Return the place and the words of an error in the order or number of child elements."""
    expected = _names(error.expected)
    position = error.index
    children = list(element)
    if error.invalid_tag is None or position >= len(children):
        name = _local_name(str(element.tag))
        return element, f"{name} lacks {_one_of(expected)}" if expected else f"{name} is incomplete"
    declared = _names(error.validator.iter_elements())
    if _is_skipped(children[position], expected, declared):
        name, before = (_local_name(str(one.tag)) for one in (element, children[position]))
        return element, f"{name} lacks {_one_of(expected)} (before {before})"
    return children[position], _misplaced(children[position], expected, declared)


def _is_skipped(child: etree._Element, expected: list[str], declared: list[str]) -> bool:
    """Return whether ``child`` came where one of ``expected``, which stand before it and are absent, was due."""
    tag = str(child.tag)
    present = {str(one.tag) for one in child.itersiblings()} | {
        str(one.tag) for one in child.itersiblings(preceding=True)
    }
    due = [one for one in expected if one in declared]
    return (
        bool(due)
        and tag in declared
        and not present & set(due)
        and all(declared.index(one) < declared.index(tag) for one in due)
    )


def _value(error: Any) -> str | None:
    """Return the words of an error in a value, when its kind is known."""
    attribute = re.match(r"attribute ([^=\s]+)=", error.reason or "")
    subject = f"attribute {_local_name(attribute[1])}: " if attribute else ""
    allowed = getattr(error.validator, "enumeration", None)
    if allowed:
        return f"{subject}'{error.obj}' is not one of {', '.join(str(one) for one in allowed)}"
    if isinstance(error.obj, str) and hasattr(error, "decoder"):
        return f"{subject}'{error.obj}' is not a valid {error.validator.local_name}"
    if isinstance(error.obj, str) and error.reason == "value is not an xs:QName":
        return f"'{error.obj}' is not a QName (a name with an optional declared prefix)"
    return None


def _describe(error: XMLSchemaValidationError, root: etree._Element) -> tuple[etree._Element, str]:
    from xmlschema import XMLSchemaChildrenValidationError

    culprit: object = error.elem
    element = culprit if isinstance(culprit, etree._Element) else root
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _children(error, element)
    reason = error.reason or "is invalid"
    if element is root and reason.endswith("is not an element of the schema"):
        name, namespace = _local_name(str(root.tag)), _namespace(str(root.tag))
        return root, f"{name} cannot be the outermost element in the namespace '{namespace}'"
    return element, _value(error) or without_namespaces(reason)


def explain(schema: XMLSchema, element: etree._Element) -> list[SchemaProblem]:
    """Return every reason why ``element`` is invalid, in document order; none when xmlschema finds it valid.

    Whatever xmlschema raises on odd input is passed on.
    """
    copy = _clean_copy(element)
    originals = list(element.iter("*"))
    order = {copied: place for place, copied in enumerate(copy.iter("*"))}
    found: dict[tuple[int, str], SchemaProblem] = {}
    for error in schema.iter_errors(cast("Any", copy)):
        culprit, message = _describe(error, copy)
        place = order[culprit]
        original = originals[place]
        problem = SchemaProblem(
            message=message, line=original.sourceline, path=path_to(original, element), element=original
        )
        found.setdefault((place, message), problem)
    return [found[key] for key in sorted(found)]


def from_log(log: Iterable[etree._LogEntry], element: etree._Element) -> Iterator[SchemaProblem]:
    """Yield what libxml2 said, for the rare input that xmlschema cannot digest."""
    for entry in log:
        words = without_namespaces(entry.message)
        yield SchemaProblem(message=words, line=entry.line or None, path=path_to(element, element))
