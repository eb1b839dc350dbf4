"""Where the repository and its recorded archives are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
SARIF_SCHEMA = ROOT / "tests" / "report" / "schemas" / "sarif-2.1.0-rtm.5.json"
