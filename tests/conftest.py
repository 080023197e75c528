"""What all tests share.

Linear algebra runs in one thread, so that two workers do not fight for two cores. Property tests draw the same
inputs in every run, so that a failure belongs to a change and not to chance; `--hypothesis-profile=explore` draws
new ones, and more of them.
"""

import os

from hypothesis import settings

# With several workers, whoever is done takes the next module: what takes long comes first, so that nobody is left
# waiting at the end. The first module builds the site, and the others come to the site when it is there.
FIRST = ("tests/book/test_pages.py", "tests/course/graders/test_through_nbgrader.py", "tests/course/grading/",
         "tests/book/")


def pytest_collection_modifyitems(items):
    """Put modules that take long before the others."""
    items.sort(key=lambda item: next((place for place, part in enumerate(FIRST)
                                      if part in item.path.as_posix()), len(FIRST)))


for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("course", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=300, deadline=None)
settings.load_profile("course")
