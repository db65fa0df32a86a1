"""The guide to scripts that decide: what is copied from it passes the check."""

from __future__ import annotations

import re
from pathlib import Path

from tests.pipelines.test_checks_of_pipelines import PLANT

from tocsin.gateway.checks import read

GUIDE = (Path(__file__).parents[2] / "docs" / "deciding.md").read_text(encoding="utf-8")


def test_its_examples_pass_the_check_together(tmp_path):
    """Roster, pipeline and the two scripts, in one project; the check has nothing to say of any."""
    (tmp_path / "tocsin.toml").write_text(PLANT.replace("maria", "jon"))
    toml = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len(toml) == 2
    (tmp_path / "deciding.toml").write_text("\n".join(toml))
    for name, source in re.findall(r"```python\n# (\S+\.py)\n(.*?)```", GUIDE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)

    assert [str(one) for one in read(tmp_path)[1] if one.file == "deciding.toml"] == []
    assert (tmp_path / "roster_scripts" / "who.py").exists()
    assert (tmp_path / "pipeline_scripts" / "choose.py").exists()
