#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that building, testing and the demo need.
# Does nothing, and touches no network, when all of them are there.
set -eu

build="gcc make pkg-config libc6-dev libssl-dev libjansson-dev libcurl4-openssl-dev
libmicrohttpd-dev libsofia-sip-ua-dev libsqlite3-dev libpq-dev libinih-dev libp11-kit-dev
uthash-dev libsrtp2-dev libnice-dev libopus-dev libogg-dev"
demo="python3 python3-openssl python3-cryptography sip-tester openssl curl"
tests="libcmocka-dev python3-pytest python3-pytest-xdist softhsm2 opensc postgresql-15
python3-jsonschema python3-yaml"
lint="clang-14 libclang-rt-14-dev clang-format-14 pmccabe shellcheck python3-pyflakes"
coverage="gcovr"
browser="chromium"
# Others' servers and clients, to speak with and to measure against.
peers="kamailio kamailio-extra-modules kamailio-websocket-modules rtpengine-daemon rtpengine-utils"

usage() {
	cat <<-TEXT
	usage: $0 [build] [demo] [tests] [lint] [coverage] [browser] [peers]
	Installs the packages of the named groups (default: all but browser and peers) with apt-get.
	Needs root or sudo only when something is missing.
	TEXT
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Whoever has a Node keeps it: Debian's package would stand beside it.
command -v node >/dev/null || tests="$tests nodejs"
command -v npm >/dev/null || peers="$peers npm"

[ $# -gt 0 ] || set -- build demo tests lint coverage
wanted=
for group in "$@"; do
	case $group in
	build) wanted="$wanted $build" ;;
	demo) wanted="$wanted $demo" ;;
	tests) wanted="$wanted $tests" ;;
	lint) wanted="$wanted $lint" ;;
	coverage) wanted="$wanted $coverage" ;;
	browser) wanted="$wanted $browser" ;;
	peers) wanted="$wanted $peers" ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
done

missing=
for package in $wanted; do
	is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "install-deps: installing with apt-get:$missing"
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "install-deps: not root and no sudo; as root, run: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words on purpose
install() { $as_root apt-get install -y -q --no-install-recommends $missing; }
# Tests start servers of their own. Debian's package would also make a cluster "main", start it on
# port 5432 and start it again at every boot; whoever wants that shall say so. The setting is gone
# again afterwards, so that a later installation on purpose behaves as its documentation says.
no_main=/etc/postgresql-common/createcluster.d/attestel.conf
case " $missing " in
*" postgresql-15 "*)
	$as_root mkdir -p "${no_main%/*}"
	echo "create_main_cluster = false" | $as_root tee "$no_main" >/dev/null
	trap '$as_root rm -f "$no_main"; $as_root rmdir "${no_main%/*}" 2>/dev/null || :' EXIT
	;;
esac
# Peers are started by the tests that want them, never by their packages (Debian policy §9.3.3).
policy=/usr/sbin/policy-rc.d
case " $missing " in
*" kamailio "* | *" rtpengine-daemon "*)
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
		$as_root chmod 755 $policy
		trap '$as_root rm -f "$no_main" "$policy"
			$as_root rmdir "${no_main%/*}" 2>/dev/null || :' EXIT
	fi
	;;
esac
# The package lists may be absent (fresh image) or stale: one refresh, then the install.
$as_root apt-get update -q
install
