"""What all tests share.

Linear algebra runs in one thread, so that two workers do not fight for two cores. Property tests draw the same
inputs in every run, so that a failure belongs to a change and not to chance; `--hypothesis-profile=explore` draws
new ones, and more of them.
"""

import os

from hypothesis import settings

for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("course", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=300, deadline=None)
settings.load_profile("course")
