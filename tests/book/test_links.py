"""Links to other hosts: all are in one file, which says what was last known of them. Nothing is asked here."""

import csv
import datetime
from collections import defaultdict
from urllib.parse import urlsplit

import pytest

from course.paths import ROOT
from tests.book.pages import all_pages, read_page

LISTED = list(csv.DictReader((ROOT / "chapters" / "links.csv").read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def used(site):
    """Return address → names of the pages that link there."""
    found = defaultdict(set)
    for path in all_pages(site):
        for link in read_page(path).links:
            if urlsplit(link).netloc:
                found[link].add(path.relative_to(site).with_suffix("").as_posix())
    return found


def test_every_link_to_another_host_is_listed_with_its_pages(used):
    listed = {row["address"]: set(row["pages"].split()) for row in LISTED}
    assert used == listed


def test_links_are_encrypted(used):
    assert [link for link in used if not link.startswith("https://")] == []


def test_the_list_is_in_order_and_names_each_address_once():
    addresses = [row["address"].lower() for row in LISTED]
    assert addresses == sorted(set(addresses))


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row["address"])
def test_each_entry_says_where_it_leads_and_when_it_was_checked(row):
    assert len(row["leads to"]) > 10
    if row["checked"] == "not yet":
        assert row["how"] == ""
    else:
        assert datetime.date(2026, 1, 1) <= datetime.date.fromisoformat(row["checked"])
        assert row["how"] in {"opened", "cited"}
