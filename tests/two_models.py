"""Cards of models to compare with the fake one."""

import numpy as np

from tests.conftest import make_radiograph
from tests.fakes import card_content, fake_card
from xray_app.cards import ModelCard

RADIOGRAPH = make_radiograph(np.tile(np.linspace(128, 255, 32).astype(np.uint8), (32, 1)))
THRESHOLD = {"value": 0.2, "criterion": "", "fitted_on": "", "command": ""}
CALIBRATION = {"method": "temperature", "temperatures": [2.0], "fitted_on": "", "command": ""}


def classes(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "label": name.replace("_", " ").capitalize()} for name in names]


def signed(**changes: object) -> ModelCard:
    contract = card_content()["contract"] | {"scheme": "signed", "range": [-1, 1]}
    return fake_card(name="other", contract=contract, **changes)


def brought(**changes: object) -> ModelCard:
    return fake_card(brought={"file": "a.onnx", "explanations": ["scorecam"], **changes})


def with_classes(*names: str, **changes: object) -> ModelCard:
    return fake_card(classes=classes(*names), **changes)
