"""A command in one line, as charts are marked with it: whose, what, how much, and why not."""

import pytest
from panel_store import info

from answers.commands import sentence
from contract.events import CommandAnswered, CommandGiven, Words
from contract.states import Mode

SAID = [
    ({"verb": "starve", "code": "paste", "duration_s": 120.0}, "printer", "",
     ("Printer: starve Solder paste 120 s", "Printer (vi): starve Solder paste (vi) 120 s")),
    ({"verb": "inject", "code": "x"}, "printer", "", ("Printer: inject x", "Printer (vi): inject x")),
    ({"verb": "speed", "value": 0.5}, "printer", "", ("Printer: speed 0.5", "Printer (vi): speed 0.5")),
    ({"verb": "scrap", "value": 0.0}, "", "", ("scrap 0", "scrap 0")),
    ({"verb": "mode", "mode": Mode.MANUAL}, "printer", "", ("Printer: mode Manual", "Printer (vi): mode Manual")),
    ({"verb": "order", "order": "WO-7"}, "", "it is done", ("order WO-7 – it is done", "order WO-7 – it is done")),
    ({"verb": "note", "text": Words(en="Look here", vi="Xem đây")}, "", "", ("Look here", "Xem đây")),
    ({"verb": "note", "code": "mess.late", "value": 0.05}, "", "", ("mess.late 0.05", "mess.late 0.05")),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "machine", "refused", "said"), SAID, ids=lambda one: str(one)[:30])
def test_a_command_in_one_line(asked, machine, refused, said):
    given = CommandGiven(id="c1", **asked)
    answer = CommandAnswered(
        ts=0, seq=0, boot=1, command=given, accepted=not refused, detail=refused or "what it did: not said again"
    )
    found = sentence(answer, info(1, machine) if machine else None)
    assert (found.en, found.vi) == said
