"""The template loads as it is, every key in it is true, and a Configuration survives being written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import ConfigurationError
from conformance.sut.describe import paths
from conformance.sut.load import load
from conformance.sut.model import Configuration
from conformance.sut.template import template
from conformance.sut.write import to_toml, to_value

Write = Callable[..., Path]
KINDS = ("http", "command", "manual")


def test_every_key_of_the_model_is_in_the_template() -> None:
    """No key can be added to the model without showing up in what ``conformance init`` writes."""
    text = template()
    for path, key in paths():
        assert re.search(rf"(?<!\w){re.escape(key.name)}(?!\w)", text), path
        if not key.many:
            assert key.description.rstrip(".")[:25] in text.replace("\n# ", " ") or key.table, path


def test_every_proposed_claim_is_made() -> None:
    """The template claims everything, so that a claim is taken back on purpose."""
    text = template()
    assert 'reply_codes = "annex-b"' in text
    assert 'schema_errors = "reply"' in text
    assert '"created(EndDeviceEvents)" = ["publish"]' in text


def uncommented(prefix: str, *, within: str, needs: str = "", text: str | None = None) -> str:
    """Return the template with the lines that begin with ``prefix`` switched on, in the table ``within``."""
    out, table = [], ""
    for line in (text or template()).splitlines():
        header = re.fullmatch(r"#?\[+([^\]]+)\]+", line)
        table = header.group(1) if header else table
        keep = table == within and re.match(r"#[\[\w]", line) and line.startswith((prefix, needs or prefix))
        out.append(line[1:] if keep else line)
    return "\n".join(out)


OPTIONAL = sorted(
    {".".join(path) for path, key in paths() if not key.required and key.table is None and path[0] != "stimuli"}
    - {"callback.certificate", "callback.key"}
)


@pytest.mark.parametrize(
    "name", [name for name in OPTIONAL if name.split(".")[0] in ("timeouts", "limits", "callback", "endpoints")]
)
def test_commented_keys_are_legal(write: Write, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each optional key is legal as shown; those apart that want a file to be there."""
    monkeypatch.setenv("JMS_TRUST_STORE_PASSWORD", "changeit")
    monkeypatch.setenv("JMS_KEY_STORE_PASSWORD", "changeit")
    table, _, key = name.rpartition(".")
    text = uncommented(f"#{key} ", within=table, needs="#[")
    if table in ("endpoints.typed", "endpoints.bare", "endpoints.jms"):
        text = uncommented("#", within=table)
    elif table.startswith("endpoints.jms.tls"):
        text = uncommented("#", within="endpoints.jms", text=uncommented("#", within="endpoints.jms.tls"))
    loaded = load(write(text=text))
    assert isinstance(loaded.configuration, Configuration)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stimulus", ["end_device_event", "meter_readings"])
def test_stimulus_examples_are_legal(write: Write, stimulus: str, kind: str) -> None:
    """Each example of a stimulus loads once its comment signs are gone, and closes its gap."""
    pattern = rf"(?<=# Example, kind {kind}:\n)#\[stimuli\.{stimulus}\]\n(?:#[\w].*\n)+"
    text = template()
    found = re.search(pattern, text)
    assert found is not None
    example = found.group().replace("\n#", "\n")[1:]
    loaded = load(write(text=text.replace(found.group(), example)))
    made = getattr(loaded.configuration.stimuli, stimulus)
    assert made.kind == kind
    assert not any(stimulus in gap for gap in loaded.gaps)


def test_overrides_replace_and_switch_on(write: Write) -> None:
    """Values are named by their path; an optional key that is given is no comment any more."""
    text = template(endpoints__generic__url="https://head-end/", **{"callback.port": 8090})
    configuration = load(write(text=text)).configuration
    assert configuration.endpoints.generic is not None
    assert configuration.endpoints.generic.url == "https://head-end/"
    assert configuration.callback.port == 8090


def test_unknown_overrides_are_refused() -> None:
    """A misspelt path is not silently dropped."""
    with pytest.raises(ConfigurationError, match=r"endpoints\.generic\.uri: is unknown"):
        template(endpoints__generic__uri="x")


def test_a_configuration_survives_writing(write: Write) -> None:
    """What is written loads as the same configuration."""
    stimulus = '[stimuli.meter_readings]\nkind = "command"\ncommand = ["a b", "\\"c\\""]\nmeter = "METER-1"\n'
    before = load(write(('vendor = "Example', 'vendor = "Münchner \\u007f \\n'), append=stimulus)).configuration
    assert load(write(text=to_toml(before))).configuration == before


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_writing(text: str) -> None:
    """Control characters, quotes and backslashes included."""
    import tomllib

    assert tomllib.loads(f"x = {to_value(text)}") == {"x": text}


def test_values_are_written_as_toml() -> None:
    """Each kind of value has its own form."""
    moment = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert to_value([True, 1, 2.5, moment]) == "[true, 1, 2.5, 2026-01-01T00:00:00+01:00]"
    assert to_value({"get(X)": Path("a/b")}) == '{ "get(X)" = "a/b" }'
