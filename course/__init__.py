"""The machinery of the course: one command-line program, `python -m course`, and the extensions of the site.

One module a concern: `notebooks` executes and normalises, `lint` refuses, `exercises` generates what students
receive, `book` builds the site, `site` holds the Sphinx extensions. `labkit` never imports from here.
"""
