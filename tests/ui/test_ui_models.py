"""The page Compare models under AppTest: two fakes, one of which has a gate."""

import json
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes import HEAD, FakeEngine, fake_card
from tests.gate_rules import ENTRY, fake_rule
from tests.made_files import WHITE, png
from tests.two_models import classes, signed
from tests.ui.batch_page import DARK
from xray_app.gate import judge as gate_service
from xray_app.ui.session import resources
from xray_app.ui.widgets import sidebar
from xray_app.ui.widgets.two_models import choice

FIRST, SECOND = "cxr_efficientnetb4", "cxr_lite0_tb"
OPENED = "*[bold](http://x.example)*"  # a label that must stay text


@pytest.fixture
def models(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Open the page with a gated model of three classes and another of two."""
    labels = classes("normal", "tuberculosis")
    labels[1]["label"] = OPENED
    second = FakeEngine(signed(classes=labels, title="Another fake"))
    second.head = HEAD[:, :2]
    engines = {FIRST: FakeEngine(fake_card(gate=ENTRY)), SECOND: second}
    monkeypatch.setattr(gate_service, "rule_of", lambda card: fake_rule() if card.gate else None)
    monkeypatch.setattr(resources, "open_engine", lambda name, **_: engines[name])
    for name, engine in engines.items():
        engine.card = engine.card.model_copy(update={"name": name})
    for module in (choice, sidebar):
        monkeypatch.setattr(module, "list_models", lambda: (FIRST, SECOND))
        monkeypatch.setattr(module, "find_card", lambda name: engines[name].card)
    return app.run().switch_page("xray_app/ui/pages/models.py").run()


def said(app: AppTest) -> str:
    return " ".join(m.value for m in app.main.markdown)


def test_both_stand_side_by_side(models: AppTest) -> None:
    assert not models.exception
    assert models.selectbox(key="second").value == SECOND
    headings = [h.value for h in models.main.header]
    assert headings[:2] == ["A: A fake", "B: Another fake"]
    first = models.main.markdown[0].value
    assert first.startswith("**Nothing checks whether B knows such an image. Their classes differ")
    assert "scheme (A raw, B signed)" in first
    assert "[bold](" not in first.replace("\\[bold\\](", "")  # no link of a label's
    schemes, contracts = (table.value for table in models.table)
    assert list(schemes["Scheme"]) == ["`raw`, as A was trained", "`signed`, as B was trained"]
    assert schemes["B"][0].startswith(":material/dangerous: ~~")
    aspects = list(contracts["Aspect"])
    assert aspects[0] == "**≠\u00a0Scheme**"
    assert "=\u00a0Size" in aspects
    assert contracts["B"][0].startswith("**signed")
    alternatives = [image.alt for e in models.get("image") for image in e.proto.imgs]
    assert [alt[:12] for alt in alternatives] == ["Heatmap of A", "Heatmap of B"]
    assert models.main.get("download_button")
    models.radio(key="two_fed").set_value("raw").run()
    assert models.main.markdown[0].value.startswith("**Under `raw` only A gets what it was")
    assert models.query_params["with"] == SECOND
    models.selectbox(key="model").select(SECOND).run()  # the second is now the first's
    assert not models.exception
    assert models.selectbox(key="second").value == FIRST
    assert models.query_params["with"] == FIRST


def test_what_a_closed_gate_hides_is_nowhere_on_the_page(models: AppTest) -> None:
    models.file_uploader(key="uploads").upload("a.png", png(WHITE), "image/png").run()
    assert not models.exception
    assert "The gate of A is closed: A doesn't know such an image" in said(models)
    cells = list(models.table[0].value["A"])
    assert [cell.split(" ", 1)[1] for cell in cells] == ["hidden: its gate is closed"] * 2
    assert len(models.get("image")) == 1
    assert not models.main.get("download_button")
    assert len(models.main.subheader) == 1  # of B
    models.button(key="gate_showA").click().run()
    assert len(models.get("image")) == 2
    assert models.main.subheader[0].value.startswith(":gray[~~")
    assert "The gate of A is closed" in said(models)


def test_without_a_second_model_that_is_said(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "list_models", lambda: (FIRST,))
    app.query_params["with"] = "nothing"
    app.run()
    assert "Unknown second model 'nothing'" in app.main.warning[0].value
    calls = engine.calls
    app.switch_page("xray_app/ui/pages/models.py").run()
    assert not app.exception
    assert "There is one model here" in app.main.info[0].value
    assert engine.calls == calls


def test_the_download_does_not_name_the_file(
    models: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may name a patient; the digest stands for it."""
    made: list[Callable[[], str]] = []
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: made.append(data))
    models.file_uploader(key="uploads").upload("Jane_Doe.png", DARK, "image/png").run()
    assert made
    text = made[-1]()
    assert "Jane_Doe" not in text
    assert json.loads(text)["file"].startswith("radiograph-")
