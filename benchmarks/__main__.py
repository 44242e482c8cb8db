"""Measure: ``python -m benchmarks [--quick] [--only section,section]``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contest import Contest
    from benchmarks.findings import Findings


def main() -> None:
    """Measure what the arguments ask for."""
    # For what the loader borrows from Ratecard; contestants get settings of their own.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings.testing")
    django.setup()
    from benchmarks.base import BenchError  # noqa: PLC0415 -- after django.setup()

    # Told to end, end the contestants too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run(_arguments())
    except BenchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def run(arguments: argparse.Namespace) -> None:
    """Set everything up, measure, and say what was found."""
    from benchmarks import contest, page, plan, report, wrk  # noqa: PLC0415 -- as above
    from benchmarks.say import say  # noqa: PLC0415 -- as above
    from benchmarks.sections import LEFT_OUT_OF_QUICK, SECTIONS  # noqa: PLC0415 -- as above

    started = time.monotonic()
    sizes = plan.QUICK if arguments.quick else plan.FULL
    chosen = arguments.only or [
        name for name in SECTIONS if not (arguments.quick and name in LEFT_OUT_OF_QUICK)
    ]
    wrk.require()
    with contest.contest(sizes) as found:
        findings = _measure(found, chosen)
        versions = contest.versions(found)
    say()
    report.show_verdicts([verdict for section in findings for verdict in section.verdicts])
    if not arguments.only and not arguments.quick:
        say(f"Wrote {page.write(sizes, findings, versions).relative_to(page.PAGE.parents[1])}.")
    if arguments.quick:
        left_out = [] if arguments.only else LEFT_OUT_OF_QUICK
        say(
            f"Quick: {sizes.campaigns:,} campaigns instead of {plan.FULL.campaigns:,}, "
            f"{sizes.rounds} rounds instead of {plan.FULL.rounds}"
            + (f", without {' and '.join(left_out)}" if left_out else "")
            + ". Nothing was written."
        )
    say(f"It took {(time.monotonic() - started) / 60:.1f} minutes.")


def _measure(found: Contest, chosen: Sequence[str]) -> list[Findings]:
    from benchmarks import equality, report  # noqa: PLC0415 -- as above
    from benchmarks.say import say, step  # noqa: PLC0415 -- as above
    from benchmarks.sections import COMPARING, SECTIONS  # noqa: PLC0415 -- as above

    if COMPARING & set(chosen):
        writers = [found.server(kind) for kind in ("ratecard", "twin", "twin_today")]
        readers = [*writers, found.server("ceiling")]
        with step("Comparing the contestants' answers"):
            equality.check(readers, writers, found.large.layout)
    findings = []
    for name in chosen:
        say(f"== {name}")
        findings.append(SECTIONS[name](found))
        report.show(findings[-1])
    return findings


def _arguments() -> argparse.Namespace:
    from benchmarks.sections import SECTIONS  # noqa: PLC0415 -- as above

    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small stores and few rounds")
    parser.add_argument(
        "--only",
        type=lambda text: [name for name in text.split(",") if name],
        default=[],
        help=f"some of {', '.join(SECTIONS)}",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(unknown)}: {', '.join(SECTIONS)}")
    return arguments


if __name__ == "__main__":
    main()
