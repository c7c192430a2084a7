"""jsonschema without the grammar of internationalised addresses, which is there for who asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from faceinv.runtime.jsonschema_import import GRAMMAR, without_grammar

EXECUTES = """
import sys
import faceinv.book.build, faceinv.book.standalone_page, faceinv.commands.sweep
assert "jsonschema" in sys.modules and "papermill" in sys.modules
assert not {"rfc3987_syntax", "torch"} & set(sys.modules), "what takes seconds to import"
"""


def test_it_is_missing_in_the_context_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, GRAMMAR, raising=False)
    with without_grammar(), pytest.raises(ImportError):
        __import__(GRAMMAR)
    assert GRAMMAR not in sys.modules


def test_one_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, GRAMMAR, sys)
    with without_grammar():
        assert __import__(GRAMMAR) is sys
    assert sys.modules[GRAMMAR] is sys


def test_what_builds_the_book_imports_neither_the_grammar_nor_pytorch() -> None:
    done = subprocess.run([sys.executable, "-c", EXECUTES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
