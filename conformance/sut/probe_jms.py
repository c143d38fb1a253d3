"""Does JMS work as SUT.toml says: jars, naming, login, destinations, a message that comes back?

The probes run in a short-lived process: a Java virtual machine cannot be started twice, and that of a run is the
gateway's. A dead broker is told within the time of the pre-flight; one that answers slowly gets three times as much.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.sut.jms import jms_settings
from conformance.sut.result import Result, clipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.sut.result import Case

_MODULE = "conformance.transport.jms.probe"
#: What the start of the process takes of the time, in seconds.
_START_S = 1.0


class JmsExamination:
    """Begins when it is made, and goes on while others look at something else."""

    def __init__(self, case: Case) -> None:
        """Start the process. Raises ConfigurationError when SUT.toml says nothing of JMS, or what cannot be."""
        self._lines: list[dict[str, Any]] = []
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        seconds = max(_START_S, case.budget.share(1.0) - _START_S)
        self._ends = time.monotonic() + 3 * seconds + 2 * _START_S
        order = {
            "settings": jms_settings(case.loaded).as_json(),
            "seconds": seconds,
            "skew_s": case.loaded.configuration.limits.max_clock_skew_s,
        }
        path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._noise,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, args=(order,), daemon=True, name="jms probe")
        self._reader.start()

    def _read(self, order: dict[str, Any]) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return
        with suppress(OSError, ValueError):
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.close()
            for line in stdout:
                self._lines.append(json.loads(line))

    def results(self) -> Iterator[Result]:
        """Iterate over what was found, once everything is, or the time is over."""
        self._reader.join(max(0.0, self._ends - time.monotonic()))
        late = self._reader.is_alive()
        said = list(self._lines)
        for line in said:
            if "step" not in line:
                yield self._result(line)
        if late:
            step = next((line["step"] for line in reversed(said) if "step" in line), "starting")
            fix = "see whether the broker answers, and whether endpoints.jms.jndi leads to it"
            yield Result("JMS", "problem", f"the JMS provider did not come back in time while {step}", fix)
        elif self._process.wait() != 0:
            yield Result("JMS", "problem", f"the JMS probes broke down: {self._last_words()}", "mend what is said")

    def _result(self, line: dict[str, Any]) -> Result:
        what = line["what"]
        if (line["name"], line["status"]) == ("Java", "problem"):  # Java itself says why only on standard error
            what += f" ({self._last_words()})"
        return Result(line["name"], line["status"], clipped(what), line["fix"])

    def _last_words(self) -> str:
        self._noise.seek(0)
        lines = self._noise.read().decode(errors="replace").strip().splitlines()
        return clipped(" / ".join(lines[-2:])) if lines else f"exit code {self._process.returncode}, without a word"

    def end(self) -> None:
        """End the process if it has not ended."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._noise.close()


def begin(case: Case) -> tuple[JmsExamination | None, list[Result]]:
    """Start the examination; return it, or why there is none."""
    try:
        return JmsExamination(case), []
    except ConfigurationError as problem:
        return None, [Result("JMS", "problem", clipped(str(problem)), "correct [endpoints.jms]")]
