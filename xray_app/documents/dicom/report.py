"""The result as a DICOM structured report: TID 1500, Measurement Report, unverified."""

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from xray_app.core.text import DISCLAIMER
from xray_app.documents.content import ClassRow, Report
from xray_app.documents.dicom import codes as concepts
from xray_app.documents.dicom.identity import (
    MANUFACTURER,
    MODEL_NAME,
    Identity,
    device_uid,
    stamped,
)

_LONGEST_TEXT = 1024


def structured_report(report: Report, identity: Identity, capture: Dataset) -> Dataset:
    """A Comprehensive SR about the radiograph.

    It refers to ``capture``, the exported overlay, and where linked to the original image as well.
    """
    source = identity.source_image()
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=identity.uid("tracking"), identifier=f"Classification of {report.identity}"
        ),
        algorithm_id=_algorithm(report),
        measurements=_measurements(report),
        qualitative_evaluations=_evaluations(report),
        source_images=[_source_image(capture if source is None else source)],
    )
    group[0].ContentSequence.extend(_texts(report))
    content = MeasurementReport(
        observation_context=_context(),
        procedure_reported=concepts.IMAGING_PROCEDURE,
        imaging_measurements=[group],
        title=codes.cid7021.ImagingMeasurementReport,
    )
    dataset = ComprehensiveSR(
        evidence=[capture] if source is None else [source, capture],
        content=content[0],
        is_complete=False,
        is_final=False,
        is_verified=False,
        **identity.series("report", 9002, "Prediction, research only, unverified"),
    )
    dataset.CodingSchemeIdentificationSequence = [concepts.scheme_identification()]
    return stamped(dataset, identity)


def _context() -> ObservationContext:
    device = DeviceObserverIdentifyingAttributes(
        uid=device_uid(),
        name=MANUFACTURER,
        manufacturer_name=MANUFACTURER,
        model_name=MODEL_NAME,
    )
    return ObservationContext(observer_device_context=ObserverContext(codes.DCM.Device, device))


def _algorithm(report: Report) -> AlgorithmIdentification:
    return AlgorithmIdentification(
        name=report.model_name,
        version=report.weights[:16],
        parameters=[
            f"normalization scheme {report.scheme_name}",
            f"weights SHA-256 {report.weights}",
        ],
        family=concepts.ARTIFICIAL_INTELLIGENCE,
        manufacturer=MANUFACTURER,
    )


def _measurements(report: Report) -> list[Measurement]:
    figures = [
        Measurement(concept, value, concepts.NO_UNITS)
        for row in report.classes
        for concept, value in _probabilities(row)
    ]
    contract = [
        Measurement(concepts.FIGURES[name], value, concepts.NO_UNITS)
        for name, value in report.contract_figures.items()
    ]
    return figures + contract


def _probabilities(row: ClassRow) -> list[tuple[CodedConcept, float]]:
    if row.raw is None:
        return [(_probability(row, calibrated=False), row.probability)]
    return [
        (_probability(row, calibrated=True), row.probability),
        (_probability(row, calibrated=False), row.raw),
    ]


def _probability(row: ClassRow, *, calibrated: bool) -> CodedConcept:
    return concepts.probability_concept(row.name, row.label, calibrated=calibrated)


def _evaluations(report: Report) -> list[QualitativeEvaluation]:
    predicted = next(row for row in report.classes if row.is_predicted)
    name = concepts.PREDICTED if report.is_meaningful else concepts.VOID
    value = concepts.class_concept(predicted.name, predicted.label)
    return [
        QualitativeEvaluation(concepts.INTENDED_USE, concepts.RESEARCH),
        QualitativeEvaluation(concepts.GATE, concepts.GATES[report.gate_verdict]),
        QualitativeEvaluation(concepts.CONTRACT, concepts.CONTRACTS[report.verdict]),
        QualitativeEvaluation(name, value),
    ]


def _texts(report: Report) -> list[TextContentItem]:
    headline, message, figures = report.contract
    sentences = (
        DISCLAIMER,
        report.gate,
        f"{headline}. {message} At the first convolution: {figures}.",
        report.aside,
        "; ".join(f"{name}: {value}" for name, value in report.scheme),
        *report.model,
    )
    return [
        TextContentItem(concepts.EXPLANATION, sentence[:_LONGEST_TEXT], "CONTAINS")
        for sentence in sentences
    ]


def _source_image(image: Dataset) -> SourceImageForMeasurementGroup:
    return SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)
