"""What it costs to judge stored messages: a small one, a very large one, and ten thousand."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pytest_benchmark.fixture import BenchmarkFixture

from conformance.message.xml import Limits
from conformance.offline.model import Piece, Settings
from conformance.offline.work import judge_pieces
from tests.offline.messages import ENVELOPE, READINGS, TYPE

HEAD = f"""<ResponseMessage xmlns="{ENVELOPE}">
  <Header>
    <Verb>reply</Verb>
    <Noun>MeterReadings</Noun>
    <Timestamp>2026-01-01T00:00:02Z</Timestamp>
    <MessageID>7c9e6679-7425-40de-944b-%012d</MessageID>
    <CorrelationID>8c9e6679-7425-40de-944b-%012d</CorrelationID>
  </Header>
  <Reply>
    <Result>OK</Result>
  </Reply>
  <Payload>
    <MeterReadings xmlns="{READINGS}">
"""
TAIL = """    </MeterReadings>
  </Payload>
</ResponseMessage>
"""
SMALL = f"""      <MeterReading>
        <Meter><mRID>6024397f-b798-5a81-a050-e2a465aeb586</mRID></Meter>
        <Readings>
          <timeStamp>2026-01-01T00:00:00Z</timeStamp>
          <value>17.5</value>
          <ReadingType ref="{TYPE}"/>
        </Readings>
      </MeterReading>
"""
METERS, READINGS_EACH = 1000, 1000
FILES = 10_000
#: Prints the seconds of processor time, and the MiB of memory above what the interpreter had before.
MEASURED = """
import json, sys, time
{prepare}
def peak():  # not ru_maxrss, which a process inherits from the one that started it
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
before, begun = peak(), time.process_time()
{run}
print(json.dumps([time.process_time() - begun, peak() - before]))
"""
PREPARE = """
from lxml import etree
from pathlib import Path
from conformance.checks.scene import Terms
from conformance.message.xml import Limits
from conformance.offline.large_head import HEAD, head_of, schema_for
from conformance.offline.model import Settings
from conformance.offline.sources import sources_of
from conformance.offline.together import judge_all
path = Path(sys.argv[1])
with path.open("rb") as file:
    schema = schema_for(head_of(file.read(HEAD)), Terms())[0]
"""
#: libxml2 alone: validated while it is read, every MeterReading forgotten.
BARE = """
for _event, element in etree.iterparse(path, schema=schema, tag="{%s}MeterReading"):
    parent = element.getparent()
    del parent[: parent.index(element)]
    element.clear()
"""
OURS = """
verdict, = judge_all(sources_of([path]), Settings(limits=Limits(max_bytes=2**30)))
assert verdict.findings == (), verdict
"""
ROUNDS = 3


def test_small_message(benchmark: BenchmarkFixture, tell: Callable[[str], None]) -> None:
    """Judge a message of 1 KB completely, from bytes to findings."""
    body = (HEAD % (1, 1) + SMALL + TAIL).encode()
    piece = Piece(name="small.xml", body=body)
    settings = Settings(limits=Limits())

    def judge() -> None:
        (done,) = judge_pieces(iter([piece]), settings)
        assert done.verdict.findings == ()

    benchmark.group = "check"
    benchmark.pedantic(judge, rounds=400, warmup_rounds=20)
    if benchmark.stats is not None:
        tell(f"valid message of {len(body)} bytes: {1000 * benchmark.stats.stats.median:.2f} ms (goal: at most 1 ms)")


def _write_large(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD % (1, 1))
        for meter in range(METERS):
            file.write("<MeterReading><IntervalBlocks>\n")
            file.writelines(
                f"<IntervalReadings>\n  <timeStamp>2026-01-{1 + n // 96:02}T{n // 4 % 24:02}:{n % 4 * 15:02}:00Z"
                f"</timeStamp>\n  <value>{n}.125</value>\n</IntervalReadings>\n"
                for n in range(READINGS_EACH)
            )
            file.write(f'<ReadingType ref="{TYPE}"/></IntervalBlocks><Meter><mRID>m-{meter}</mRID></Meter>')
            file.write("</MeterReading>\n")
        file.write(TAIL)


def _measured(run: str, path: Path) -> tuple[float, float]:
    program = MEASURED.format(prepare=PREPARE, run=run)
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True)
    seconds, mebibytes = json.loads(done.stdout)
    return seconds, mebibytes


def test_large_message(benchmark: BenchmarkFixture, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """Judge a million interval readings; before each, libxml2 validates the same file."""
    path = tmp_path / "large.xml"
    _write_large(path)
    bare: list[float] = []
    ours: list[tuple[float, float]] = []
    benchmark.group = "check, large"
    benchmark.pedantic(
        lambda: ours.append(_measured(OURS, path)),
        setup=lambda: bare.append(_measured(BARE % READINGS, path)[0]),
        rounds=ROUNDS,
    )
    seconds, memory = median(one for one, _ in ours), max(two for _, two in ours)
    rate = median(bare) / seconds
    size = path.stat().st_size / 1024**2
    benchmark.extra_info.update(bare_s=median(bare), ours_s=seconds, rate=rate, memory_mib=memory)
    tell(
        f"a million readings ({size:.0f} MiB): {seconds:.1f} s, libxml2 alone {median(bare):.1f} s, rate {rate:.2f} "
        f"(goal: at least 0.5); {memory:.0f} MiB above the interpreter (goal: at most 300)"
    )


def test_many_files(benchmark: BenchmarkFixture, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """Judge ten thousand files with two processes; before each round, with one."""
    folder = tmp_path / "messages"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:05}.xml").write_text(HEAD % (number, number) + SMALL + TAIL, encoding="utf-8")
    alone: list[float] = []

    def check(jobs: int) -> None:
        command = [sys.executable, "-m", "conformance", "check", str(folder), "--jobs", str(jobs), "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def one() -> None:
        begun = time.perf_counter()
        check(1)
        alone.append(time.perf_counter() - begun)

    benchmark.group = "check, many files"
    benchmark.pedantic(lambda: check(2), setup=one, rounds=ROUNDS)
    if benchmark.stats is not None:
        shared = benchmark.stats.stats.median
        tell(
            f"{FILES} files: {shared:.1f} s with --jobs 2, {median(alone):.1f} s with one, "
            f"{median(alone) / shared:.2f} times as fast (goal: at least 1.6)"
        )
