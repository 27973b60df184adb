#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs cmocka programs: one line a program, the report of those that fail, and a last line
# "N passed, N failed" that counts test cases. A program that crashes, hangs, ends early or
# counts nothing is one failure more.
set -u

limit=${UNIT_TIMEOUT:-60} # seconds a program may take
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Reads TAP; prints "passed failed skipped missing", where missing are planned cases without result.
count() {
	awk '
	/^1\.\.[0-9]+/   { planned += substr($1, 4) }
	/^ok [0-9]/      { passed++ }
	/^not ok [1-9]/  { if (/ # SKIP/) skipped++; else failed++ }
	/^not ok 0/      { broken++ } # the set-up of a group: none of its cases ran
	END {
		missing = planned - passed - failed - skipped
		if (broken && missing < broken) missing = broken
		print passed + 0, failed + 0, skipped + 0, (missing > 0 ? missing : 0)
	}' "$1"
}

# Why a program is at fault apart from the cases it reported; nothing when it is not.
fault() {
	rc=$1 passed=$2 failed=$3 skipped=$4 missing=$5
	case $rc in
	124 | 137) echo "no end within $limit s" && return ;;
	126 | 127) echo "cannot be run" && return ;;
	esac
	if [ "$rc" -gt 128 ]; then
		echo "killed by signal $((rc - 128))"
	elif [ "$missing" -gt 0 ]; then
		echo "$missing cases did not run"
	elif [ $((passed + failed + skipped)) -eq 0 ]; then
		echo "no test case counted (exit $rc)"
	elif [ "$rc" -ne 0 ] && [ "$failed" -eq 0 ]; then
		echo "exit $rc though no case failed"
	fi
}

all_passed=0 all_failed=0
for program in "$@"; do
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$limit" "$program" \
		>"$work/out" 2>"$work/err" </dev/null
	rc=$?
	# shellcheck disable=SC2046 # four numbers
	set -- $(count "$work/out")
	why=$(fault "$rc" "$@")
	failed=$(($2 + (${#why} > 0)))
	note=
	[ "$3" -eq 0 ] || note=", $3 skipped"
	[ -z "$why" ] || note="$note, $why"
	word=ok
	[ "$failed" -eq 0 ] || word=FAIL
	printf '%-4s %s: %d passed, %d failed%s\n' \
		"$word" "${program#*/bin/}" "$1" "$failed" "$note"
	[ "$3" -eq 0 ] || sed -n 's/^not ok [0-9]* # SKIP/     skipped:/p' "$work/out"
	if [ "$failed" -gt 0 ]; then
		grep -v '^ok ' "$work/out" | tail -n 60 | sed 's/^/     | /'
		tail -n 60 "$work/err" | sed 's/^/     | /'
	fi
	all_passed=$((all_passed + $1)) all_failed=$((all_failed + failed))
done
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
