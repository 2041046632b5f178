"""The command line: `python -m core AREA VERB`, the same functions that the pages call."""

import argparse
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import config
from core.admin.health import check_all
from core.commands import admin, dataset, failure, forecast, jobs, models, respond, tickets
from core.commands.output import print_json, say
from core.errors import CoreError
from core.metrics import Sample
from core.responses.provider import Access
from core.store import Correction, Store

BAD_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when done, 2 for bad input (said in one sentence)."""
    asked_to_stop: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        """End as by an exception, so that what was begun is cleared away."""
        asked_to_stop.append(128 + number)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        settings = config.load()
        given = _parser(settings).parse_args(arguments)
        given.run(given)
    except CoreError as error:
        say(str(error))
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever read the output has had enough.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        return 130
    finally:
        # A library that is stopped amid its own work may make an error of its own of it.
        if asked_to_stop:
            sys.exit(asked_to_stop[0])
    return 0


def _parser(settings: config.Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    areas = parser.add_subparsers(dest="area", required=True, metavar="AREA")

    def open_store() -> Store:
        return Store(settings.database_url)

    def measure(n_samples: int, interval_s: float) -> list[Sample]:
        return _measure(settings, n_samples, interval_s)

    failure.add_verbs(
        areas,
        models_dir=settings.models_dir,
        data_dir=settings.data_dir,
        interval_s=settings.sample_interval_s,
        measure=measure,
        open_store=open_store,
    )
    dataset.add_verbs(areas, data_dir=settings.data_dir, store=open_store)
    forecast.add_verbs(areas)
    tickets.add_verbs(
        areas,
        models_dir=settings.models_dir,
        corrections=lambda: _corrections(settings),
        open_store=open_store,
    )
    respond.add_verb(
        areas,
        models_dir=settings.models_dir,
        runbooks_dir=settings.runbooks_dir,
        access=Access(
            base_url=settings.hf_base_url,
            model=settings.hf_model,
            token=settings.hf_token,
            timeout_s=settings.hf_timeout_s,
            proxy=settings.hf_proxy,
        ),
        host=settings.host_name,
    )
    admin.add_verbs(areas, env_file=config.ENV_FILE, store=open_store)
    models.add_verbs(areas, models_dir=settings.models_dir, open_store=open_store)
    jobs.add_verbs(areas, models_dir=settings.models_dir, open_store=open_store)
    health = areas.add_parser("health", help="what is ready, what is not and how to mend it")
    health.add_argument(
        "--models",
        type=Path,
        default=settings.models_dir,
        metavar="DIR",
        help="the models folder",
    )
    health.set_defaults(run=lambda a: _health(settings, a.models, measure))
    return parser


def _measure(settings: config.Settings, n_samples: int, interval_s: float) -> list[Sample]:
    from core.telemetry.collector import Collector
    from core.telemetry.host import PsutilHost
    from core.telemetry.live import collect_sequence
    from core.telemetry.probe import ResponseProbe

    probe = ResponseProbe(settings.response_probe_url, min(interval_s, 1.0))
    probe.start()
    try:
        collector = Collector(settings.host_name, PsutilHost(settings.disk_path), probe=probe)

        def progress(taken: int) -> None:
            if n_samples > 1:
                say(f"{taken} of {n_samples} samples")

        return collect_sequence(collector, n_samples, interval_s, progress)
    finally:
        probe.stop()


def _corrections(settings: config.Settings) -> tuple[Correction, ...]:
    store = Store(settings.database_url)
    try:
        return store.corrections()
    finally:
        store.close()


def _health(settings: config.Settings, models_dir: Path, measure: failure.Measuring) -> None:
    checks = check_all(models_dir=models_dir, database_url=settings.database_url, measure=measure)
    print_json(
        {
            "ready": all(check.ready for check in checks),
            "checks": [asdict(check) | {"ready": check.ready} for check in checks],
        }
    )


if __name__ == "__main__":
    sys.exit(main())
