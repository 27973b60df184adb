# SPDX-License-Identifier: Apache-2.0
"""The suite is judged before it judges: what did not run never counts as passed."""
import pathlib
import re

import pytest

import checklist
import run

LINE = checklist.line("PP1", "RFC 8225 4.1", "a rule")


def outcomes(*results):
    return [run.Outcome(f"unit/x/test_z:pp1_case_{i}", result)
            for i, result in enumerate(results)]


@pytest.mark.parametrize("results, status", [
    (["passed"], "pass"), (["passed", "skipped"], "pass"), (["skipped"], "fail"), ([], "fail"),
    (["passed", "failed"], "fail"), (["passed", "missing"], "fail"),
])
def test_a_line_passes_by_a_test_that_passed_and_none_that_did_not(results, status):
    assert run.judge(LINE, outcomes(*results))[0] == status


def test_a_line_needs_a_function_that_is_named_after_it():
    """A case of a test for many lines is not enough."""
    case = run.Outcome("tests/x.py::test_vector[PP1-x]", "passed")
    assert run.judge(LINE, [case])[0] == "fail"
    assert run.judge(LINE, [case, *outcomes("passed")])[::2] == (
        "pass", [case.test, "unit/x/test_z:pp1_case_0"])
    assert run.judge(LINE, [run.Outcome("unit/x/test_pp1:another", "passed")])[0] == "fail"


def test_every_line_that_is_claimed_has_a_function_named_after_it():
    names = [name for found in run.unit_tests().values() for name in found]
    names += [re.split("::", node)[1] for node in run.pytest_nodes()[1:]]
    for path in sorted(pathlib.Path(run.HERE).glob("test_*.py")):
        names += re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M)
    named = set().union(*map(run.ids_of, names))
    assert [one.id for one in checklist.LINES if not one.status and one.id not in named] == []


def test_how_far_a_line_reaches_stands_behind_pass():
    some = checklist.line("PP1", "RFC 8225 4.1", "a rule", why="on Sundays")
    assert run.judge(some, outcomes("passed"))[:2] == ("pass", "on Sundays")
    rows = [(one, ("pass", "on Sundays" if one.id == "PP1" else "", [])) for one in
            checklist.LINES]
    assert "| pass (on Sundays) |" in run.document(rows)


def test_a_line_that_is_not_built_yet_is_no_pass():
    later = checklist.line("OB1", "RFC 8816", "a rule", checklist.NOT_YET, "why")
    assert run.judge(later, outcomes("passed"))[:2] == ("not yet", "why")


NAMES = [
    ("pp1_pp2_a_rule", {"PP1", "PP2"}), ("test_CE5_x", {"CE5"}), ("test_vector[DV3-VS10-x]",
                                                                 {"DV3", "VS10"}),
    ("alg_rs256_and_es256_are_refused", set()), ("pp100_x", set()), ("twenty_pp1", {"PP1"}),
    ("xpp1", set()),
]


@pytest.mark.parametrize("name, ids", NAMES, ids=map(str, range(len(NAMES))))
def test_ids_are_words_of_a_name(name, ids):
    assert run.ids_of(name) == ids


def test_every_line_without_a_test_says_why():
    for one in checklist.LINES:
        assert one.why if one.status else True, one.id
        assert one.status in (None, checklist.NOT_YET, checklist.NOT_APPLICABLE)
    assert len(run.IDS) == len(checklist.LINES) == 108


def test_a_program_that_is_absent_did_not_run(tmp_path, capsys):
    told = run.run_unit(str(tmp_path), "unit/none", ["pp1_x"])
    assert told == [run.Outcome("unit/none:pp1_x", "missing")]
    assert "unit/none" in capsys.readouterr().out


def test_a_test_that_a_program_does_not_report_did_not_run(tmp_path):
    program = tmp_path / "bin" / "unit_x"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'ok 1 - pp1_a'\necho 'not ok 2 - pp1_b'\n"
                       "echo 'not ok 3 # SKIP pp1_c'\n")
    program.chmod(0o755)
    told = dict(run.run_unit(str(tmp_path), "unit_x", ["pp1_a", "pp1_b", "pp1_c", "pp1_d"]))
    assert [told["unit_x:pp1_" + letter] for letter in "abcd"] == ["passed", "failed", "skipped",
                                                                  "missing"]


def test_the_document_may_lack_new_tests_and_nothing_else():
    rows = [(one, ("pass", "", ["unit/x:a", "unit/x:b"])) for one in checklist.LINES]
    fewer = [(one, ("pass", "", ["unit/x:a"])) for one in checklist.LINES]
    other = [(one, ("fail", "", ["unit/x:a"])) for one in checklist.LINES]
    assert run.without_new_tests(run.document(fewer), run.document(rows))
    assert not run.without_new_tests(run.document(rows), run.document(fewer))
    assert not run.without_new_tests(run.document(other), run.document(rows))
    assert not run.without_new_tests("", run.document(rows))


def test_the_document_may_name_a_test_that_is_skipped_here():
    here = [(one, ("pass", "", ["unit/x:a"])) for one in checklist.LINES]
    there = [(one, ("pass", "", ["unit/x:a", "unit/x:b[1]"])) for one in checklist.LINES]
    assert run.without_new_tests(run.document(there), run.document(here), ["unit/x:b[2]"])
