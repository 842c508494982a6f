import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sealing import Sealer, UnreadableError

SEALER = Sealer("a secret of the installation", "tests")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(max_size=50))
def test_sealed_text_opens_again_and_hides_the_text(text: str, row: str) -> None:
    row = row.encode(errors="ignore").decode()
    sealed = SEALER.seal(text, row)

    assert SEALER.open(sealed, row) == text
    assert len(text) < 8 or text not in sealed


def test_sealed_text_does_not_open_in_another_row() -> None:
    with pytest.raises(UnreadableError):
        SEALER.open(SEALER.seal("7K2M-QX4P", "row 1"), "row 2")


@pytest.mark.parametrize(
    "other", [Sealer("another secret", "tests"), Sealer("a secret of the installation", "else")]
)
def test_sealed_text_does_not_open_under_another_key(other: Sealer) -> None:
    with pytest.raises(UnreadableError):
        other.open(SEALER.seal("7K2M-QX4P", "row"), "row")
