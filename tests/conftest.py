# SPDX-License-Identifier: Apache-2.0
"""What all tests share; however pytest is started, it finds this checkout."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

pytest_plugins = ["tests.support.postgresql"]
