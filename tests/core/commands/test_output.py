import json

import pytest

from core.commands.output import Progress, print_json, say, show
from tests.fakes import FakeClock


@pytest.mark.parametrize(
    ("spent_s", "fraction", "line"),
    [
        (0, 0.0, "  0 %  training"),
        (4, 0.5, " 50 %  training"),  # too early to tell
        (90, 0.05, "  5 %  training"),
        (28, 0.25, " 25 %  training, about 84 s left"),
        (60, 0.25, " 25 %  training, about 3 min left"),
        (60, 0.999, "100 %  training"),
        (60, 1.0, "100 %  training"),
    ],
)
def test_progress_when_there_is_a_pace_then_the_time_left_is_told(capsys, spent_s, fraction, line):
    clock = FakeClock()
    progress = Progress(clock=clock)
    clock.now_s += spent_s
    progress(fraction, "training")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{line}\n")


def test_words_when_they_steer_a_terminal_or_begin_a_line_then_they_are_spelt_out(capsys):
    hostile = "vm\x1b[2J\x9b31m\u202etxt"
    say(hostile)
    show(f"{hostile}\n* v0009")
    print_json({"vm": hostile})
    said = capsys.readouterr()
    assert all(line.isprintable() for line in (said.out + said.err).splitlines())
    assert said.out.startswith(r"vm\x1b[2J\x9b31m\u202etxt\n* v0009")
    assert json.loads(said.out.split("\n", 1)[1]) == {"vm": hostile}
