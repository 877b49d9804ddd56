"""The page Check a pipeline under AppTest; the searches run in this process."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.made_files import png
from tests.pipeline.synthetic import synthetic
from tests.readers.reader_files import npy
from xray_app.core.normalization import parse_scheme
from xray_app.pipeline import check_pipeline
from xray_app.ui.session import pipeline_checks

PAGE = "xray_app/ui/pages/check.py"
COLOUR = synthetic(48, 40, colour=True)


@pytest.fixture
def page(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    def here(image: Any, tensor: Any, expected: Any, statistics: Any = None) -> Any:
        wanted = parse_scheme(expected) if isinstance(expected, str) else expected
        return check_pipeline(image, tensor, wanted, statistics)

    monkeypatch.setattr(pipeline_checks, "check_apart", here)
    opened = app.run().switch_page(PAGE).run()
    assert not opened.exception
    return opened


def with_image(page: AppTest, image: np.ndarray) -> AppTest:
    return page.file_uploader(key="check_image").upload("in.png", png(image), "image/png").run()


def with_tensor(page: AppTest, data: bytes, name: str = "tensor.npy") -> AppTest:
    done = page.file_uploader(key="check_tensor").upload(name, data).run()
    assert not done.exception
    return done


def test_an_example_shows_a_mistake_and_what_mends_it(page: AppTest) -> None:
    assert page.error[0].value.startswith("**Differs from the model in scale.**")
    assert "Contrast is divided by 255." in page.error[0].value
    assert page.code[0].value == "tensor = tensor * 255.0"
    table = page.table[0].value
    assert table["Step"].iloc[0] == ":material/close: Scale"
    assert table["Your pipeline"].iloc[0] == "values 0 to 1"
    assert table["Should be"].iloc[0] == "values 0 to 255"
    assert all(step.startswith(":material/check:") for step in table["Step"].iloc[1:])
    page.selectbox(key="check_example").set_value("right").run()
    assert page.success[0].value.startswith("**Matches the model.**")
    assert not page.error
    assert len(page.code) == 1  # what makes it, and nothing to mend


def test_a_tensor_of_ones_own_is_read_and_explained(page: AppTest) -> None:
    with_image(page, COLOUR)
    page.selectbox(key="check_match").set_value("scheme").run()
    with_tensor(page, npy((COLOUR / 127.5 - 1.0).astype(np.float32)))
    assert page.error[0].value.startswith("**Differs from the scheme raw in scale.**")


def test_two_tensors_are_compared(page: AppTest) -> None:
    with_image(page, COLOUR)
    page.selectbox(key="check_match").set_value("tensor").run()
    assert page.info[0].value == "Add the tensor that should have come."
    with_tensor(page, npy(COLOUR[..., ::-1] / 255.0))
    np.savez(buffer := io.BytesIO(), other=np.eye(3), train=COLOUR / 255.0)
    page.file_uploader(key="check_expected").upload("both.npz", buffer.getvalue()).run()
    (choice,) = (box for box in page.selectbox if box.label == "Array")
    choice.set_value("train").run()
    assert not page.exception
    assert page.error[0].value.startswith("**Differs from the expected tensor in channels.**")
    assert "feeds BGR where the expected tensor feeds RGB" in page.error[0].value
    assert page.code[0].value == "tensor = tensor.take([2, 1, 0], axis=2)"


def test_an_arrays_name_is_shown_as_it_is(page: AppTest) -> None:
    """A box's options are no Markdown, so that a backslash would be shown."""
    np.savez(buffer := io.BytesIO(), **{"x[0]": np.eye(3), "b_*": np.eye(4)})
    with_tensor(page, buffer.getvalue(), "both.npz")
    (choice,) = (box for box in page.selectbox if box.label == "Array")
    assert choice.options == ["x[0]", "b_*"]


def test_two_pictures_will_do(page: AppTest) -> None:
    with_image(page, COLOUR[..., 0])
    after = Image.fromarray(COLOUR[..., 0]).resize((32, 32), Image.Resampling.BILINEAR)
    with_tensor(page, png(np.asarray(after)), "after.png")
    assert page.error[0].value.startswith("**Differs from the model in")
    assert "stretched to 32 × 32" in " ".join(page.table[0].value["Your pipeline"])


def test_what_is_not_explained_is_said_to_be(page: AppTest) -> None:
    with_tensor(page, npy(np.random.default_rng(0).normal(size=(24, 24))))
    assert page.warning[0].value.startswith("**Not explained.** No combination")
    assert list(page.table[0].value) == ["Step", "Closest"]
    assert not page.code


BAD = (
    ("bad.npy", b"\x93NUMPY\x01\x00", "whose header is none"),
    ("text.txt", b"hello", "Expected an image that Pillow reads"),
    ("flat.npy", npy(np.zeros((8, 8, 3))), "The tensor is 0 everywhere"),
    ("many.npy", npy(np.arange(64.0).reshape(8, 8) + np.zeros((5, 1, 1))), "with 1 or 3"),
)


def test_a_bad_file_is_one_sentence(page: AppTest) -> None:
    for name, data, words in BAD:
        with_tensor(page, data, name)
        assert len(page.error) == 1
        assert words in page.error[0].value


def test_a_file_s_name_is_shown_as_it_is(page: AppTest) -> None:
    with_tensor(page, npy(np.zeros(4)), "![x](y).npy")
    assert r"\!\[x\](y).npy" in " ".join(c.value for c in page.caption).replace("\u2060", "")
