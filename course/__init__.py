"""The machinery of the course: one command-line program, `python -m course`, and the extensions of the site.

One module a concern: `notebooks` executes and normalises, `lint` refuses, `exercises` generates what students
receive, `book` builds the site, `site` holds the Sphinx extensions. `labkit` never imports from here.
"""

import sys

# jsonschema, which nbformat and nbgrader import, compiles a grammar of international addresses as soon as it finds
# this package: half of the time that they take to load. No schema of a notebook has such an address.
sys.modules.setdefault("rfc3987_syntax", None)
