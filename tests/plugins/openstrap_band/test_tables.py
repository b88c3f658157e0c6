"""The page about the band says what the code decodes by."""

import pytest

from tools.band_tables import PAGE, written


def test_the_tables_of_the_page_are_those_of_the_code():
    page = PAGE.read_text()
    assert written(page) == page, "run python tools/band_tables.py"


def test_a_page_whose_table_was_edited_by_hand_is_stale():
    page = PAGE.read_text()
    edited = page.replace("| 9 | WRIST_ON |", "| 9 | WRIST_OFF |")
    assert edited != page and written(edited) == page


def test_a_page_that_lacks_a_table_says_which():
    with pytest.raises(SystemExit, match="events"):
        written(PAGE.read_text().replace("<!-- table: events -->", ""))
