# SPDX-License-Identifier: Apache-2.0
"""The suite is judged before it judges: what did not run never counts as passed."""
import pytest

import checklist
import run

LINE = checklist.line("PP1", "RFC 8225 4.1", "a rule")
NAMED = checklist.line("AS2", "RFC 8224 6.1", "a rule", ["unit/x/test_y:a_test"])


def outcomes(*results):
    return [run.Outcome(f"unit/x/test_z:pp1_case_{i}", result)
            for i, result in enumerate(results)]


@pytest.mark.parametrize("results, status", [
    (["passed"], "pass"), (["passed", "skipped"], "pass"), (["skipped"], "fail"), ([], "fail"),
    (["passed", "failed"], "fail"), (["passed", "missing"], "fail"),
])
def test_a_line_passes_by_a_test_that_passed_and_none_that_did_not(results, status):
    assert run.judge(LINE, outcomes(*results))[0] == status


def test_a_test_that_the_table_names_and_that_is_not_there_is_a_failure():
    assert run.judge(NAMED, outcomes("passed"))[0] == "fail"
    assert run.judge(NAMED, [run.Outcome("unit/x/test_y:a_test", "passed")])[0] == "pass"


def test_a_line_that_is_not_built_yet_is_no_pass():
    later = checklist.line("OB1", "RFC 8816", "a rule", (), checklist.NOT_YET, "why")
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
        assert bool(one.status) == bool(one.why), one.id
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
