"""Somebody who thinks better of it, at whatever moment, is not shown a traceback."""

import sys
from types import ModuleType

import pytest

from app.__main__ import main


class Interrupted(ModuleType):
    """A module during whose loading somebody presses Ctrl-C."""

    def __getattr__(self, name):
        raise KeyboardInterrupt


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback(monkeypatch):
    monkeypatch.setitem(sys.modules, "app.cli", Interrupted("app.cli"))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
