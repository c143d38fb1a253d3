"""The command with one part of it broken on purpose; a script, so that spawned processes break it, too.

``python -m tests.cli.patched WHAT ARGUMENTS``: WHAT comes through the environment, since the children of a
calibration do not see the arguments.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from conformance.calibration import case
from conformance.checks import registry
from conformance.checks.finding import Finding
from conformance.sut.model import Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHAT = "CONFORMANCE_TEST_PATCH"


def blind() -> None:
    """Let no check find anything."""
    registry.load()
    for sentence, (pattern, _) in list(registry._CHECKS.items()):
        registry._CHECKS[sentence] = (pattern, lambda _scene, **_arguments: ())
    registry._RESOLVED.clear()


def alarmed() -> None:
    """Let every check find something."""
    registry.load()

    def everywhere(_scene: object, **_arguments: object) -> Iterator[Finding]:
        yield Finding(expected="peace", observed="noise")

    for sentence, (pattern, _) in list(registry._CHECKS.items()):
        registry._CHECKS[sentence] = (pattern, everywhere)
    registry._RESOLVED.clear()


def crashing() -> None:
    """Let the reference system answer everything with the error page of a web server."""
    from starlette.responses import PlainTextResponse

    from conformance.reference.http import Front

    async def crash(*_: Any) -> PlainTextResponse:
        return PlainTextResponse("Internal Server Error", 500)

    Front.endpoint = crash  # type: ignore[assignment,method-assign]


def late() -> None:
    """Let the reference system answer after the suite's patience is over."""
    import asyncio

    from conformance.reference.http import Front

    answered = Front.endpoint

    async def wait(self: Front, request: Any) -> Any:
        answer = await answered(self, request)
        await asyncio.sleep(1.0)  # not to synchronise: to be late
        return answer

    Front.endpoint = wait  # type: ignore[method-assign]
    case._PATIENCE["fault"] = Timeouts(reply_s=0.3, result_s=0.1, event_s=0.1, quiet_s=0.05)


def broken() -> None:
    """Let every measurement fail."""

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    case._run = fail  # type: ignore[assignment]


def mute() -> None:
    """Let the reference system over JMS take requests and do nothing: no later message, either."""
    from conformance.reference.jms import JmsFront

    JmsFront._take = lambda _self, _request: None  # type: ignore[assignment,method-assign]


def no_java() -> None:
    """Let there be no Java."""
    from conformance.errors import ConfigurationError
    from conformance.transport.jms import jvm

    def absent() -> None:
        raise ConfigurationError(jvm.NO_JAVA)

    jvm.check = absent


PATCHES: dict[str, Callable[[], None]] = {
    "blind": blind,
    "alarmed": alarmed,
    "crashing": crashing,
    "late": late,
    "broken": broken,
    "mute": mute,
    "no_java": no_java,
}
if WHAT in os.environ:
    PATCHES[os.environ[WHAT]]()

if __name__ == "__main__":
    from conformance.cli import main

    main()
