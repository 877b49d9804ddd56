"""Which models know a radiograph, by what their gates say; that none does is an answer, too."""

from xray_app.core import GateReport, Radiograph
from xray_app.diagnosis.reference_pass import feed_as_trained
from xray_app.engines import Engine


def knows(engine: Engine, radiograph: Radiograph) -> bool:
    """Whether the model has a gate, and it is open for this radiograph.

    Raises:
        InputError: the training scheme can't be applied.
        EngineError: the model failed.
    """
    return is_open(feed_as_trained(engine, radiograph).gate)


def is_open(report: GateReport | None) -> bool:
    """Whether a gate says that its model knows the image; without a gate nobody can say so."""
    return report is not None and report.verdict == "open"


def may_be_anothers(report: GateReport | None) -> bool:
    """Whether another model may know what this gate stopped: nothing mends the image itself."""
    return report is not None and report.verdict == "closed" and report.fix is None
