"""What a manifest may say of a card."""

import msgspec
import pytest
from openfit_sdk.manifest import Card

GOOD = {"id": "weeks", "title": "Weeks", "module": "cards/weeks.js", "reads": ["activities"]}


def test_a_card_reads_four_weeks_unless_it_says_otherwise():
    assert msgspec.convert(GOOD, Card).days == 28


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "No Spaces"},
        {"module": "weeks.js"},
        {"module": "cards/../secret.js"},
        {"module": "/etc/cards/weeks.js"},
        {"module": "cards/weeks.css"},
        {"module": "cards/a.js\n"},
        {"reads": []},
        {"reads": ["everything"]},
        {"reads": ["metric:../x"]},
        {"days": 0},
        {"days": 367},
        {"code": "x"},
    ],
)
def test_what_is_no_card_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(GOOD | wrong, Card)
