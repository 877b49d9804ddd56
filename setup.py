"""What pyproject.toml can't say: requirements.txt is read, and data outside the package ships.

A wheel holds ``models/``, ``streamlit_app.py`` and ``.streamlit/config.toml`` in
``xray_app/_data``, where ``xray_app.core.paths`` finds them.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
DEV = "requirements-dev.txt"
DATA = ("streamlit_app.py", ".streamlit/config.toml", "models")


def pinned(file: str) -> list[str]:
    """The lines of a requirements file that name a package."""
    lines = (ROOT / file).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def extra(*names: str) -> list[str]:
    """The lines of requirements-dev.txt for these packages."""
    lines = {line.partition("==")[0].partition("[")[0]: line for line in pinned(DEV)}
    return [lines[name] for name in names]


class BuildWithData(build_py):
    """Copies the data as well; an editable install finds it in the checkout."""

    def run(self) -> None:
        """Build the package, then add the data."""
        super().run()
        if self.editable_mode:
            return
        for source in data_files():
            target = Path(self.build_lib) / "xray_app" / "_data" / source
            self.mkpath(str(target.parent))
            self.copy_file(str(ROOT / source), str(target))


def data_files() -> list[Path]:
    """Every data file, relative to the project."""
    paths = [ROOT / name for name in DATA]
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    return sorted(file.relative_to(ROOT) for file in files if file.is_file())


setup(
    install_requires=pinned("requirements.txt"),
    extras_require={
        "http": extra("fastapi", "uvicorn"),
        "ray": extra("ray", "fsspec"),
    },
    cmdclass={"build_py": BuildWithData},
)
