import csv
import gzip
import io

import pandas as pd
import pytest

from tests.core.commands.tickets.ticket_files import CPU_TICKET, FRAME, fleet, last_line, saved


def table(path):
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz"])
def test_classify_when_done_then_answers_stand_beside_every_row_as_it_was(
    run, trained, tmp_path, name
):
    data = tmp_path / "inbox.csv"
    rows = [
        ["7", CPU_TICKET, "-3.5", "=HYPERLINK(1)"],
        ["8", "", "-1e9", "\rhidden"],
        ["7", CPU_TICKET, "+7", "@sum"],
        ["9", "=psu breaker outage ups", "x", "line\rbreak"],
    ]
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["Id", "Ticket Text", "amount", "+note"], *rows])
    out = tmp_path / name
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert (answer.code, answer.out) == (0, "")
    header, *found = table(out)
    assert header == [
        *("Id", "Ticket Text", "amount", "'+note"),
        *("predicted_category", "confidence", "route"),
    ]
    assert [row[:4] for row in found] == [
        ["7", CPU_TICKET, "-3.5", "'=HYPERLINK(1)"],
        ["8", "", "-1e9", "'\rhidden"],
        ["7", CPU_TICKET, "+7", "'@sum"],
        ["9", "'=psu breaker outage ups", "x", "line\rbreak"],
    ]
    assert [row[4] for row in found if row[1]] == ["Performance-CPU", "Performance-CPU", "Power"]
    assert [row[6] for row in found] == ["automatic", "person", "automatic", "automatic"]
    assert all(0 < float(row[5]) <= 1 for row in found)
    assert "100 %  4 of 4 tickets" in answer.err
    assert "3 automatic, 1 for a person" in answer.err


def test_classify_when_the_file_is_labelled_and_long_then_order_and_count_are_kept(
    run, trained, tmp_path
):
    frame = pd.concat([FRAME] * 10, ignore_index=True)
    data, out = saved(tmp_path, frame), tmp_path / "out.csv"
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert "83 %  2,000 of 2,400 tickets" in answer.err
    found = pd.read_csv(out)
    assert found[["ticket_text", "ticket_category"]].equals(frame)
    assert (found.predicted_category == found.ticket_category).mean() > 0.7
    strict = run(
        *("tickets", "classify", "--data", data, "--out", out),
        *("--models", trained, "--precision", 1),
    )
    assert strict.code == 0
    assert (pd.read_csv(out).route == "person").sum() > (found.route == "person").sum()


def test_classify_when_telemetry_has_no_texts_then_they_are_derived_and_it_says_so(
    run, trained, tmp_path
):
    data, out = tmp_path / "fleet.csv", tmp_path / "out.csv"
    data.write_text(fleet(30))
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert answer.err.startswith("The file has no ticket_text: a text is derived by rule")
    header, *found = table(out)
    assert "ticket_text" not in header
    assert len(found) == 30


def test_classify_when_rows_are_broken_then_it_says_which_are_left_out(run, trained, tmp_path):
    data, out = tmp_path / "inbox.csv", tmp_path / "out.csv"
    data.write_text("id,ticket_text\n1,slow\n2,slow, very\n3,psu\n")
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert "Left out: 1 rows" in answer.err
    assert "the first on line 3" in answer.err
    assert [row[0] for row in table(out)] == ["id", "1", "3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,message\n1,slow\n", "is no fleet dataset and no ticket file"),
        ("ticket_text,route\nslow,a\n", "a column 'route' already"),
        ("ticket_text\n", "no rows"),
    ],
)
def test_classify_when_it_is_refused_then_the_old_file_stays(run, trained, tmp_path, text, says):
    data, out = tmp_path / "inbox.csv", tmp_path / "results" / "out.csv"
    data.write_text(text)
    out.parent.mkdir()
    out.write_text("precious")
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert says in last_line(answer)
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]
    assert out.read_text() == "precious"


def test_classify_when_the_folder_is_not_there_then_one_sentence_says_so(run, trained, tmp_path):
    out = tmp_path / "nowhere" / "out.csv"
    arguments = ("tickets", "classify", "--data", saved(tmp_path), "--models", trained)
    assert "folder that exists" in last_line(run(*arguments, "--out", out))


def test_classify_when_out_is_a_link_then_what_it_leads_to_is_written(run, trained, tmp_path):
    target, link = tmp_path / "results.csv", tmp_path / "latest.csv"
    link.symlink_to(target.name)
    arguments = ("tickets", "classify", "--data", saved(tmp_path), "--models", trained)
    assert run(*arguments, "--out", link).code == 0
    assert link.is_symlink()
    assert len(table(target)) == len(FRAME) + 1


def test_classify_when_out_is_a_folder_then_one_sentence_says_so(run, trained, tmp_path):
    arguments = ("tickets", "classify", "--data", saved(tmp_path), "--models", trained)
    assert last_line(run(*arguments, "--out", tmp_path)).endswith("is a folder; name a file in it.")
