"""Numpydoc's template is compiled once for all docstrings, and they are written as without that."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from unittest.mock import Mock

import jinja2
import pytest
from conftest import REPOSITORY
from numpydoc import docscrape_sphinx

from faceinv.lrp import rules


def written() -> list[str]:
    each = (rules.z_plus, rules.gamma, rules.alpha_beta)
    return [str(docscrape_sphinx.get_doc_object(function, config={})) for function in each]


def test_the_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "book" / "_ext"))
    compiler = Mock(wraps=jinja2.Environment.compile)
    monkeypatch.setattr(docscrape_sphinx, "SandboxedEnvironment", docscrape_sphinx.SandboxedEnvironment)
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *given, **named: compiler(*given, **named))
    before = written()
    assert compiler.call_count == 3
    import_module("docstring_template").setup(SimpleNamespace())
    assert written() == written() == before
    assert compiler.call_count == 3 + 1
