"""The study's answers, computed from its figures and never canned, whichever way they point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean

from xray_app.core.text import listed
from xray_app.study.imagenet import Pair, has_both
from xray_app.study.records import Study
from xray_app.study.regimes import regime_words
from xray_app.study.summary import HARMFUL, Summary, as_change, one_seed, side_by_side, summarise

_FROM_IMAGENET = ("pretrained-frozen", "finetuned-frozen-batchnorm", "finetuned")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that people ask, and what the study's figures say."""

    question: str
    text: str


def conclude(study: Study) -> tuple[Answer, ...]:
    """Answer every question for which the study has runs; the first is always answered."""
    found = summarise(study)
    answers = (
        Answer(
            "Does the choice of scheme matter, if inference does what training did?",
            _choice(found.values()),
        ),
        Answer("What does another scheme at inference cost?", _cost(found.values())),
        Answer(
            "Does a network that starts from ImageNet's weights need ImageNet's mean and "
            "deviation, or is ÷255 as good?",
            "" if study.rescales else _imagenet(found),
        ),
        Answer(
            "Does a wrong scale leave training stuck?",
            _stuck(study, found),
        ),
        Answer("How many epochs does another scale cost?", _epochs(found.values())),
        Answer("Is it BatchNorm that makes the choice harmless?", _batchnorm(study)),
    )
    return tuple(answer for answer in answers if answer.text)


def _choice(found: Iterable[Summary]) -> str:
    leads = ("Hardly", "It does", "In single runs it did", "It can't be told")
    by_lead: dict[str, list[str]] = {lead: [] for lead in leads}
    for s in found:
        by_lead[_lead(s)].append(_between(s))
    said = [f"{lead} {listed(regimes)}." for lead, regimes in by_lead.items() if regimes]
    return " ".join(said) or "No two schemes were trained alike yet, so the study can't say."


def _lead(s: Summary) -> str:
    if s.matters is None:
        return "It can't be told"
    if not s.matters:
        return "Hardly"
    return "In single runs it did" if s.seeds == 1 else "It does"


def _between(s: Summary) -> str:
    low, high = f"{s.auc[s.worst]:.3f}", f"{s.auc[s.best]:.3f}"
    auc = f"{low} with all" if low == high else f"{low} with {s.worst} to {high} with {s.best}"
    chance = f", where chance alone could make {s.chance:.3f}" if s.matters is None else ""
    return f"{regime_words(s.regime).phrase} (AUC {auc}{one_seed(s)}{chance})"


def _cost(found: Iterable[Summary]) -> str:
    crossed = [s for s in found if s.mismatches]
    much = [s for s in crossed if s.typical > HARMFUL]
    some = [s for s in crossed if s.typical <= HARMFUL < s.costliest.loss]
    none = [s for s in crossed if s.costliest.loss <= HARMFUL]
    said = [
        f"{lead} {listed([_change(s) for s in group])}."
        for lead, group in (
            ("It does harm", much),
            ("It does for some pairs", some),
            ("It is harmless", none),
        )
        if group
    ]
    return " ".join(said)


def _change(s: Summary) -> str:
    worst = s.costliest
    return (
        f"{regime_words(s.regime).phrase} (AUC changes by a median of {as_change(s.typical)}, at "
        f"worst {as_change(worst.loss)}: trained on {worst.trained}, fed {worst.fed})"
    )


def _imagenet(found: Mapping[str, Summary]) -> str:
    pairs = [Pair(s) for name in _FROM_IMAGENET if (s := found.get(name)) and has_both(s)]
    if not pairs:
        return ""
    by_verdict: dict[str, list[str]] = {}
    for p in pairs:
        by_verdict.setdefault(p.verdict, []).append(p.figures)
    verdicts = "; ".join(f"{verdict} {listed(said)}" for verdict, said in by_verdict.items())
    thresholded = [
        f"{p.specificity[1].value:.3f} with ÷255 and {p.specificity[0].value:.3f} with "
        f"ImageNet's {p.phrase}{one_seed(p.summary)}"
        for p in pairs
        if p.specificity_differs
    ]
    also = (
        f" At a threshold of 0.5 specificity differs: {listed(thresholded)}." if thresholded else ""
    )
    return f"Fed as trained, {verdicts}.{also}"


def _stuck(study: Study, found: Mapping[str, Summary]) -> str:
    if not found:
        return ""
    stuck = [
        f"{sum(s.stuck.values())} of {len(s.runs) * s.seeds} {regime_words(s.regime).phrase} "
        f"({'; '.join(_lost(s, scheme) for scheme in s.stuck)})"
        for s in found.values()
        if s.stuck
    ]
    runs = sum(len(s.runs) * s.seeds for s in found.values())
    said = (
        f"Runs that call nearly every image the same, fed as trained: {listed(stuck)}."
        if stuck
        else f"None of {runs} runs calls nearly every image the same, fed as trained."
    )
    pair = side_by_side(study, "finetuned-frozen-batchnorm", "finetuned")
    return f"{said} {_healed(*pair)}" if pair else said


def _lost(s: Summary, scheme: str) -> str:
    """A scheme with a stuck run: what it still ranks, and whether training knew of it."""
    ends = [run.epochs[-1] for run in s.runs[scheme] if run.epochs]
    losses = [(e.loss, e.validation_loss) for e in ends if e.loss and e.validation_loss]
    said = f"{scheme} at AUC {s.auc[scheme]:.3f}"
    if not losses:
        return said
    training, validation = (mean(values) for values in zip(*losses, strict=True))
    return f"{said}, loss {training:.2f} in training and {validation:.2f} in validation"


def _healed(frozen: Summary, learning: Summary) -> str:
    """What BatchNorm does that learns, where one that is frozen does not."""
    healed = [scheme for scheme in frozen.stuck if scheme not in learning.stuck]
    left = [scheme for scheme in frozen.stuck if scheme in learning.stuck]
    said = [
        f"BatchNorm that learns {does} {listed(schemes)}."
        for does, schemes in (("heals", healed), ("does not heal", left))
        if schemes
    ]
    said.append(
        f"The lowest AUC of fine-tuning is {frozen.auc[frozen.worst]:.3f} ({frozen.worst}) with "
        f"BatchNorm frozen, {learning.auc[learning.worst]:.3f} ({learning.worst}) with BatchNorm "
        f"learning."
    )
    if frozen.mismatches and learning.mismatches:
        said.append(
            f"Fed another scheme than in training, it changes by a median of "
            f"{as_change(frozen.typical)} and {as_change(learning.typical)}."
        )
    return " ".join(said)


def _epochs(found: Iterable[Summary]) -> str:
    paces = [(s, s.pace) for s in found if s.pace is not None]
    if not paces:
        return ""
    said = listed(
        [
            f"{p.epochs[p.quickest]:.1f} ({p.quickest}) to {p.epochs[p.slowest]:.1f} "
            f"({p.slowest}) of {p.of} epochs {regime_words(s.regime).phrase}"
            for s, p in paces
        ]
    )
    alike = [(s, [scale for scale in p.left_out if scale in s.stuck]) for s, p in paces]
    early = [(s, [scale for scale in p.left_out if scale not in s.stuck]) for s, p in paces]
    every = "every other scale" if any(p.left_out for _, p in paces) else "every scale"
    return (
        f"To a validation loss that {every} reaches, it takes {said}."
        f"{_left_out('calls nearly every image the same', alike)}"
        f"{_left_out('stopped early', early)}"
    )


def _left_out(what_a_run_does: str, scales: Iterable[tuple[Summary, list[str]]]) -> str:
    said = [f"{listed(named)} {regime_words(s.regime).phrase}" for s, named in scales if named]
    return f" Left out, for a run that {what_a_run_does}: {listed(said)}." if said else ""


def _batchnorm(study: Study) -> str:
    pair = side_by_side(study, "scratch", "no-batchnorm")
    if pair is None:
        return ""
    usual, bare = pair
    return (
        f"{_verdict(usual, bare)}: AUC, fed as trained, ranges over {bare.range:.3f} without it "
        f"(lowest {bare.auc[bare.worst]:.3f}, {bare.worst}) and over {usual.range:.3f} with it."
    )


def _verdict(usual: Summary, bare: Summary) -> str:
    if max(usual.range, bare.range) > max(usual.chance, bare.chance) and usual.seeds == 1:
        return "One seed can't tell"
    if usual.matters:
        either = " either" if bare.matters else ""
        return f"No, the choice is not harmless with BatchNorm{either}"
    if usual.matters is None:
        return "It can't be told"
    if bare.range - usual.range > max(usual.chance, bare.chance):
        return "Yes"
    if bare.matters is False:
        return "No, it is harmless without as well"
    return "It can't be told"
