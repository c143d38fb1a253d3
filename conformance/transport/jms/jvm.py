"""The one Java virtual machine of a process: started once, never twice, and with clear words when it cannot be."""

from __future__ import annotations

import atexit
import faulthandler
import glob
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.transport.jms.settings import Machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_JPYPE = (
    "JMS needs the Python package JPype1, which is not installed: python -m pip install 'iec61968-9-conformance[jms]'"
)
NO_JAVA = (
    "JMS needs a Java virtual machine (17 or newer), and none is found: apt-get install default-jre-headless,"
    " or set JAVA_HOME to one"
)
CRASH_FILE = "jvm-crash-%p.log"
_LOCK = threading.Lock()


class _Started:
    """What the virtual machine of this process was started with."""

    class_path: tuple[str, ...] | None = None
    properties: Mapping[str, str] = {}


def start(class_path: Sequence[Path], crash_directory: Path | None = None, machine: Machine | None = None) -> None:
    """Start the virtual machine unless it runs; its crash report would go to ``crash_directory``.

    Raises ConfigurationError without JPype, Java, a jar or a key store, and when it runs with another class path or
    other system properties.
    """
    machine = machine or Machine()
    wanted = tuple(str(path) for path in class_path)
    with _LOCK:
        if _Started.class_path is not None:
            _refuse_another(wanted, machine)
            return
        missing = missing_jars(class_path)
        if missing:
            raise ConfigurationError("endpoints.jms.class_path names files that do not exist; correct it, or install"
                                     " the jars: conformance jms install classic", missing)  # fmt: skip
        absent = missing_stores(machine)
        if absent:
            raise ConfigurationError("[endpoints.jms.tls] names files that do not exist; correct it", absent)
        _start(wanted, crash_directory, machine)
        _Started.class_path, _Started.properties = wanted, dict(machine.properties)


def check() -> None:
    """Raise ConfigurationError where there is no JPype or no Java; start nothing."""
    if find_spec("jpype") is None:
        raise ConfigurationError(NO_JPYPE)
    import jpype

    try:
        jpype.getDefaultJVMPath()
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException) as absent:
        raise ConfigurationError(NO_JAVA) from absent


def missing_jars(class_path: Sequence[Path]) -> list[str]:
    """Return what the class path names and does not exist."""
    return [str(path) for path in class_path if not path.exists()]


def missing_stores(machine: Machine) -> list[str]:
    """Return the key stores that do not exist."""
    files = [value for name, value in machine.properties.items() if name.endswith("Store")]
    return [file for file in files if not Path(file).is_file()]


def _refuse_another(wanted: tuple[str, ...], machine: Machine) -> None:
    if machine.properties and dict(machine.properties) != _Started.properties:
        raise ConfigurationError("the Java virtual machine of this process already runs with other settings of TLS, and"
                                 " there can be only one: use another process")  # fmt: skip
    extra = sorted(set(wanted) - set(_Started.class_path or ()))
    if extra:
        raise ConfigurationError(
            "the Java virtual machine of this process already runs with another class path, and there can be only"
            " one: give all jars at once, or use another process; new are", extra,
        )  # fmt: skip


def _start(class_path: tuple[str, ...], crash_directory: Path | None, machine: Machine) -> None:
    check()
    import jpype
    import jpype.config

    jpype.config.destroy_jvm = False  # it would wait for idle threads of the provider, for ever with some
    # The virtual machine checks for null by SIGSEGV: faulthandler would take that for a crash.
    faulthandler.disable()
    report = (crash_directory or Path(tempfile.gettempdir())).absolute() / CRASH_FILE
    # -Xrs: the signals that end this process are Python's. A run is over before the second compiler pays: without
    # it the start takes a quarter less processor time.
    options = [f"-XX:ErrorFile={report}", "-XX:-CreateCoredumpOnCrash", "-XX:+UseSerialGC", "-Xrs",
               "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true", f"-Xmx{machine.max_heap_mib}m",
               *machine.options]  # fmt: skip
    try:
        path = jpype.getDefaultJVMPath()
        jpype.startJVM(path, *options, classpath=list(class_path), convertStrings=False, interrupt=False)
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException) as absent:
        raise ConfigurationError(NO_JAVA) from absent
    except (OSError, RuntimeError) as refusal:
        said = f"the Java virtual machine does not start: {refusal}; check JAVA_HOME and endpoints.jms.jvm_options"
        raise ConfigurationError(said) from refusal
    atexit.register(_fall_silent)
    system = jpype.JClass("java.lang.System")
    for name, value in machine.properties.items():
        system.setProperty(name, value)
    system.setOut(system.err)  # what a provider prints must not mix with what this process says


def _fall_silent() -> None:
    """End the one Java thread that calls Python by itself: in an interpreter that ends, that is a crash."""
    import jpype

    jpype.JClass("org.jpype.ref.JPypeReferenceQueue").getInstance().stop()


def is_running() -> bool:
    """Return whether this process has a virtual machine."""
    return _Started.class_path is not None


def java_class(name: str) -> Any:
    """Return the Java class ``name``. Raises ConfigurationError when no jar of the class path has it."""
    import jpype

    try:
        return jpype.JClass(name)
    except TypeError as absent:
        said = f"no jar of endpoints.jms.class_path has the Java class {name}; add the jar that has it"
        raise ConfigurationError(said) from absent


def expand(patterns: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that ``patterns`` name, in order: jars, directories of classes, or ``DIR/*.jar``."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        names = sorted(glob.glob(pattern)) if any(sign in pattern for sign in "*?[") else [pattern]
        found.update({Path(name): None for name in names or [pattern]})
    return tuple(found)


def crash_report(directory: Path) -> tuple[Path, str] | None:
    """Return the newest crash report below ``directory`` and its head; None when there is none."""
    reports = sorted(directory.glob("jvm-crash-*.log"), key=lambda path: path.stat().st_mtime)
    if not reports:
        return None
    lines = reports[-1].read_text(encoding="utf-8", errors="replace").splitlines()
    head = [line.lstrip("# ") for line in lines[:20] if line.startswith("#") and line.strip("# ")]
    return reports[-1], " ".join(head[:4])
