"""The most memory that each process had resident after a whole demo on real parts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

GOALS = {"registration": 150, "notification": 150, "matching": 450}
"""Megabytes, for each process of the service."""


def run() -> list[dict[str, object]]:
    """Play the demo and read its report."""
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "deploy.cli", "demo", "--data", folder], check=True, capture_output=True)
        report = json.loads((Path(folder) / "demo" / "report.json").read_text(encoding="utf-8"))
    results: list[dict[str, object]] = []
    for process, size in report["peak_memory"].items():
        megabytes = round(size / 1e6, 1)
        results.append(
            {
                "name": f"memory-{process}",
                "value": megabytes,
                "unit": "MB",
                "peer": f"peak after the demo, {report['broker']}, {report['database']}",
                "goal": GOALS.get(process.partition("-")[0]),
                "better": "lower",
                "runs": [megabytes],
            }
        )
    return results
