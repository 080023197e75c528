"""The machinery of the course: it builds the book, runs the notebooks, releases and grades assignments."""
