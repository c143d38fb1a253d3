"""What SUT.toml points at: secrets in variables and files, and certificates. No content is ever repeated."""

from __future__ import annotations

import base64
import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.standard import codes
from conformance.standard.editions import EDITIONS
from conformance.standard.schemas import SchemaStore
from conformance.sut.describe import paths
from conformance.sut.fault import Fault, at, entries
from conformance.sut.hidden import JNDI, forms, is_user, places, secret_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.transport.settings import Credentials

_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----")
_KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
_ENCRYPTED = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED")
_PAIRS = (
    (("security", "client_certificate"), ("security", "client_key")),
    (("callback", "certificate"), ("callback", "key")),
)
_CA = ("security", "ca")
_MAX_FILE = 10 * 1024 * 1024


def resolve_paths(data: dict[str, Any], base: Path) -> None:
    """Make the files in ``data``, the plain tables of SUT.toml, absolute; relative ones start at ``base``."""
    for path, key in paths():
        holder = at(data, *path[:-1])
        if key.kind is Path and isinstance(holder, dict) and isinstance(holder.get(path[-1]), str):
            holder[path[-1]] = _absolute(holder[path[-1]], base)
    for value in entries(data, *JNDI).values():
        if isinstance(file := at(value, "file"), str):
            value["file"] = _absolute(file, base)


def _absolute(file: str, base: Path) -> str:
    return str((base / Path(file).expanduser()).absolute())


def certificate_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """Iterate over what is wrong with certificates, keys and the CA file."""
    yield from _check(data, _CA, _CERTIFICATE, "certificate")
    for certificate, key in _PAIRS:
        found = [
            *_check(data, certificate, _CERTIFICATE, "certificate"),
            *_check(data, key, _KEY, "private key"),
        ]
        yield from found
        files = at(data, *certificate), at(data, *key)
        if not found and all(isinstance(file, str) for file in files):
            yield from _check_pair(certificate, key, files)


def code_table_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """Iterate over what is wrong with the user's own tables of codes."""
    path = ("standard", "code_tables")
    directory = at(data, *path)
    if not isinstance(directory, str):
        return
    try:
        codes.load(Path(directory))
    except ConfigurationError as refused:
        for problem in refused.problems:
            reason, _, fix = problem.rpartition("; ")
            yield Fault(path, reason, fix) if reason else Fault(path, problem, "mend the files")


def schema_faults(data: dict[str, Any]) -> Iterator[Fault]:
    """Iterate over what is wrong with the user's official schemas."""
    path = ("standard", "schemas")
    directory, name = at(data, *path), at(data, "system_under_test", "edition")
    if not isinstance(directory, str) or name not in EDITIONS:
        return
    given = {kind: uri for kind, uri in entries(data, "standard", "namespaces").items() if isinstance(uri, str)}
    try:
        SchemaStore(EDITIONS[name].renamed(given), Path(directory)).check()
    except ConfigurationError as refused:
        head = refused.message.removeprefix(f"schemas = {directory}: ")
        spoken = refused.message.startswith("schemas = ")
        for problem in refused.problems or ("",):
            reason = problem if spoken and problem else f"{head} {problem}".strip()
            yield Fault(path, reason, "name the directory of all official files")


def _check(data: dict[str, Any], path: tuple[str, ...], wanted: re.Pattern[bytes], what: str) -> Iterator[Fault]:
    file = at(data, *path)
    if not isinstance(file, str):
        return
    content, reason = _read(Path(file))
    if reason:
        yield Fault(path, f"{file} {reason}", f"name a PEM file with a {what} that can be read")
    elif _ENCRYPTED.search(content) and wanted is _KEY:
        fix = "decrypt it (openssl pkey -in FILE -out NEW) and protect the new file by its permissions"
        yield Fault(path, f"{file} holds an encrypted key, and nothing asks for its pass phrase", fix)
    elif not wanted.search(content):
        yield Fault(path, f"{file} holds no PEM {what}", f"name a PEM file with -----BEGIN {what.upper()}-----")
    elif path == _CA:
        yield from _check_ca(path, file)


def _check_ca(path: tuple[str, ...], file: str) -> Iterator[Fault]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except ssl.SSLError:
        yield Fault(path, f"{file} is damaged", "copy the CA's certificate again, in PEM")


def _check_pair(certificate: tuple[str, ...], key: tuple[str, ...], files: tuple[str, str]) -> Iterator[Fault]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(*files, password=_no_password)
    except ssl.SSLError as problem:
        if problem.reason == "KEY_VALUES_MISMATCH":
            yield Fault(key, f"{files[1]} does not belong to the certificate {files[0]}", "name the key of it")
        else:
            yield Fault(certificate, f"{files[0]} or {files[1]} is damaged", "copy both again, in PEM")


def _no_password() -> str:
    return ""  # without this OpenSSL asks on the terminal


def _read(file: Path) -> tuple[bytes, str]:
    """Return the content, and what is wrong (empty when nothing is)."""
    try:
        if file.is_dir():
            return b"", "is a directory"
        with file.open("rb") as stream:
            content = stream.read(_MAX_FILE + 1)
    except FileNotFoundError:
        return b"", "does not exist"
    except (OSError, ValueError) as problem:
        return b"", f"cannot be read ({getattr(problem, 'strerror', None) or 'not a file name'})"
    return content, "is too large" if len(content) > _MAX_FILE else ""


def resolved(data: dict[str, Any]) -> tuple[dict[tuple[str, ...], str], list[Fault]]:
    """Return every secret that a run uses by its path, and what is wrong with the places, variables or files."""
    found: dict[tuple[str, ...], str] = {}
    faults: list[Fault] = []
    for path in places(data):
        if path[0] != "security" or _logs_in(data):
            value, wrong = _secret(data, path)
            faults += wrong
            found |= {path: value} if value else {}
    return found, faults


def _logs_in(data: dict[str, Any]) -> bool:
    """Return whether username and password are sent at all."""
    wanted = [at(data, "security", name) for name in ("http_auth", "ws_security")]
    return any(value not in (None, "none") for value in wanted) or at(data, "endpoints", "jms", "login") is True


def _secret(data: dict[str, Any], path: tuple[str, ...]) -> tuple[str, list[Fault]]:
    """Return the secret whose place stands at ``path``, and what is wrong with that place, variable or file."""
    variable, file = at(data, *path, "env"), at(data, *path, "file")
    if isinstance(variable, str):
        value = os.environ.get(variable)
        if not value:
            reason = f"the environment variable {variable} is {'not set' if value is None else 'empty'}"
            return "", [Fault((*path, "env"), reason, f"set it before the start: export {variable}=…")]
        return value, []
    if isinstance(file, str):
        return _secret_file((*path, "file"), file)
    return "", []


def _secret_file(path: tuple[str, ...], file: str) -> tuple[str, list[Fault]]:
    content, reason = _read(Path(file))
    fix = "name a UTF-8 text file whose first line is the secret"
    try:
        value = content.decode("utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        value, reason = "", reason or "is not UTF-8 text"
    if not value:
        return "", [Fault(path, f"{file} {reason or 'has an empty first line'}", fix)]
    return value, []


def to_blot_out(credentials: Credentials | None, others: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """Return every text by which a secret could appear in evidence, the longest first.

    ``others`` are secrets by their path in SUT.toml. Of a URL with a password both are hidden; who we are is not.
    """
    found: set[str] = set()
    if credentials is not None:
        found |= forms(credentials.password)
        for encoding in ("utf-8", "latin-1"):
            pair = f"{credentials.username}:{credentials.password}".encode(encoding, "ignore")
            found.add(base64.b64encode(pair).decode())
    for path, value in others.items():
        if path[0] == "security" or is_user(path[-1]):
            continue
        for part in (value, *secret_parts(path[-1], value)):
            found |= forms(part)
    return tuple(sorted(found, key=lambda text: (-len(text), text)))
