"""A grid begins in its own process, and goes on in workers if it does not end soon."""

import os
import time

import pytest

from faceinv.runtime import parallel


def process_of(number: int) -> tuple[int, int]:
    """The number, and the process that was asked, which takes a moment to answer."""
    time.sleep(0.05)
    return number, os.getpid()


@pytest.fixture(autouse=True)
def _two_workers_to_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEINV_WORKERS", "2")
    monkeypatch.setattr(parallel, "_have_workers", False)


def test_a_grid_that_ends_soon_starts_no_workers() -> None:
    assert parallel.parallel_map(process_of, range(4), "short") == [(i, os.getpid()) for i in range(4)]
    assert not parallel._have_workers


@pytest.mark.slow
def test_a_longer_grid_goes_on_in_workers_and_the_next_one_begins_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.01)
    numbers, asked = zip(*parallel.parallel_map(process_of, range(5), "long"), strict=True)
    assert numbers == tuple(range(5))
    assert asked[0] == os.getpid() and os.getpid() not in asked[1:]
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 5)
    assert os.getpid() not in dict(parallel.parallel_map(process_of, range(3), "next")).values()


def test_one_item_and_none_need_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0)
    assert parallel.parallel_map(process_of, [3], "one") == [(3, os.getpid())]
    assert parallel.parallel_map(process_of, [], "none") == []
