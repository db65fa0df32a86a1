"""Two gateways over one folder: the second is refused, and the first does not notice."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.faults.checker import check
from tests.faults.stand import free_port, standing
from tests.serving import ROOT


def test_a_second_gateway_over_the_same_folder_is_refused(tmp_path):
    """One sentence that names the other process; after kill -9 of the first the next one starts at once."""
    with standing(tmp_path, crews=3, speed=20) as stand:
        stand.gateway.start()
        second = [sys.executable, "-m", "tocsin", "serve", str(stand.plant), "--port", str(free_port())]
        environ = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
        stand.driver.raise_alarms([0, 1])
        refused = subprocess.run(second, check=False, capture_output=True, text=True, timeout=60, env=environ)
        assert refused.returncode == 2
        assert f"another gateway (process {stand.gateway.pid}) serves {stand.plant}" in refused.stderr
        assert "Traceback" not in refused.stderr
        stand.gateway.kill()
        stand.gateway.start()
        stand.driver.keep_raising(at_once=1, alarms=3)
        assert stand.finish() == {}
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received())
    assert verdict.findings == []
