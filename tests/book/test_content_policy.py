"""Policies of pages name no other host, but for kernels that run where the book says."""

from __future__ import annotations

import pytest

from faceinv.book.content_policy import BINDER, BOOK, SINGLE_PAGE, policy, policy_tag


@pytest.mark.parametrize("sources", [BOOK, SINGLE_PAGE])
def test_what_is_not_named_is_refused_and_no_host_is_named(sources: dict[str, tuple[str, ...]]) -> None:
    assert policy(sources).startswith("default-src 'none'; ")
    assert "http" not in policy(sources)
    assert "'unsafe-eval'" not in policy(sources)


def test_kernels_are_reached_by_connections_only() -> None:
    kinds = {part.partition(" ")[0]: part for part in policy(BOOK, BINDER).split("; ")}
    assert kinds.pop("connect-src").split()[1:] == [*BINDER, "'self'", "data:", "blob:"]
    assert "http" not in " ".join(kinds.values())


def test_the_element_is_one_that_browsers_read() -> None:
    tag = policy_tag({"default-src": ("'none'",)})
    assert tag == '<meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;">'
