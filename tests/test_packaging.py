"""What ships: the wheel, outside the checkout and confined as in the container."""

import json
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from tests.confinement import confined, why_not
from tests.conftest import BUNDLED, ROOT
from tests.installed import Installed, build_wheel, install, run
from xray_app import __version__
from xray_app.core.paths import data_directory
from xray_app.samples.catalogue import list_samples

# Starts a server, waits for it, asks it, ends it: in one process tree, since no other can reach in.
PROBE = """
import json, subprocess, sys, time, urllib.error, urllib.request
port, paths, body, *command = sys.argv[1:]
server = subprocess.Popen([*command, "--port", port], stdout=2)
def ask(path, data=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data,
                                     {"Content-Type": "image/png"} if data else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()
try:
    for _ in range(600):
        try:
            ask(paths.split()[0])
            break
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
    answers = {p: ask(p) for p in paths.split()}
    if body:
        answers["predict"] = ask("/predict", open(body, "rb").read())
    print(json.dumps(answers))
finally:
    server.terminate()
    server.wait(20)
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    return install(build_wheel(folder), folder / "environment")


@pytest.fixture
def confinement(installed: Installed, tmp_path: Path) -> tuple[Path, Path]:
    """An empty folder to mount everything in, and the folder of the environment."""
    root, kept = tmp_path / "root", installed.environment.parent
    root.mkdir()
    reason = why_not(root, kept)
    if reason:
        pytest.skip(f"nothing can be confined on this machine: {reason}")
    return root, kept


def probe(
    confinement: tuple[Path, Path], installed: Installed, paths: str, body: str, *command: str
) -> dict[str, str]:
    python = str(installed.environment / "bin" / "python")
    done = confined(
        *confinement, python, "-c", PROBE, "8765", paths, body, str(installed.command), *command
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "external IP" not in done.stderr  # Streamlit would ask a server outside for it
    answers: dict[str, str] = json.loads(done.stdout)
    return answers


def test_the_wheel_holds_what_the_app_needs_and_no_more(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    data = "xray_app/_data/"
    assert {f"{data}streamlit_app.py", f"{data}.streamlit/config.toml"} <= names
    models = {f"{data}{p.relative_to(ROOT)}" for p in (ROOT / "models").rglob("*") if p.is_file()}
    assert {name for name in names if name.startswith(f"{data}models/")} == models
    assert {f"xray_app/samples/{name}.png" for name in list_samples()} <= names
    viewer = "xray_app/ui/viewer/assets"
    assert {f"{viewer}/{path.name}" for path in (ROOT / viewer).iterdir()} <= names
    sources = {str(p.relative_to(ROOT)) for p in (ROOT / "xray_app").rglob("*.py")}
    assert {n for n in names if n.endswith(".py") and not n.startswith(data)} == sources
    assert not [n for n in names if n.startswith(("tests", "benchmarks", "docs"))]
    assert installed.wheel.stat().st_size < 80_000_000  # of the 100 MB that indexes take


def test_the_wheel_asks_for_what_the_requirements_name(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        text = wheel.read(f"xray_app-{__version__}.dist-info/METADATA").decode()
    metadata = message_from_string(text)
    asked = metadata.get_all("Requires-Dist") or []
    assert [line for line in asked if "extra ==" not in line] == pins("requirements.txt")
    optional = {line.partition(";")[0].strip() for line in asked if "extra ==" in line}
    assert optional <= set(pins("requirements-dev.txt"))
    assert set(metadata.get_all("Provides-Extra") or []) == {"http", "ray"}
    assert metadata["License-Expression"] == "MIT"


def pins(file: str) -> list[str]:
    lines = (ROOT / file).read_text().splitlines()
    return [line for line in lines if line and line[0] not in "#-"]


def test_the_command_works_in_any_folder(installed: Installed, tmp_path: Path) -> None:
    """Nothing of the checkout is seen, and nothing is written, at home or here."""
    command, home = str(installed.command), {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    answer = json.loads(run(command, "predict", "sample:normal_1", "--json", cwd=tmp_path, **home))
    assert (answer["model"], answer["predicted"]) == (BUNDLED, "normal")
    assert answer["contract"]["verdict"] == "matches"
    assert not list(tmp_path.rglob("*"))


def test_studies_and_models_are_found_in_the_wheel(installed: Installed, tmp_path: Path) -> None:
    code = (
        "from xray_app.core.paths import data_directory; print(data_directory());"
        "from xray_app.study.catalogue import find_study; print(find_study())"
    )
    python = str(installed.environment / "bin" / "python")
    folder, study = run(python, "-c", code, cwd=tmp_path).split()
    assert Path(folder) == installed.package / "_data"
    assert Path(study).is_relative_to(folder)
    assert data_directory() == ROOT  # and in a checkout, the checkout's


def test_the_pages_run_from_the_wheel(installed: Installed, tmp_path: Path) -> None:
    script = installed.package / "_data" / "streamlit_app.py"
    code = (
        "from streamlit.testing.v1 import AppTest;"
        f"app = AppTest.from_file({str(script)!r}, default_timeout=120).run();"
        "assert not app.exception, app.exception;"
        "print([box.label for box in app.selectbox])"
    )
    python = str(installed.environment / "bin" / "python")
    assert "Model" in run(python, "-W", "ignore", "-c", code, cwd=tmp_path)


def test_predict_works_confined(installed: Installed, confinement: tuple[Path, Path]) -> None:
    done = confined(*confinement, str(installed.command), "predict", "sample:viral_pneumonia_1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not a medical device" in done.stdout


def test_the_confinement_holds(confinement: tuple[Path, Path]) -> None:
    """No network, no place to write but /tmp, no rights, not root; else the others say nothing."""
    code = (
        "id -u; touch /etc/x 2>/dev/null && echo wrote; touch /tmp/x && echo temporary;"
        "ip -brief link | grep -vc '^lo '; grep CapEff /proc/self/status"
    )
    lines = confined(*confinement, "sh", "-c", code).stdout.split()
    assert lines == ["10001", "temporary", "0", "CapEff:", "0000000000000000"]


def test_the_app_answers_confined(installed: Installed, confinement: tuple[Path, Path]) -> None:
    answers = probe(confinement, installed, "/_stcore/health /", "", "app", "--host", "0.0.0.0")
    assert answers["/_stcore/health"] == "ok"
    assert "<title>" in answers["/"]


def test_the_service_answers_confined(installed: Installed, confinement: tuple[Path, Path]) -> None:
    sample = str(installed.package / "samples" / "normal_1.png")
    answers = probe(confinement, installed, "/health", sample, "serve")
    assert json.loads(answers["/health"])["status"] == "ok"
    assert json.loads(answers["predict"])["predicted"] == "normal"
