"""What the server loads before its first visitor, and that no visitor's data is frozen."""

import gc
import subprocess
import sys

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

# Draws every page, as after the server's start, and reports the collector's objects.
PAGES = """
import gc, sys
from streamlit.testing.v1 import AppTest
from xray_app.ui.navigation import pages
from xray_app.ui.session.server import load_libraries
load_libraries()
app = AppTest.from_file(sys.argv[1], default_timeout=60).run()
for page in ("compare", "inside", "study", "batch", "card"):
    assert not app.switch_page(f"xray_app/ui/pages/{page}.py").run().exception
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_no_visit_freezes_anything(app: AppTest) -> None:
    """What is frozen is never collected, and a session lies in reference cycles."""
    before = gc.get_freeze_count()
    assert not app.run().exception
    assert gc.get_freeze_count() <= before


def test_the_collector_leaves_most_of_the_libraries_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PAGES, str(ROOT / "streamlit_app.py")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    frozen, looked_through = map(int, done.stdout.split())
    assert frozen > 3 * looked_through


def test_a_visitor_who_left_leaves_nothing_although_nobody_else_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.ui.departure_process"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "0 0\n", done.stderr
