"""Secrets, certificates and other files that SUT.toml points at; and what it leaves untestable."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from conformance.errors import ConfigurationError
from conformance.standard.codes import knows_reply_code
from conformance.sut.claims import terms_of
from conformance.sut.load import load
from conformance.sut.write import to_toml

Write = Callable[..., Path]
SECRET = 'h<un"ter&2é'


def problems(path: Path) -> list[str]:
    """Return every problem of the file ``path``."""
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return list(caught.value.problems)


def line_of(path: Path, text: str) -> int:
    """Return the line of ``path`` that begins with ``text``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


BASIC = (
    ('#http_auth = "none"', 'http_auth = "basic"'),
    ('#username = { env = "SUT_USERNAME" }', 'username = { env = "SUT_USERNAME" }'),
    ('#password = { env = "SUT_PASSWORD" }', 'password = { env = "SUT_PASSWORD" }'),
)


def test_secrets_are_resolved_and_hidden(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password, its escaped forms and the HTTP basic text are secrets; no repr shows them."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", SECRET)
    loaded = load(write(*BASIC))
    assert loaded.credentials is not None
    assert (loaded.credentials.username, loaded.credentials.password) == ("anna", SECRET)
    basic = base64.b64encode(f"anna:{SECRET}".encode()).decode()
    assert {SECRET, 'h&lt;un"ter&amp;2é', 'h<un\\"ter&2é', basic} <= set(loaded.secrets)
    assert "anna" not in loaded.secrets
    assert not any(secret in repr(loaded) + str(loaded) for secret in loaded.secrets)
    assert SECRET not in to_toml(loaded.configuration)


def test_secrets_from_files(write: Write, tmp_path: Path) -> None:
    """The first line counts; a relative path starts at SUT.toml."""
    (tmp_path / "user").write_text("anna\r\nignored", encoding="utf-8")
    (tmp_path / "pass").write_text("se\n", encoding="utf-8")
    changes = [(old, new.replace('env = "SUT_USERNAME"', 'file = "user"')) for old, new in BASIC]
    changes = [(old, new.replace('env = "SUT_PASSWORD"', 'file = "pass"')) for old, new in changes]
    loaded = load(write(*changes))
    assert loaded.credentials is not None
    assert (loaded.credentials.username, loaded.credentials.password) == ("anna", "se")
    assert any("fewer than 4 characters" in gap for gap in loaded.gaps)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"", "has an empty first line"),
        (b"\nhunter2", "has an empty first line"),
        (b"hunter2\xff", "is not UTF-8 text"),
        ("directory", "is a directory"),
        ("loop", "cannot be read"),
    ],
)
def test_a_secret_file_that_gives_no_secret(
    write: Write, tmp_path: Path, content: bytes | str | None, said: str
) -> None:
    """The file is named, its content never."""
    file = tmp_path / "secret"
    if content == "directory":
        file.mkdir()
    elif content == "loop":
        file.symlink_to(file)
    elif isinstance(content, bytes):
        file.write_bytes(content)
    changes = [(old, new.replace('env = "SUT_USERNAME"', 'env = "PATH"')) for old, new in BASIC]
    changes = [(old, new.replace('env = "SUT_PASSWORD"', 'file = "secret"')) for old, new in changes]
    path = write(*changes)
    (found,) = problems(path)
    assert found.startswith(f"SUT.toml:{line_of(path, 'password')}: security.password.file: {file} {said}")
    assert "hunter2" not in found


def test_a_secret_variable_that_gives_no_secret(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset and empty variables are named."""
    monkeypatch.delenv("SUT_USERNAME", raising=False)
    monkeypatch.setenv("SUT_PASSWORD", "")
    found = problems(write(*BASIC))
    assert "the environment variable SUT_USERNAME is not set" in found[0]
    assert "the environment variable SUT_PASSWORD is empty" in found[1]


def test_errors_never_show_secrets(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the message, not in the traceback, whatever else is wrong."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", "hunter2")
    changed = [*BASIC[:2], (BASIC[2][0], BASIC[2][1] + '\nhunter = { password = "hunter3" }\nca = { a = "hunter4" }')]
    with pytest.raises(ConfigurationError) as caught:
        load(write(*changed, ('role = "MS"', "role = 1")))
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not any(secret in shown for secret in ("hunter2", "hunter3", "hunter4"))


# -- certificates ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a CA, a certificate with its key, another key, and files that are none."""
    directory = tmp_path_factory.mktemp("pem")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    for name in ("one", "two"):
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(directory / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(directory / f"{name}.pem")
    (directory / "text").write_text("nothing", encoding="utf-8")
    begin = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (directory / "damaged.pem").write_text(begin, encoding="utf-8")
    locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    (directory / "locked.key").write_text(locked, encoding="utf-8")
    with (directory / "large").open("wb") as large:
        large.truncate(11 * 1024 * 1024)
    return directory


def tls(pem: Path, ca: str, certificate: str, key: str) -> list[tuple[str, str]]:
    """Return the changes that make the template name these files."""
    return [
        ('#ca = "certificates/ca.pem"', f'ca = "{pem / ca}"'),
        ('#client_certificate = "certificates/client.pem"', f'client_certificate = "{pem / certificate}"'),
        ('#client_key = "certificates/client.key"', f'client_key = "{pem / key}"'),
    ]


def test_good_certificates_are_accepted(write: Write, pem: Path) -> None:
    """The twin of the cases below."""
    loaded = load(write(*tls(pem, "ca.pem", "one.pem", "one.key")))
    assert loaded.configuration.security.ca == pem / "ca.pem"


@pytest.mark.parametrize(
    ("files", "key", "said"),
    [
        (("none", "one.pem", "one.key"), "ca", "does not exist"),
        (("text", "one.pem", "one.key"), "ca", "holds no PEM certificate"),
        (("damaged.pem", "one.pem", "one.key"), "ca", "is damaged"),
        (("large", "one.pem", "one.key"), "ca", "is too large"),
        (("ca.pem", "text", "one.key"), "client_certificate", "holds no PEM certificate"),
        (("ca.pem", "one.pem", "one.pem"), "client_key", "holds no PEM private key"),
        (("ca.pem", "one.pem", "locked.key"), "client_key", "holds an encrypted key"),
        (("ca.pem", "one.pem", "two.key"), "client_key", "does not belong to the certificate"),
        (("ca.pem", "damaged.pem", "one.key"), "client_certificate", "is damaged"),
    ],
)
def test_certificates_that_cannot_be_used(
    write: Write, pem: Path, files: tuple[str, str, str], key: str, said: str
) -> None:
    """Each is named with its file and its line."""
    path = write(*tls(pem, *files))
    (found,) = problems(path)
    assert found.startswith(f"SUT.toml:{line_of(path, key + ' ')}: security.{key}: ")
    assert said in found


def test_a_name_that_no_file_can_have(write: Write) -> None:
    """A NUL in a file name is refused by the system, not by a crash."""
    (found,) = problems(write(('#ca = "certificates/ca.pem"', 'ca = "a\\u0000b"')))
    assert "cannot be read (not a file name)" in found


# -- gaps --------------------------------------------------------------------------------------------


def test_gaps_are_no_problems(write: Write) -> None:
    """Claims without a stimulus load; what will be inconclusive is said."""
    gaps = load(write()).gaps
    assert len(gaps) == 2
    assert "stimuli.end_device_event is missing" in gaps[0]
    assert "inconclusive; add [stimuli.meter_readings]" in gaps[1]


def test_unused_credentials_are_a_gap(write: Write) -> None:
    """Username and password that nothing sends: probably a forgotten http_auth."""
    gaps = load(write(BASIC[1], BASIC[2])).gaps
    assert any("security.username and security.password are not sent" in gap for gap in gaps)


TABLE = "kind\tpart\tcode\tname\twords\tbasis\n"
OWN_TABLES = (('#code_tables = "code-tables"', 'code_tables = "tables"'),)


def test_own_tables_of_codes(write: Write, tmp_path: Path) -> None:
    """A relative directory starts at SUT.toml; what is judged knows them, and without the key ours."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/mine.tsv").write_text(f"{TABLE}ReplyCode\tcode\t2.77\tInvalid Tariff\t\t\n", encoding="utf-8")
    terms = terms_of(load(write(*OWN_TABLES)).configuration)
    assert knows_reply_code("2.77", terms.code_tables)
    assert terms.code("ReplyCode", "2.77") == "2.77 (Invalid Tariff)"
    assert not knows_reply_code("2.77", terms_of(load(write()).configuration).code_tables)


def test_wrong_tables_of_codes(write: Write, tmp_path: Path) -> None:
    """Every wrong line of the tables is a problem of the key that names them."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/mine.tsv").write_text(f"{TABLE}ReplyCode\tcodes\t1.1\tx\nnothing\n", encoding="utf-8")
    path = write(*OWN_TABLES)
    where = f"SUT.toml:{line_of(path, 'code_tables')}: standard.code_tables: "
    assert problems(path) == [
        f'{where}mine.tsv:2: part "codes" is not known; did you mean code?',
        f"{where}mine.tsv:3: has 1 columns; write 6, separated by tabs: kind part code name words basis",
    ]
    (tmp_path / "tables/mine.tsv").unlink()
    assert problems(path)[0].startswith(f"{where}tables holds no file named *.tsv; ")
