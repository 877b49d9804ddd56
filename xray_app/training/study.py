"""The normalization study: every scheme trained alike, then fed every scheme.

Each (regime, scheme, seed) is one file in OUT/runs, written whole or not at all, so a study that is
stopped goes on with the next run; the state of the run that it was at lies in OUT/states after each
epoch, and what a frozen backbone makes of the images in OUT/features. ``study.json`` is merged anew
at the start and after each run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from xray_app.core import Meter, Reporter, make_folder, resample_groups, silent, write_json
from xray_app.study import FORMAT, Run, Study, read_run, to_plain
from xray_app.training.command import (
    command_of,
    machine,
    require_same_recipe,
    settings_of,
    versions,
)
from xray_app.training.data.reading import load_dataset
from xray_app.training.fit.backbones import require_model_fits
from xray_app.training.fit.bench import Bench, network_of
from xray_app.training.fit.features import forget_features
from xray_app.training.fit.regimes import Regime, regimes_of
from xray_app.training.options import StudyOptions

STUDY_FILE = "study.json"
# These may grow or differ between two sittings of one study; all else decides its results.
_EXTENSIBLE = ("schemes", "seeds", "regimes")
_HEAD_ALONE = ("pretrained-frozen", "frozen")


def run_study(options: StudyOptions, progress: Reporter = silent) -> Path:
    """Run what is missing of the study and return the path of its ``study.json``.

    Raises:
        InputError: the data can't be used, OUT holds a study of another recipe, or a file can't be
            written; every finished run is kept.
        ModelError: the architecture or the backbone can't be used.
    """
    require_model_fits(options)
    dataset = load_dataset(options.data, options.geometry, options.negative)
    require_same_recipe(options.out / "recipe.json", options, dataset, _EXTENSIBLE)
    meter = Meter(progress)
    for notice in dataset.notices:
        meter.say(notice)
    parameters = network_of(options, len(dataset.classes)).count_params()
    draws = resample_groups(dataset.test.patients, options.resamples, seed=0)
    bench = Bench(options, dataset, draws, meter, int(parameters))
    regimes = regimes_of(bench)
    make_folder(options.out / "runs")
    wanted = tuple(_wanted(options))
    if any(_run_file(options.out, *key).exists() for key in wanted):
        _merge(bench, regimes)  # at once: this sitting may ask for other runs than the last
    meter.expect(sum(regimes[name].images for name, _, _ in wanted))
    for name, scheme, seed in wanted:
        path = _run_file(options.out, name, scheme, seed)
        if path.exists():
            meter.skip(regimes[name].images)
            continue
        write_json(path, to_plain(regimes[name].run(scheme, seed)), compact=True)
        bench.state_file(name, scheme, seed).unlink(missing_ok=True)
        _merge(bench, regimes)
    forget_features(options.out)
    return _merge(bench, regimes)


def _wanted(options: StudyOptions) -> Iterator[tuple[str, str, int]]:
    """List the runs, seeds outside, so that a study cut short is even.

    Regimes that train a head alone come whole: pretrained-frozen first, since it is done in
    minutes, frozen last, since it needs others. The rest takes each scheme in turn.
    """
    trained = [r for r in options.regimes if r not in _HEAD_ALONE]
    for seed in options.seeds:
        for regimes in (_HEAD_ALONE[:1], trained, _HEAD_ALONE[1:]):
            for scheme in options.schemes:
                for regime in regimes:
                    if regime in options.regimes:
                        yield regime, scheme, seed


def _run_file(out: Path, regime: str, scheme: str, seed: int) -> Path:
    return out / "runs" / f"{regime}-{scheme}-{seed}.json"


def _together(options: StudyOptions) -> StudyOptions:
    """The options with what earlier sittings ran besides: the results are of all of them."""
    stems = sorted(path.stem.rsplit("-", 2) for path in (options.out / "runs").glob("*.json"))
    regimes, schemes, seeds = zip(*stems, strict=True) if stems else ((), (), ())
    return replace(
        options,
        regimes=tuple(dict.fromkeys((*options.regimes, *regimes))),
        schemes=tuple(dict.fromkeys((*options.schemes, *schemes))),
        seeds=tuple(sorted({*options.seeds, *map(int, seeds)})),
    )


def _merge(bench: Bench, regimes: Mapping[str, Regime]) -> Path:
    options, dataset = _together(bench.options), bench.dataset
    files = (_run_file(options.out, *key) for key in _wanted(options))
    runs: tuple[Run, ...] = tuple(read_run(f) for f in files if f.exists())
    study = Study(
        format=FORMAT,
        architecture=options.arch,
        size=options.size,
        parameters=bench.parameters,
        classes=dataset.classes,
        data={"name": dataset.name, "images": dataset.counts()},
        statistics={"mean": dataset.statistics.mean, "std": dataset.statistics.std},
        schemes=options.schemes,
        seeds=options.seeds,
        regimes=options.regimes,
        regime_notes={r: regimes[r].note for r in options.regimes},
        settings=settings_of(options, _EXTENSIBLE),
        versions=versions(),
        date=datetime.now(UTC).date().isoformat(),
        command=command_of("study", options),
        runs=runs,
        machine=machine(),
    )
    path = options.out / STUDY_FILE
    write_json(path, to_plain(study), compact=True)
    return path
