from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

import pytest

from netdesign.errors import InputError
from netdesign.report import render_report


class Reader(HTMLParser):
    """Tags and their attributes, and text by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def read(page) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_what_the_planner_wrote_is_text_and_never_markup(page, read):
    assert "<script>alert" not in page
    assert "<img" not in page
    assert sum(tag == "script" for tag, _ in read.tags) == 1
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert "<script>alert(1)</script> & sons" in read.texts


def test_nothing_is_fetched_from_anywhere(page, read):
    fetching = {"src", "srcset", "action", "poster", "data", "xlink:href"}
    assert not [a for _, a in read.tags if fetching & set(a)]
    # Links lead to places of the page itself, which exist.
    links = [str(a["href"]) for _, a in read.tags if "href" in a]
    assert links.count("data:,") == 1
    assert {link for link in links if link != "data:,"} <= {f"#{a['id']}" for _, a in read.tags if "id" in a}
    assert not re.search(r"@import|url\(", page)
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_the_first_words_are_the_recommendation(read):
    assert any(t.startswith("Run 2 separate networks with 4 nodes in 2 places.") for t in read.texts)


def test_the_map_shows_every_customer_node_and_label_once(run, read):
    classes = [a.get("class") for _, a in read.tags]
    assert classes.count("dot") == 4
    assert classes.count("node") == sum(len(s["nodes"]) for s in run.summary["segments"])
    assert classes.count("label") == 2
    assert classes.count("route off") == 2


def test_nodes_that_segments_had_better_share_are_diamonds_on_the_map(run, read):
    shared = run.sharing.served
    sites = shared.groupby(["stream", "site"]).ngroups
    assert [a.get("class") for _, a in read.tags].count("sharednode off") == sites
    assert len([a for _, a in read.tags if a.get("data-shows") == "shared"]) == (1 if sites else 0)


def test_every_picture_has_a_name_for_those_who_do_not_see_it(read):
    pictures = [a for tag, a in read.tags if tag == "svg"]
    assert pictures
    assert all(a.get("role") == "img" and (a.get("aria-label") or a.get("aria-labelledby")) for a in pictures)


def test_amounts_carry_the_study_s_currency(page):
    assert "SEK " in page
    assert "€" not in page


def test_the_same_files_give_the_same_page(run, page):
    assert render_report(run.out).read_text("utf-8") == page


def test_a_customer_called_na_keeps_its_name(page):
    assert "<title>NA: 3,000 orders a year" in page


def test_a_page_is_smaller_than_a_megabyte(page):
    assert len(page.encode()) < 1e6


def test_sources_and_their_kind_are_listed(page):
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "Natural Earth" in page


def test_a_folder_without_a_run_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"summary\.json"):
        render_report(tmp_path)


def test_a_run_with_a_missing_table_names_it(run, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(run.out, copy)
    (copy / "segments" / "plain" / "stops.csv").unlink()
    with pytest.raises(InputError, match=r"stops\.csv"):
        render_report(copy)


def test_an_infeasible_run_says_who_cannot_be_served(run, tmp_path):
    import json

    copy = tmp_path / "out"
    shutil.copytree(run.out, copy)
    summary = json.loads((copy / "summary.json").read_text())
    plain = summary["segments"][1]
    summary["segments"] = [
        {**plain, "status": "infeasible", "unserved": [["Texel <1>", "the nearest site is 9 h away"]]}
    ]
    (copy / "summary.json").write_text(json.dumps(summary))
    text = render_report(copy).read_text("utf-8")
    assert "Not every customer can be served." in text
    assert "Texel &lt;1&gt;: the nearest site is 9 h away" in text
    assert "<script>" not in text
