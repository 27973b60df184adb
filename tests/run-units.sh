#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs cmocka programs, as many at once as there are processors (UNIT_JOBS): one line a program, the
# report of those that fail, and a last line "N passed, N failed" that counts test cases. A program
# that crashes, hangs, ends early or counts nothing is one failure more.
set -u

limit=${UNIT_TIMEOUT:-180} # seconds a program may take: one that hangs takes all of them

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

# One program; what it wrote goes below $2, and the line and report to standard output.
run_one() {
	program=$1 base=$2
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$limit" "$program" \
		>"$base.out" 2>"$base.err" </dev/null
	rc=$?
	# shellcheck disable=SC2046 # four numbers
	set -- $(count "$base.out")
	why=$(fault "$rc" "$@")
	failed=$(($2 + (${#why} > 0)))
	note=
	[ "$3" -eq 0 ] || note=", $3 skipped"
	[ -z "$why" ] || note="$note, $why"
	word=ok
	[ "$failed" -eq 0 ] || word=FAIL
	printf '%-4s %s: %d passed, %d failed%s\n' \
		"$word" "${program#*/bin/}" "$1" "$failed" "$note"
	[ "$3" -eq 0 ] || sed -n 's/^not ok [0-9]* # SKIP/     skipped:/p' "$base.out"
	if [ "$failed" -gt 0 ]; then
		grep -v '^ok ' "$base.out" | tail -n 60 | sed 's/^/     | /'
		tail -n 60 "$base.err" | sed 's/^/     | /'
	fi
	echo "$1 $failed" >"$base.count"
}

if [ "${1-}" = --one ]; then # called by xargs below; the report in one piece
	base=$(mktemp -p "$UNIT_WORK") || exit 1
	report=$(run_one "$2" "$base")
	printf '%s\n' "$report"
	exit 0
fi

UNIT_WORK=$(mktemp -d) || exit 1
export UNIT_WORK
trap 'rm -rf "$UNIT_WORK"' EXIT
[ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 -n 1 -P "${UNIT_JOBS:-$(nproc)}" "$0" --one
# every program has counted, or is a failure more
cat "$UNIT_WORK"/*.count /dev/null 2>/dev/null | awk -v programs=$# '
	{ passed += $1; failed += $2; counted++ }
	END {
		failed += programs - counted
		printf "%d passed, %d failed\n", passed, failed
		exit !(failed == 0 && passed > 0)
	}'
