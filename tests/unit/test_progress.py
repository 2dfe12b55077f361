"""Progress: told where the work is, shown by whoever waits for it."""

from orchestration.cli import progress as shown
from orchestration.core import progress


def test_what_is_told_reaches_whoever_shows_it_and_nobody_else():
    seen = []
    progress.tell("files", 1, 2)
    with progress.shown_by(lambda *told: seen.append(told)):
        progress.tell("files", 2, 2)
    progress.tell("files", 2, 2)
    assert seen == [("files", 2, 2)]


def test_plain_lines_come_only_for_work_that_takes_long(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 20.0, 21.0, 40.0])
    monkeypatch.setattr(shown.time, "monotonic", lambda: next(clock))
    show = shown.plain_lines()
    show("quick", 0, 1)  # at 0 s
    show("quick", 1, 1)
    show("slow", 0, 3)  # at 20 s
    show("slow", 1, 3)
    show("slow", 3, 3)
    assert capsys.readouterr().err == "slow: 3 of 3 after 20 s\n"
