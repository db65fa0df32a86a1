"""What is shipped: the package with its default script and sample project, and never a plant's secrets."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHES = shutil.ignore_patterns("__pycache__", ".tocsin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy in which the sample project has been used: it has a PIN key and a database."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    for name in ("runtime", "user_scripts", "sample_project"):
        shutil.copytree(ROOT / name, copy / name, ignore=CACHES)
    state = copy / "sample_project" / ".tocsin"
    state.mkdir()
    (state / "pin.key").write_bytes(b"secret")
    (state / "tocsin.db").write_bytes(b"private")
    build = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(copy / "out"),
    ]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    (built,) = (copy / "out").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_default_script_and_the_sample_project_travel_inside_the_package(wheel):
    """An installed tocsin can answer calls and run its demo without the repository."""
    scripts = {f"tocsin/user_scripts/{path.name}" for path in (ROOT / "user_scripts").glob("*.py")}
    assert {*scripts, "tocsin/sample_project/tocsin.toml"} <= set(wheel)
    assert any(name.startswith("tocsin/sample_project/twilio_scripts/") for name in wheel)
    assert "tocsin/py.typed" in wheel


def test_nothing_of_a_project_s_state_is_ever_packed(wheel):
    """Keys, databases and tests stay where they are."""
    assert [name for name in wheel if ".tocsin/" in name] == []
    assert {name.split("/")[0] for name in wheel} == {"tocsin", "tocsin-0.1.0.dist-info"}
