"""What SUT.toml says of JMS: its settings, and what it must not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.errors import ConfigurationError
from conformance.sut.doctor import examine
from conformance.sut.jms import jms_settings
from conformance.sut.load import load
from conformance.sut.wiring import gateway_settings, soap_settings
from conformance.transport.jms.settings import SoapBinding

Write = Callable[..., Path]
JMS = """
[endpoints.jms]
class_path = ["jars/*.jar", "one.jar"]
jndi = { "java.naming.factory.initial" = "F" }
requests = { all = "jms:queue:R", "get(MeterReadings)" = "topic:T" }
events = ["jms:topic:E"]
"""
LOGIN = ("[security]\n", '[security]\nusername = { env = "JMS_USER" }\npassword = { env = "JMS_PASSWORD" }\n')


def test_settings(write: Write, tmp_path: Path) -> None:
    """Destinations, defaults and files are what the table says; relative files start at its directory."""
    loaded = load(write(append=JMS))
    settings = jms_settings(loaded)
    assert {name: str(place) for name, place in settings.requests.items()} == {
        "": "jms:queue:R",
        "get(MeterReadings)": "jms:topic:T",
    }
    assert [str(place) for place in settings.events] == ["jms:topic:E"]
    assert settings.class_path[-1] == loaded.path.absolute().parent / "one.jar"
    assert settings.credentials is None
    assert gateway_settings(loaded, tmp_path / "j", "jms").jms == settings
    assert gateway_settings(loaded, tmp_path / "j").jms is None


def test_without_the_table(write: Write) -> None:
    """Without the table there is no JMS, and the message says which table."""
    with pytest.raises(ConfigurationError, match=r"\[endpoints\.jms\]"):
        jms_settings(load(write()))


def test_login(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """With login the credentials of [security] are used, and blotted out of everything."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", "s3cr3t-of-jms")
    loaded = load(write(LOGIN, append=JMS + "login = true\n"))
    found = jms_settings(loaded).credentials
    assert found is not None
    assert (found.username, found.password) == ("suite", "s3cr3t-of-jms")
    assert "s3cr3t-of-jms" in loaded.secrets
    assert not any("not sent" in gap for gap in loaded.gaps)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("login = true", r"endpoints\.jms\.login: is true, but security\.username"),
        ('subscription = "s"', r"endpoints\.jms\.subscription: needs a client id"),
        ('properties = { "a-b" = "x" }', r"endpoints\.jms\.properties\.a-b: is no legal name of a JMS property"),
        ('properties = { like = "x" }', r"properties\.like: is no legal name"),
        ('properties = { JMSType = "x" }', r"properties\.JMSType: begins with JMS"),
        ('properties = { a = "{Verb}" }', r"properties\.a: has the unknown placeholder \{Verb\}"),
        ("properties = { a = [1] }", r"properties\.a: is nothing that a JMS property can be"),
        ("properties = { a = 99999999999999999999 }", r"properties\.a: is nothing that a JMS property can be"),
        ('jvm_options = ["-Xmx2g"]', r"jvm_options\[1\]: says what endpoints\.jms\.max_heap_mib says"),
        (
            'jvm_options = ["-Xss1m", "-Djavax.net.ssl.trustStore=f"]',
            r"jvm_options\[2\]: says what endpoints\.jms\.tls",
        ),
        ('jvm_options = ["-Da.password=s3cr3t"]', r"jvm_options\[1\]: has a password"),
        ('jvm_options = ["verbose"]', r"jvm_options\[1\]: is no option of Java"),
        ("max_heap_mib = 1", r"max_heap_mib: is out of bounds"),
        ('tls = { key_store = "k" }', r"tls\.key_store: needs its password"),
        (
            'tls = { trust_store_password = { env = "JMS_USER" } }',
            r"tls\.trust_store_password: is given without trust_store",
        ),
        ('tls = { key_store = "k", key_store_password = { env = "NO_SUCH" } }', "variable NO_SUCH is not set"),
    ],
)
def test_what_cannot_be(write: Write, monkeypatch: pytest.MonkeyPatch, line: str, words: str) -> None:
    """Each is told with its line, key, reason and fix."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.delenv("NO_SUCH", raising=False)
    path = write(append=f"{JMS}{line}\n")
    number = len(path.read_text(encoding="utf-8").splitlines())
    with pytest.raises(ConfigurationError, match=words) as told:
        load(path)
    (problem,) = told.value.problems
    assert problem.startswith(f"SUT.toml:{number}: endpoints.jms.")
    assert "; " in problem
    assert "s3cr3t" not in problem


def test_typed_properties(write: Write) -> None:
    """A property is what it is written as, and names of the provider itself can be set."""
    line = 'properties = { a = 7, b = true, c = 2.5, d = "7", JMS_IBM_Format = "MQSTR", JMSXGroupID = "{noun}" }\n'
    properties = jms_settings(load(write(append=JMS + line))).properties
    wanted = {"a": 7, "b": True, "c": 2.5, "d": "7", "JMS_IBM_Format": "MQSTR", "JMSXGroupID": "{noun}"}
    assert properties == wanted
    assert [type(value) for value in properties.values()] == [type(value) for value in wanted.values()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("java.naming.security.credentials", '"s3cr3t"'),
        ("java.naming.provider.url", '"tcp://broker:61616?jms.userName=u&jms.password=s3cr3t"'),
        ("java.naming.provider.url", '"failover:(tcp://one:61616,tcp://u:s3cr3t@two:61616)?randomize=false"'),
        ("connectionFactory.CF", '"tcp://broker:61616?sslEnabled=true;keyStorePassword=s3cr3t"'),
    ],
)
def test_no_password_in_plain_text(write: Write, name: str, value: str) -> None:
    """A password in the naming environment is refused with its key, and not repeated."""
    given = JMS.replace('= "F" }', f'= "F", "{name}" = {value} }}')
    with pytest.raises(ConfigurationError, match="has a password in plain text") as told:
        load(write(append=given))
    assert name in str(told.value)
    assert "s3cr3t" not in str(told.value)


def test_plain_xml_is_the_default(write: Write) -> None:
    """Nothing is said of a binding: bodies are plain XML, as text."""
    settings = jms_settings(load(write(append=JMS)))
    assert (settings.soap, settings.message_class) == (None, "text")


def test_soap_over_jms(write: Write) -> None:
    """Binding soap takes the style of the endpoints and its own version; bytes, unless told otherwise."""
    more = 'binding = "soap"\nsoap = "1.2"\nrequest_action = "urn:a"\ntarget_service = "S"\n'
    settings = jms_settings(load(write(append=JMS + more)))
    assert settings.soap == SoapBinding(style="generic", version="1.2", action="urn:a", target_service="S")
    assert settings.message_class == "bytes"
    settings = jms_settings(load(write(append=JMS + 'binding = "soap"\nmessage_class = "text"\n')))
    assert settings.soap == SoapBinding(style="generic", version="1.1")
    assert settings.message_class == "text"


def test_username_token(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """WS-Security goes into the envelope over JMS as over HTTP."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", "s3cr3t-of-jms")
    token = (LOGIN[0], LOGIN[1] + 'ws_security = "username-token-digest"\n')
    soap = jms_settings(load(write(token, append=JMS + 'binding = "soap"\n'))).soap
    assert soap is not None
    assert soap.username_token is not None
    assert (soap.username_token.username, soap.password_type) == ("suite", "digest")


@pytest.mark.parametrize(
    "value",
    ["tcp://broker:61616", "failover:(tcp://a:1,tcp://b:2)?randomize=false", "ssl://b:61617?socket.verifyHostName=false",
     "ldap://host:389/o=example", "file:///opt/mq@site/bindings", "t3://one:7001,two:7001"],
)  # fmt: skip
def test_a_url_without_a_password(write: Write, value: str) -> None:
    """Ordinary URLs are taken as they are."""
    given = JMS.replace('= "F" }', f'= "F", "java.naming.provider.url" = "{value}" }}')
    assert jms_settings(load(write(append=given))).jndi["java.naming.provider.url"] == value


@pytest.mark.parametrize("value", ["1", "[1]", "{ env = 1 }", '{ environment = "X" }', "{ env = { a = 1 } }"])
def test_a_naming_value_that_is_none(write: Write, value: str) -> None:
    """Neither text nor the place of a secret: told in words, with the line."""
    with pytest.raises(ConfigurationError, match=r"jndi\.a: is neither text nor the place of a secret"):
        load(write(append=JMS.replace('= "F" }', f'= "F", a = {value} }}')))


def test_requests_that_are_none(write: Write) -> None:
    """A destination that is no text is told with its key."""
    with pytest.raises(ConfigurationError, match=r"requests\.all: is no text; write text in quotes"):
        load(write(append=JMS.replace('all = "jms:queue:R"', "all = 1")))


def test_secrets_from_variables_and_files(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A naming value may come from a variable or a file; its password is blotted out, also from repr and TOML."""
    from conformance.sut.write import to_toml

    monkeypatch.setenv("URL", "failover:(tcp://u:p4ss/w@rd@broker:61616)")
    (tmp_path / "secret").write_text("of a file\n", encoding="utf-8")
    places = '"java.naming.provider.url" = { env = "URL" }, "java.naming.security.credentials" = { file = "secret" }'
    loaded = load(write(append=JMS.replace('= "F" }', f'= "F", {places} }}')))
    settings = jms_settings(loaded)
    assert settings.jndi["java.naming.provider.url"] == "failover:(tcp://u:p4ss/w@rd@broker:61616)"
    assert settings.jndi["java.naming.security.credentials"] == "of a file"
    assert {"p4ss/w@rd", "of a file", "of%20a%20file"} <= set(loaded.secrets)
    shown = repr(loaded) + repr(settings) + to_toml(loaded.configuration)
    assert not any(secret in shown for secret in loaded.secrets)


def test_who_we_are_is_no_secret(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user name may come from a variable, too, and stays readable in evidence."""
    monkeypatch.setenv("WHO", "suite-user")
    place = '"java.naming.security.principal" = { env = "WHO" }'
    loaded = load(write(append=JMS.replace('= "F" }', f'= "F", {place} }}')))
    assert loaded.secrets == ()


def test_the_virtual_machine(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Key stores become system properties, their files relative to SUT.toml; no repr shows a password."""
    monkeypatch.setenv("TRUST", "s3cr3t-of-the-store")
    table = '[endpoints.jms.tls]\ntrust_store = "t.p12"\ntrust_store_password = { env = "TRUST" }\n'
    settings = jms_settings(load(write(append=f'{JMS}max_heap_mib = 256\njvm_options = ["-Xss1m"]\n{table}')))
    assert (settings.machine.max_heap_mib, settings.machine.options) == (256, ("-Xss1m",))
    assert settings.machine.properties == {
        "javax.net.ssl.trustStore": str(tmp_path / "t.p12"),
        "javax.net.ssl.trustStorePassword": "s3cr3t-of-the-store",
    }
    assert "s3cr3t" not in repr(settings)


# -- a system that speaks JMS only ---------------------------------------------------------------------


def jms_only(write: Write, append: str = JMS) -> Path:
    """Write a SUT.toml without SOAP."""
    from conformance.sut.template import template

    text = template()
    head, tail = text.index("[endpoints]"), text.index("# How the suite shows who it is")
    return write(text=text[:head] + append + text[tail:])


def test_jms_alone(write: Write) -> None:
    """Neither style nor an endpoint of SOAP is needed beside [endpoints.jms]; a run over SOAP is refused in words."""
    loaded = load(jms_only(write))
    assert loaded.configuration.endpoints.chosen is None
    assert jms_settings(loaded).requests
    with pytest.raises(ConfigurationError, match=r"SUT\.toml has no endpoint for SOAP .*--transport jms"):
        soap_settings(loaded)
    for transport in ("soap", "all"):
        with pytest.raises(ConfigurationError, match="has no endpoint for SOAP"):
            examine(loaded, transport=transport)


def test_jms_alone_in_envelopes(write: Write) -> None:
    """SOAP over JMS alone needs the style, but no table of SOAP; beside tables of SOAP the style is of one of them."""
    enveloped = JMS + 'binding = "soap"\nsoap = "1.2"\n'
    loaded = load(jms_only(write, '[endpoints]\nstyle = "typed"\n' + enveloped))
    assert jms_settings(loaded).soap == SoapBinding(style="typed", version="1.2")
    with pytest.raises(ConfigurationError, match=r"SUT\.toml has no endpoint for SOAP .*--transport jms"):
        soap_settings(loaded)
    with pytest.raises(ConfigurationError, match=r"endpoints\.style: is missing .*binding.*; add style = "):
        load(jms_only(write, enveloped))
    with pytest.raises(ConfigurationError, match=r'is "bare", but there is no table \[endpoints\.bare\]'):
        load(write(('style = "generic"', 'style = "bare"'), append=enveloped))
    with pytest.raises(ConfigurationError, match=r'is "typed", but there is no table \[endpoints\.typed\]'):
        load(jms_only(write, '[endpoints]\nstyle = "typed"\n' + JMS))


def test_neither_soap_nor_jms(write: Write) -> None:
    """A file without any endpoint is told what it may add."""
    with pytest.raises(ConfigurationError, match=r"endpoints\.style: is missing .*or \[endpoints\.jms\]"):
        load(jms_only(write, "[endpoints]\n"))


def test_soap_beside_jms_needs_its_style(write: Write) -> None:
    """With a table of SOAP it has to be said that this is the style to use."""
    with pytest.raises(ConfigurationError, match=r'endpoints\.style: is missing .*; add style = "generic"'):
        load(write(('style = "generic"\n', ""), append=JMS))


def test_a_run_over_jms_without_jms(write: Write) -> None:
    """The other way round: a system without [endpoints.jms]."""
    with pytest.raises(ConfigurationError, match=r"has no table \[endpoints\.jms\]"):
        examine(load(write()), transport="jms")
