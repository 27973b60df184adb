#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make test` runs once everything is built: the unit programs given as arguments, then the
# end-to-end tests. The last line sums both up: "N passed, N failed".
set -u

BUILD=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

echo "== unit tests"
tests/run-units.sh "$@" | tee "$work/unit"
unit=$(tail -n 1 "$work/unit")
passed=${unit%% *}
failed=${unit#*passed, } failed=${failed%% *}

echo "== end-to-end tests"
case $BUILD in
/*) bin=$BUILD/bin ;;
*) bin=$PWD/$BUILD/bin ;;
esac
export ATTESTEL_BIN="$bin"
# Two halves at once, as long as each other: what drives the registry alone and some of what drives
# the relay, and the rest.
half() {
	name=$1
	shift
	timeout -k 20 "${E2E_TIMEOUT:-840}" "${PYTHON:-/usr/bin/python3}" -m pytest -q -rs \
		-p no:cacheprovider --junitxml="$work/$name.xml" "$@" >"$work/$name.out" 2>&1
	echo $? >"$work/$name.rc"
}
half registry tests/e2e/test_registry_*.py tests/e2e/test_media_[cpw]*.py &
half rest tests/e2e --ignore-glob='*/test_registry_*.py' --ignore-glob='*/test_media_[cpw]*.py'
wait
# The attributes of the one <testsuite>: no file, or no such element, is one failure.
attribute() {
	sed -n "s/.*<testsuite [^>]*$1=\"\\([0-9]*\\)\".*/\\1/p" "$work/$half.xml" 2>/dev/null
}
for half in registry rest; do
	cat "$work/$half.out"
	rc=$(cat "$work/$half.rc")
	total=$(attribute tests) errors=$(attribute errors) failures=$(attribute failures)
	skipped=$(attribute skipped)
	if [ -n "$total" ]; then
		bad=$((errors + failures))
		passed=$((passed + total - bad - skipped)) failed=$((failed + bad))
		[ "$skipped" -eq 0 ] || echo "$skipped end-to-end tests skipped, as said above"
		[ "$rc" -eq 0 ] || [ "$bad" -gt 0 ] || failed=$((failed + 1))
	else
		echo "the end-to-end tests ($half) did not come to an end (exit $rc)"
		failed=$((failed + 1))
	fi
done

echo "== conformance"
if timeout -k 20 300 "${PYTHON:-/usr/bin/python3}" tests/conformance/run.py --check \
	--build "$BUILD" >"$work/conformance" 2>&1; then
	line=$(tail -n 1 "$work/conformance")
	passed=$((passed + ${line%% *}))
else
	cat "$work/conformance"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
