"""`mes simulate --checkpoint` and `--resume`: a run in parts is the run in one, and nonsense is refused."""

import json
import os
import re
import signal

import pytest
from servers import until
from simulating import beside, collector, ended, mes

from contract.instants import parse_instant

START = ("--seed", 3, "--start", "2026-01-05T06:00:00+07:00")
RUN = ("--plant", "smt", *START)
PRINTER = "que-vo-electronics/que-vo/smt/smt-1/printer"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log of commands, and a run of three hours that was never stopped."""
    here = tmp_path_factory.mktemp("checkpoints")
    commands = [
        {"at": at, "path": PRINTER, "command": {"id": at, "verb": verb, "duration_s": lasts, "value": value}}
        for at, verb, lasts, value in (
            ("2026-01-05T06:40:00+07:00", "break", 2400, None),  # under way where the run is cut
            ("2026-01-05T07:00:00+07:00", "set_scrap", None, 0.5),  # the very instant of the cut
            ("2026-01-05T08:20:00+07:00", "hold", None, None),
        )
    ]
    (here / "log.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in commands), "utf-8")
    mes("simulate", *RUN, "--for", "3h", "--commands", "log.jsonl", "--out", "one", "--truth", "one.truth", cwd=here)
    return here


def parts(folder, *lengths):
    """The event files of a run in parts, one after the other; the last leaves its truth in ``parts.truth``."""
    with_all = ("--commands", "log.jsonl", "--truth", "parts.truth")
    for number, span in enumerate(lengths):
        begin = RUN if number == 0 else ("--resume", "kept")
        goes_on = ("--checkpoint", "kept") if number < len(lengths) - 1 else ()
        mes("simulate", *begin, "--for", span, "--out", f"part-{number}", *with_all, *goes_on, cwd=folder)
    return b"".join((folder / f"part-{number}").read_bytes() for number in range(len(lengths)))


@pytest.mark.parametrize("lengths", [("1h", "2h"), ("47m", "1s", "90m", "2579s")])
def test_a_run_in_parts_is_the_run_in_one_to_the_byte(folder, lengths):
    assert parts(folder, *lengths) == (folder / "one").read_bytes()
    assert (folder / "parts.truth").read_bytes() == (folder / "one.truth").read_bytes()


def test_ctrl_c_keeps_a_whole_half_hour_and_the_rest_joins(folder):
    out = folder / "cut"
    with beside("simulate", *RUN, "--for", "300d", "--out", out, "--checkpoint", "kept", cwd=folder) as process:
        until(lambda: out.is_file() and out.stat().st_size, "the first events")
        process.send_signal(signal.SIGINT)
        [kept] = re.findall(r"kept at (\S+): go on with mes simulate --resume kept", ended(process))
    run_us = parse_instant(kept) - parse_instant(START[-1])
    minutes = run_us // 60_000_000
    assert minutes * 60_000_000 == run_us
    assert minutes % 30 == 0
    mes("simulate", "--resume", "kept", "--for", "10m", "--out", "rest", cwd=folder)
    mes("simulate", *RUN, "--for", f"{minutes + 10}m", "--out", "whole", cwd=folder)
    assert out.read_bytes() + (folder / "rest").read_bytes() == (folder / "whole").read_bytes()


@pytest.mark.mosquitto
def test_live_the_store_of_two_parts_is_the_truth_of_one_run(mosquitto, folder):
    live = ("--broker", mosquitto.url, "--speed", "max", "--commands", "log.jsonl")
    with collector(mosquitto.url, folder, "live.db"):
        mes("simulate", *RUN, "--for", "1h", *live, "--checkpoint", "kept", cwd=folder)
        said = mes("simulate", "--resume", "kept", "--for", "2h", *live, cwd=folder)
    assert "smt goes on from 2026-01-05T00:00:00Z" in said
    assert "store = truth" in mes("score", "--store", "live.db", "--truth", "one.truth", cwd=folder)


@pytest.mark.mosquitto
def test_live_ctrl_c_keeps_where_it_stood_and_goes_on_in_its_own_time(mosquitto, folder):
    """Parts of any length by Ctrl-C, the last one up to the end of the run never stopped."""
    with collector(mosquitto.url, folder, "cut.db"):
        begin = RUN
        for _ in range(3):
            of = (*begin, "--broker", mosquitto.url, "--speed", 600, "--checkpoint", "live", "--truth", "cut.truth")
            with beside("simulate", *of, "--for", "30d", cwd=folder) as process:
                assert any("publishing" in line for line in process.stderr)  # it is connected
                scrap = (PRINTER, "set_scrap", "--value", 0.01)
                assert "done" in mes("command", "--broker", mosquitto.url, *scrap, cwd=folder)  # its time goes
                os.killpg(process.pid, signal.SIGINT)
                assert "kept at" in ended(process)
            begin = ("--resume", "live")
        last = ("--broker", mosquitto.url, "--speed", "max", "--for", "5m", "--truth", "cut.truth")
        mes("simulate", "--resume", "live", *last, cwd=folder)
    assert "store = truth" in mes("score", "--store", "cut.db", "--truth", "cut.truth", cwd=folder)


REFUSED = [
    (("--resume", "none"), "the checkpoint none cannot be read"),
    (("--resume", "log.jsonl"), "log.jsonl is no checkpoint"),
    (("--resume", "cut-off"), "cut-off is damaged"),
    (("--resume", "whole", "--plant", "smt"), "--plant is what the file of --resume says: leave --plant out"),
    (("--resume", "whole", "--seed", 3), "leave --seed out"),
    (("--resume", "whole", "--start", START[-1]), "leave --start out"),
    (("--resume", "whole", "--orders", "x.csv"), "leave --orders out"),
    (("--resume", "whole", "--mess", "all"), "leave --mess out"),
    (("--resume", "whole", "--truth", "x.truth"), "whole is of a run without --truth"),
    (("--plant", "smt", "--checkpoint", "y", "--mess", "all"), "leave --mess out"),
    (("--plant", "smt", "--for", "1m", "--checkpoint", "no/such/folder/x"), "no/such/folder/x cannot be written"),
]


@pytest.fixture(scope="module")
def kept(folder):
    """A good checkpoint, and one that lost its end."""
    mes("simulate", *RUN, "--for", "5m", "--out", "x", "--checkpoint", "whole", cwd=folder)
    (folder / "cut-off").write_bytes((folder / "whole").read_bytes()[:-100])
    return folder


@pytest.mark.parametrize(("args", "mend"), REFUSED, ids=lambda value: "" if isinstance(value, str) else value[-2])
def test_a_mistake_is_named_with_its_mend(kept, args, mend):
    assert mend in mes("simulate", *args, "--out", "x", cwd=kept, code=2)
