"""The operator's port, the system's description of itself, and null systems."""

import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from conformance.errors import ConfigurationError
from conformance.message.build import build
from conformance.message.meter_readings import get_meter_readings
from conformance.message.soap import unwrap, wrap
from conformance.reference import NullSystem, ReferenceServer, null_systems
from conformance.reference.server import bound
from conformance.sut.model import Configuration
from tests.reference.battery import get
from tests.reference.receiver import Receiver


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    """A conforming system."""
    with ReferenceServer() as running:
        yield running


def ask(method: str, url: str, body: str = "") -> requests.Response:
    """Send a request to the operator's port."""
    return requests.request(method, url, data=body, timeout=5)


def test_faults_and_variants_are_switched(server: ReferenceServer) -> None:
    """They show in the state, can be switched off, and unknown ones are refused with a hint."""
    admin = server.admin_url
    assert ask("POST", f"{admin}/faults/verb_capitalised").status_code == 204
    assert ask("POST", f"{admin}/variants/cdata").status_code == 204
    state = ask("GET", f"{admin}/state").json()
    assert (state["faults"], state["variants"]) == (["verb_capitalised"], ["cdata"])
    assert ask("DELETE", f"{admin}/faults").status_code == 204
    assert ask("DELETE", f"{admin}/variants").status_code == 204
    assert not ask("GET", f"{admin}/state").json()["faults"]
    assert "there is no fault nonsense" in ask("POST", f"{admin}/faults/nonsense").text
    assert ask("POST", f"{admin}/nonsense/x").status_code == 404
    assert ask("DELETE", f"{admin}/nonsense").status_code == 404


def test_stimuli_reach_the_events_address(server: ReferenceServer) -> None:
    """A power failure and readings are posted; an address in the body goes first."""
    configuration = server.configuration("typed", "1.2")
    with Receiver() as receiver:
        assert ask("POST", f"{server.admin_url}/events-address", receiver.url).status_code == 204
        for stimulus in (configuration.stimuli.end_device_event, configuration.stimuli.meter_readings):
            assert stimulus is not None
            assert ask("POST", str(stimulus.url)).status_code == 202
        _, _, body = receiver.take()
        carried = unwrap(body)
        assert carried.version == "1.2"
        assert carried.message is not None
        assert (str(carried.message), carried.message.typed) == ("created(EndDeviceEvents)", True)
        assert str(receiver.next()) == "created(MeterReadings)"
        ask("POST", f"{server.admin_url}/stimuli/power-failure", f"{receiver.url}/here")
        assert receiver.take()[0] == "/here"
    assert ask("POST", f"{server.admin_url}/stimuli/nonsense").status_code == 404
    assert ask("POST", f"{server.admin_url}/stimuli/power-failure?meter=nobody").status_code == 404
    assert ask("POST", f"{server.admin_url}/events-address", "nonsense").status_code == 400


def test_reset(server: ReferenceServer) -> None:
    """Nothing is left of faults and events."""
    server.set_fault("verb_capitalised")
    ask("POST", f"{server.admin_url}/stimuli/power-failure")
    assert ask("POST", f"{server.admin_url}/reset").status_code == 204
    state = server.state()
    assert (state["faults"], state["log"]) == ([], [])


@pytest.mark.parametrize("query", ["", "?style=typed&soap=1.2", "?style=bare&soap=none"])
def test_the_sut_toml_is_its_configuration(server: ReferenceServer, query: str) -> None:
    """What is served can be read back and is legal."""
    text = ask("GET", f"{server.admin_url}/sut.toml{query}").text
    configuration = Configuration.model_validate(tomllib.loads(text))
    assert configuration.endpoints.chosen is not None
    mrids = [meter.mrid for meter in configuration.test_data.meters]
    assert set(mrids) <= {meter.mrid for meter in server.service.fleet.meters}


def test_the_operators_port_is_on_loopback_only() -> None:
    """Also when the system itself listens everywhere."""
    with ReferenceServer(host="0.0.0.0") as server:
        assert server.admin_url.startswith("http://127.0.0.1:")
        port = int(server.admin_url.rpartition(":")[2])
        # Another address of the loopback network stands for any other interface.
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), 1):
            pass
        with socket.create_connection(("127.0.0.2", int(server.url.rpartition(":")[2])), 1):
            pass


def test_unknown_names_and_taken_ports_are_errors_of_configuration() -> None:
    """They say what is wrong."""
    with pytest.raises(ConfigurationError, match="no fault nonsense"):
        ReferenceServer(faults=("nonsense",))
    with pytest.raises(ConfigurationError, match="no variant nonsense"):
        ReferenceServer(variants=("nonsense",))
    taken = bound("127.0.0.1", 0)
    with taken, pytest.raises(ConfigurationError, match="cannot listen"):
        ReferenceServer(port=taken.getsockname()[1]).start()


@pytest.mark.parametrize("null", null_systems(), ids=lambda null: null.name)
def test_null_systems(null: NullSystem) -> None:
    """Each does what its name says, and describes itself like the reference system."""
    with null.make() as system:
        configuration = system.configuration()
        endpoint = configuration.endpoints.generic
        assert endpoint is not None
        meter = configuration.test_data.meters[0].by_mrid
        request = wrap(build(get(get_meter_readings([meter]))), "1.1")
        said = ""
        try:
            answer = requests.post(endpoint.url, request, headers={"Content-Type": "text/xml"}, timeout=(2, 0.5))
            message = unwrap(answer.content).message
            if message is not None and message.reply is not None:
                said = f"{message.reply.result} {message.correlation_id == get().header.correlation_id}"  # type: ignore[union-attr]
            elif message is not None:
                said = message.kind
        except requests.ReadTimeout:
            said = "no answer"
        except requests.ConnectionError:
            said = "no connection"
    assert (
        said
        == {
            "dead": "no connection",
            "silent": "no answer",
            "always_ok": "OK True",
            "always_failed": "FAILED True",
            "echo": "RequestMessage",
            "wrong_correlation": "OK False",
        }[null.name]
    )


PROGRAM = """
import sys
from pathlib import Path
from conformance.reference import ReferenceServer, serve
serve(ReferenceServer(), lambda line: print(line, flush=True), Path(sys.argv[1]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """It says where it listens, writes SUT.toml, and ends with 0 on a signal."""
    file = tmp_path / "SUT.toml"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert "http://127.0.0.1:" in lines[0]
    Configuration.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
