"""The wheel, built and installed as a user would, away from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

# What a build needs; the rest of the checkout stays behind, so that nothing is found by chance.
SOURCES = (
    "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md",
    "CITATION.cff", "CONTRIBUTING.md", "requirements.txt", "requirements-dev.txt",
    "constraints.txt", "streamlit_app.py", ".streamlit", "models", "xray_app",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Installed:
    """A virtual environment with the wheel; the packages that it needs are this environment's."""

    wheel: Path
    environment: Path

    @property
    def command(self) -> Path:
        """The console command."""
        return self.environment / "bin" / "xray-app"

    @property
    def package(self) -> Path:
        """The installed package."""
        (found,) = self.environment.glob("lib/python*/site-packages/xray_app")
        return found


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a copy of the sources in ``folder``, by way of the source archive."""
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source))
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Installed:
    """Install the wheel alone, without looking anything up."""
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
        "--no-deps", "--no-index", "--no-compile", str(wheel))  # fmt: skip
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return Installed(wheel, environment)


def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """Run a command; its standard output. A failure shows what it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=bare_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def bare_environment() -> dict[str, str]:
    """This process' environment without what would lead back into the checkout."""
    leading = {"PYTHONPATH", "XRAY_APP_MODELS", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in leading}
