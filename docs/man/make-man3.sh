#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the manual pages of the library from its public headers: make-man3.sh VERSION OUT HEADER...
set -eu

[ $# -ge 3 ] || {
	echo "usage: $0 VERSION OUT HEADER..." >&2
	exit 2
}
version=$1 out=$2
shift 2
here=$(dirname "$0")

page_of() { case $1 in callerid) echo callerid ;; *) echo "callerid_$1" ;; esac }

library_of() {
	case $1 in
	client*) echo "libcallerid-client (pkg-config callerid-client)" ;;
	pkcs11) echo "libcallerid-pkcs11 (pkg-config callerid-pkcs11)" ;;
	*) echo "libcallerid (pkg-config callerid)" ;;
	esac
}

all=
for path in "$@"; do
	all="$all $(basename "$path" .h)"
done
mkdir -p "$out"
rm -f "$out"/*.3
for path in "$@"; do
	name=$(basename "$path" .h)
	page=$(page_of "$name")
	{
		printf '.TH %s 3 "" "Attestel %s" "libcallerid"\n' \
			"$(echo "$page" | tr '[:lower:]' '[:upper:]')" "$version"
		printf '.nh\n.ad l\n'
		awk -v kind=page -v page="$page" -v header="$name" \
			-v all="$all" -v library="$(library_of "$name")" \
			-f "$here/headers.awk" "$path"
	} >"$out/$page.3"
done
# Each function has a page of its own name, which is that of its header.
for path in "$@"; do
	page=$(page_of "$(basename "$path" .h)")
	awk -v kind=functions -f "$here/headers.awk" "$path" | while read -r name; do
		[ -e "$out/$name.3" ] || printf '.so man3/%s.3\n' "$page" >"$out/$name.3"
	done
done
