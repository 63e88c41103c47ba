"""Several processes, one answer."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNT_THREE = """
from webapp.observability import metrics
for _ in range(3):
    metrics.note_request(endpoint="events.list_events", status=200, seconds=0.01)
"""
RENDER = """
from webapp.observability import metrics
print(metrics.render_process_metrics().decode())
"""


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_values_of_all_processes_are_added_up(tmp_path):
    run(COUNT_THREE, tmp_path)
    run(COUNT_THREE, tmp_path)

    text = run(RENDER, tmp_path)

    assert (
        'http_request_duration_seconds_count{endpoint="events.list_events",status_class="2xx"} 6.0'
        in text
    )
