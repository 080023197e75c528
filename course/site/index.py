"""The index as a page of the book: last in the navigation, like in print."""

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

TITLE = "Index"


class AddIndexToContents(SphinxTransform):
    """Append Sphinx's generated index to the last part of the table of contents.

    `_toc.yml` can name files only, and the index is no file.
    """

    default_priority = 101  # right after sphinx_external_toc has made the tables of contents

    def apply(self, **kwargs: object) -> None:
        """Add the entry to the root page's last table of contents."""
        if self.env.docname != self.config.root_doc:
            return
        contents = list(self.document.findall(addnodes.toctree))
        if contents:
            contents[-1]["entries"].append((TITLE, "genindex"))


def register(app: Sphinx) -> None:
    """Run the transform on every page; it acts on the root page alone."""
    app.add_transform(AddIndexToContents)
