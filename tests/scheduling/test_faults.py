"""Every fault that the machines look for can still be planted, those of the long runs too."""

import pytest

from tests.scheduling import (
    test_allotment_histories,
    test_booking_machine,
    test_random_edits,
    test_waiting_machine,
)
from tests.scheduling.faults import Fault, plant

FAULTS = [
    pytest.param(fault, id=f"{tests.__name__.rpartition('.')[2]}: {name}")
    for tests in (
        test_allotment_histories,
        test_booking_machine,
        test_random_edits,
        test_waiting_machine,
    )
    for name, fault in tests.FAULTS.items()
]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_can_be_planted(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, *fault)
