"""Lets the tests in this folder import the helpers beside them: the oracles and the random functions."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
