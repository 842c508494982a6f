"""Which known words a misspelt one may have meant, against a plain reckoning of slips."""

from hypothesis import given
from hypothesis import strategies as st

from directory.typos import nearest, slips_forgiven

LETTERS = "abñж食"


def slips(one: str, other: str) -> int:
    """Count the fewest letters to drop, add, change, or swap with the next, no letter twice."""
    table = [[i + j for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
            )
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 1] + other[j - 2]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


WORDS = st.text(LETTERS, min_size=1, max_size=10)


@given(word=WORDS, known=st.sets(WORDS, max_size=30))
def test_all_that_are_near_enough_are_found_the_nearest_first(word: str, known: set[str]) -> None:
    levels = nearest(word, known)

    most = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    far = {other: slips(word, other) for other in known}
    near = {other for other in known if most and far[other] <= most}
    assert {other for level in levels for other in level} == near
    distances = [{far[other] for other in level} for level in levels]
    assert all(len(each) == 1 for each in distances)
    assert distances == sorted(distances, key=min)


def test_words_as_near_come_in_one_order_whatever_the_order_they_were_in() -> None:
    known = ["bread", "dread", "tread"]

    assert nearest("bead", [*known, "beat"]) == [["beat", "bread"]]
    assert nearest("xread", known) == nearest("xread", reversed(known)) == [known]
    assert nearest("tead", ["bead", "tread", "dead"]) == [["tread", "bead", "dead"]]


def test_short_words_and_numbers_are_as_they_are() -> None:
    for word in ("fod", "12345", "48933", "b2b2", "١٢٣٤٥"):
        assert slips_forgiven(word) == 0
        assert nearest(word, ["food", "12346", "48934", "b2b3", "١٢٣٤٦"]) == []
