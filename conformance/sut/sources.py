"""What SUT.toml points at: secrets in variables and files, and certificates. No content is ever repeated."""

from __future__ import annotations

import base64
import json
import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from conformance.errors import ConfigurationError
from conformance.standard import codes
from conformance.sut.describe import paths
from conformance.sut.rules import Fault, at

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            holder[path[-1]] = str((base / Path(holder[path[-1]]).expanduser()).absolute())


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


def secret(data: dict[str, Any], name: str) -> tuple[str, list[Fault]]:
    """Return the secret ``security.NAME`` and what is wrong with its place, variable or file."""
    path = ("security", name)
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


def to_blot_out(credentials: Credentials) -> tuple[str, ...]:
    """Return every text by which the password could appear in evidence, the longest first."""
    user, password = credentials.username, credentials.password
    quoted = escape(password)
    found = {password, quoted, quoteattr(password)[1:-1], escape(password, {'"': "&quot;", "'": "&apos;"})}
    found |= {
        json.dumps(password)[1:-1],
        json.dumps(password, ensure_ascii=False)[1:-1],
        quote(password, safe=""),
    }
    for encoding in ("utf-8", "latin-1"):
        pair = f"{user}:{password}".encode(encoding, "ignore")
        found.add(base64.b64encode(pair).decode())
    return tuple(sorted(found, key=lambda text: (-len(text), text)))
