#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make test` runs once everything is built: the unit programs given as arguments, then the
# end-to-end tests. The last line sums both up: "N passed, N failed".
set -u

BUILD=${BUILD:-build}
PYTHON=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

echo "== unit tests"
tests/run-units.sh "$@" | tee "$work/unit"
unit=$(tail -n 1 "$work/unit")
passed=${unit%% *}
failed=${unit#*passed, } failed=${failed%% *}

case $BUILD in
/*) bin=$BUILD/bin ;;
*) bin=$PWD/$BUILD/bin ;;
esac
export ATTESTEL_BIN="$bin"
# Several files at once, each worker taking the next one when it is through with its own: they wait
# for daemons, timers and the network more than they compute, so there are more of them than
# processors; six share the ports (tests/e2e/port_kit.py). Without pytest-xdist it is one file after
# the other.
workers=${E2E_WORKERS:-$(($(nproc) < 6 ? $(nproc) + 1 : 6))}
"$PYTHON" -c 'import xdist' 2>/dev/null || workers=
echo "== end-to-end tests${workers:+, $workers files at once}"
# shellcheck disable=SC2086 # words on purpose
timeout -k 20 "${E2E_TIMEOUT:-840}" "$PYTHON" -m pytest -q -rs -p no:cacheprovider \
	${workers:+-n $workers --dist loadfile} --junitxml="$work/e2e.xml" tests/e2e
rc=$?
# The attributes of the one <testsuite>: no file, or no such element, is one failure.
attribute() {
	sed -n "s/.*<testsuite [^>]*$1=\"\\([0-9]*\\)\".*/\\1/p" "$work/e2e.xml" 2>/dev/null
}
total=$(attribute tests) errors=$(attribute errors) failures=$(attribute failures)
skipped=$(attribute skipped)
if [ -n "$total" ]; then
	bad=$((errors + failures))
	passed=$((passed + total - bad - skipped)) failed=$((failed + bad))
	[ "$skipped" -eq 0 ] || echo "$skipped end-to-end tests skipped, as said above"
	[ "$rc" -eq 0 ] || [ "$bad" -gt 0 ] || failed=$((failed + 1))
else
	echo "the end-to-end tests did not come to an end (exit $rc)"
	failed=$((failed + 1))
fi

echo "== conformance"
if timeout -k 20 300 "$PYTHON" tests/conformance/run.py --check \
	--build "$BUILD" >"$work/conformance" 2>&1; then
	line=$(tail -n 1 "$work/conformance")
	passed=$((passed + ${line%% *}))
else
	cat "$work/conformance"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
