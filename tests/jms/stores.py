"""Java key stores for the tests of TLS, made without a Java process."""

from __future__ import annotations

from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)


def key_store(authority: trustme.CA, file: Path, password: str, *names: str) -> Path:
    """Write a certificate for ``names`` that ``authority`` signs, and its key, as PKCS12; return ``file``."""
    leaf = authority.issue_cert(*names)
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    chain = [x509.load_pem_x509_certificate(pem.bytes()) for pem in leaf.cert_chain_pems]
    encryption = BestAvailableEncryption(password.encode())
    content = pkcs12.serialize_key_and_certificates(b"own", key, chain[0], chain[1:], encryption)  # type: ignore[arg-type]
    file.write_bytes(content)
    return file


def trust_store(authority: trustme.CA, file: Path, password: str) -> Path:
    """Write the certificate of ``authority`` as what Java trusts; return ``file``."""
    own = pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(authority.cert_pem.bytes()), b"authority")
    file.write_bytes(pkcs12.serialize_java_truststore([own], BestAvailableEncryption(password.encode())))
    return file
