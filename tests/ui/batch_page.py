"""Driving the page Batch under AppTest: files, a batch of them, and what a visitor does there."""

import threading

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from tests.made_files import png
from xray_app.batch.item import Item
from xray_app.engines.protocol import Forward
from xray_app.ui.batch.jobs import Job
from xray_app.ui.batch.records import Order

PAGE = "xray_app/ui/pages/batch.py"
DARK = png(np.tile(np.linspace(0, 120, 40, dtype=np.uint8), (40, 1)))
BRIGHT = png(np.tile(np.linspace(130, 220, 40, dtype=np.uint8), (40, 1)))
WHITE = png(np.full((40, 40), 255, np.uint8))
LIMIT = 10_000_000  # bytes of a budget that is large enough
FILES = {"dark.png": DARK, "bright.png": BRIGHT, "text.png": b"no picture at all\n" * 9}


class Hold:
    """Keeps the model from answering until ``open``."""

    def __init__(self, engine: FakeEngine) -> None:
        self._forward = engine.forward
        self.gate, self.reached = threading.Event(), threading.Event()
        engine.forward = self.forward

    def forward(self, batch: np.ndarray) -> Forward:
        self.reached.set()
        assert self.gate.wait(60)
        return self._forward(batch)


def order(files: dict[str, bytes] = FILES, *, overlays: bool = False) -> Order:
    items = tuple(Item(name, data=data) for name, data in files.items())
    return Order(items, ("fake", ""), "raw", overlays)


def job_of(app: AppTest) -> Job | None:
    if "session_job" not in app.session_state:
        return None
    job: Job | None = app.session_state["session_job"].job
    return job


def of_job(app: AppTest, key: str) -> str:
    """The key of a widget that lasts as long as the job."""
    job = job_of(app)
    assert job is not None
    return f"{key}_{job.key}"


def start(app: AppTest, files: dict[str, bytes]) -> Job:
    uploads = [(name, data, "image/png") for name, data in files.items()]
    app.file_uploader(key="batch_uploads").set_value(uploads).run()
    app.button(key="batch_start").click().run()
    assert not app.exception
    job = job_of(app)
    assert job is not None
    return job


def finish(app: AppTest, files: dict[str, bytes]) -> AppTest:
    assert start(app, files).wait(60)
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if (button.key or "").startswith("batch_")}


def choose_scheme(app: AppTest, name: str) -> AppTest:
    return app.selectbox(key="scheme").set_value(name).run()


def label(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader(key=of_job(app, "batch_labels")).upload(
        "labels.csv", content, "text/csv"
    ).run()
    assert not app.exception
    return app


def select(app: AppTest, row: int) -> AppTest:
    key = app.dataframe[0].key
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()
