"""The ``conformance`` command. What a command needs is imported when it runs, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from conformance import __version__
from conformance.errors import ConfigurationError, ConformanceError

app = typer.Typer(
    name="conformance",
    help="Judge how a metering system speaks IEC 61968-9, and keep the evidence.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Sut = Annotated[Path, typer.Argument(metavar="SUT.toml", help="The file that describes the system under test.")]
Select = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it on Python 3.11 too
    typer.Option(metavar="EXPR", help="Requirements, areas, patterns: MR-*,replies,!REP-03*"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"conformance {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Judge how a metering system speaks IEC 61968-9, and keep the evidence."""


@app.command()
def run(
    sut: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it on Python 3.11 too
        typer.Argument(metavar="[SUT.toml]", help="The system; without it, the bundled reference system is judged."),
    ] = None,
    select: Select = None,
    transport: Annotated[str, typer.Option(help="soap, jms, or all: each scenario over both.")] = "soap",
    edition: Annotated[str | None, typer.Option(help="2013; must be the edition that SUT.toml names.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many scenarios run at the same time.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where everything goes; new or empty.")] = None,
    style: Annotated[str, typer.Option(help="Reference system only: generic, typed or bare.")] = "generic",
    soap: Annotated[str, typer.Option(help="Reference system only: 1.1, 1.2, or none (bare).")] = "1.1",
    fault: Annotated[list[str] | None, typer.Option(help="Reference system only: deviate so; repeatable.")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Reference system only: vary so; repeatable.")] = None,
    broker: Annotated[str, typer.Option(help="Reference system over JMS only: classic or artemis.")] = "classic",
    binding: Annotated[str, typer.Option(help="Reference system over JMS only: xml, or soap (SOAP over JMS).")] = "xml",
) -> None:
    """Judge a system; exit 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive or error."""
    from conformance.cli.order import Order
    from conformance.cli.run import carry_out

    order = Order(
        sut=sut, select=select, transport=transport, edition=edition, jobs=jobs, out=out, style=style, soap=soap,
        faults=tuple(fault or ()), variants=tuple(variant or ()), broker=broker, binding=binding,
    )  # fmt: skip
    try:
        raise typer.Exit(carry_out(order))
    except KeyboardInterrupt:
        typer.echo("interrupted before there was anything to judge", err=True)
        raise typer.Exit(3) from None


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="[SUT.toml]", help="The file to write.")] = Path("SUT.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented SUT.toml to fill in."""
    from conformance.sut.template import template

    if path.exists() and not force:
        raise ConfigurationError(f"{path} exists; give another name, or --force to overwrite it")
    try:
        path.write_text(template(), encoding="utf-8")
    except OSError as problem:
        raise ConfigurationError(f"{path} cannot be written: {problem.strerror}") from problem
    typer.echo(f"{path} is written. Fill it in, then: conformance doctor {path}")


@app.command()
def doctor(sut: Sut, as_json: AsJson = False) -> None:
    """Look whether the system can be tested: every problem at once, each with its fix, and no verdict."""
    from conformance.cli.doctor import carry_out

    raise typer.Exit(carry_out(sut, as_json=as_json))


@app.command()
def serve(
    role: Annotated[str, typer.Option(help="MS, the metering system.")] = "MS",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 chooses a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Chooses the meters and their data.")] = 1,
    fault: Annotated[list[str] | None, typer.Option(help="Deviate so; repeatable. See: conformance faults")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Vary so; repeatable.")] = None,
    style: Annotated[str, typer.Option(help="Style in the SUT.toml that is written.")] = "generic",
    soap: Annotated[str, typer.Option(help="SOAP version in that file.")] = "1.1",
    write: Annotated[Path, typer.Option(metavar="FILE", help="Where to write its SUT.toml.")] = Path("reference.toml"),
    transport: Annotated[str, typer.Option(help="soap; jms or all: over a broker of its own as well.")] = "soap",
    broker: Annotated[str, typer.Option(help="For JMS: classic or artemis.")] = "classic",
    binding: Annotated[str, typer.Option(help="For JMS: xml, or soap (SOAP over JMS).")] = "xml",
) -> None:
    """Run the reference metering system until Ctrl-C."""
    from conformance.cli.serve import Wish, carry_out

    carry_out(Wish(
        role=role, host=host, port=port, seed=seed, faults=tuple(fault or ()), variants=tuple(variant or ()),
        style=style, soap=soap, write=write, transport=transport, broker=broker, binding=binding,
    ))  # fmt: skip


jms_app = typer.Typer(help="Prepare what --transport jms needs.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(jms_app, name="jms")


@jms_app.command("install")
def jms_install(
    broker: Annotated[str, typer.Argument(metavar="BROKER", help="classic or artemis.")],
    directory: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the jars go.")] = None,
) -> None:
    """Fetch the jars of ActiveMQ Classic or Artemis with Maven, pinned and checked."""
    from conformance.cli.order import broker_of
    from conformance.transport.jms.install import install

    install(broker_of("jms", broker) or "classic", typer.echo, directory)


@app.command()
def check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Messages, directories, zip archives, HAR files; - is standard input."),
    ],
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes share the files.")] = 1,
    edition: Annotated[str | None, typer.Option(help="2013 or 2024; else as the namespaces say.")] = None,
    sut: Annotated[
        Path | None,
        typer.Option(metavar="SUT.toml", help="Tells which names are of one meter, for requests with answers."),
    ] = None,
    max_mib: Annotated[float, typer.Option(min=0.001, help="The largest message that is read, in MiB.")] = 1024.0,
) -> None:
    """Judge stored messages with no system at hand: each alone, then requests with their answers, then all together.

    Each may be bare, in a SOAP envelope, in a typed wrapper, or escaped in a parameter. An answer belongs to the
    request with its CorrelationID, or as a HAR file says. error: a shall is broken. warning: a should is. note: legal,
    but unusual. Exit 0: no error; 1: errors (with --strict: or warnings); 2: usage.
    """
    if jobs > 1:
        from conformance.offline.workers import prepare

        prepare()  # they start while this process imports what it needs itself
    from conformance.cli.check import Order, carry_out

    raise typer.Exit(carry_out(Order(
        paths=paths, as_json=as_json, strict=strict, max_mib=max_mib, jobs=jobs, sut=sut, edition=edition,
    )))  # fmt: skip


@app.command()
def report(out: Annotated[Path, typer.Argument(metavar="OUT", help="The directory of a run.")]) -> None:
    """Write the reports of a run again from its journal, also of one that was interrupted."""
    from conformance.cli.run import show
    from conformance.report import write_all

    verdicts = write_all(out)
    show(verdicts, out)
    raise typer.Exit(verdicts["exit_code"])


@app.command()
def requirements(
    area: Annotated[str | None, typer.Option(help="Only of this area, such as replies.")] = None,
    edition: Annotated[str | None, typer.Option(help="Only of this edition: 2013, 2024.")] = None,
    role: Annotated[str | None, typer.Option(help="Only of this role, such as publisher, or this system: MDM.")] = None,
    basis: Annotated[str | None, typer.Option(help="Only on schema, guidance, catalogue, or recalled.")] = None,
    level: Annotated[str | None, typer.Option(help="Only of this level: shall, should, may.")] = None,
    status: Annotated[str | None, typer.Option(help="Only what is published, or proposed.")] = None,
    untested: Annotated[bool, typer.Option("--untested", help="Only those that no scenario tests.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the obligations that the suite knows."""
    from conformance.cli.catalogue import Filter, show_requirements

    wanted = Filter(area=area, edition=edition, role=role, basis=basis, level=level, status=status)
    show_requirements(wanted, untested=untested, as_json=as_json)


@app.command()
def explain(requirement: Annotated[str, typer.Argument(metavar="REQUIREMENT", help="An id such as MR-001.")]) -> None:
    """Tell what a requirement asks for, why, how it is tested, and which faults falsify it."""
    from conformance.cli.catalogue import show_explanation

    show_explanation(requirement)


@app.command()
def decode(
    code: Annotated[list[str], typer.Argument(metavar="CODE", help="Codes; - reads them from standard input.")],
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="ReadingType, ReadingQualityType, EndDeviceEventType, ...")
    ] = None,
    tables: Annotated[Path | None, typer.Option(metavar="DIR", help="Your own tables of codes, as .tsv files.")] = None,
    sut: Annotated[Path | None, typer.Option(metavar="SUT.toml", help="Take standard.code_tables of it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what codes mean; exit 0 right (also with warnings), 1 a rule is broken, 2 no code."""
    from conformance.cli.decode import Wish, carry_out

    raise typer.Exit(carry_out(Wish(codes=tuple(code), kind=kind, tables=tables, sut=sut, as_json=as_json)))


@app.command()
def faults(as_json: AsJson = False) -> None:
    """List the deviations that the reference system can show."""
    from conformance.cli.catalogue import show_faults

    show_faults(as_json=as_json)


@app.command()
def calibrate(
    as_json: AsJson = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; two for each core.")] = None,
    only: Annotated[str | None, typer.Option(metavar="NAME", help="Only this fault, variant or null system.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON here, too.")] = None,
    transport: Annotated[str, typer.Option(help="Only cases over soap or over jms; all needs Java.")] = "all",
) -> None:
    """Measure the suite itself: every fault must be caught, every legal variant must pass."""
    from conformance.cli.calibrate import carry_out

    raise typer.Exit(carry_out(as_json=as_json, jobs=jobs, only=only, out=out, transport=transport))


def main() -> None:
    """Run the command; what the user has to put right is told in plain words, with exit code 2."""
    try:
        app(standalone_mode=True)
    except ConfigurationError as problem:
        typer.echo(f"error: {problem}", err=True)
        sys.exit(2)
    except ConformanceError as problem:
        typer.echo(f"error: {problem}", err=True)
        sys.exit(3)
