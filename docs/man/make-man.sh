#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the manual pages, made from what the programs say of themselves: make-man.sh BIN OUT
set -eu

[ $# -eq 2 ] || {
	echo "usage: $0 BIN OUT" >&2
	exit 2
}
bin=$1 out=$2
here=$(dirname "$0")
version=$("$bin/attestel" --version | sed -n 's/^attestel //p')

body() { awk -v kind="$1" -f "$here/page.awk"; }

# head NAME SECTION SENTENCE
head_of() {
	printf '.TH %s %s "" "Attestel %s" "Attestel"\n' \
		"$(echo "$1" | tr '[:lower:]' '[:upper:]')" "$2" "$version"
	printf '.SH NAME\n%s \\- %s\n' "$1" "$3"
}

# The words of each command of the table of commands.
commands() { "$bin/attestel" --commands | cut -f 1; }

attestel_page() {
	head_of attestel 1 "who is calling and why: keys, signatures, verification, the registry"
	printf '.SH SYNOPSIS\n.B attestel\nCOMMAND [options]\n.SH COMMANDS\n'
	commands | while read -r words; do
		# Words of our own table, on purpose apart.
		# shellcheck disable=SC2086
		"$bin/attestel" $words --help | body command
	done
	cat <<-'TEXT'
		.SH ENVIRONMENT
		.TP
		.B ATTESTEL_REGISTRY
		URL of the registry, where \-\-registry is not given.
		.TP
		.B ATTESTEL_KEY
		The API key itself, or a token, where \-\-key\-file is not given.
		.TP
		.B ATTESTEL_PROFILE
		The profile to use, where neither \-\-profile, \-\-registry nor ATTESTEL_REGISTRY
		says which registry.
		.SH FILES
		.TP
		.B ~/.config/attestel/profiles.ini
		The profiles that attestel profile add made: where each registry is and the file of
		its key, which must be its owner\(aqs only. XDG_CONFIG_HOME may name another folder.
		.SH EXIT STATUS
		0: done, or passed. 1: failed, or not passed. 2: asked wrongly.
		.SH SEE ALSO
		.BR attestel\-media (8),
		.BR attestel\-proxy (8),
		.BR attestel\-registry (8)
	TEXT
}

# daemon_page NAME SENTENCE OTHER
daemon_page() {
	head_of "$1" 8 "$2"
	printf '.SH SYNOPSIS\n.B %s\n[OPTION]...\n.SH OPTIONS\n' "$1"
	"$bin/$1" --help | body options
	printf '.SH CONFIGURATION\nOne INI file. --config-manual prints this list.\n'
	"$bin/$1" --config-manual | body manual
	cat <<-TEXT
		.SH SIGNALS
		.TP
		.B SIGHUP
		Reads the configuration again. A file with a mistake changes nothing, and the log
		says why; so it does of an option whose change needs a restart.
		.TP
		.B SIGTERM, SIGINT
		Ends when what is under way has ended, at the latest after the time that is
		configured.
		.SH EXIT STATUS
		0: ended as asked. 1: could not do its work. 2: asked or configured wrongly.
		.SH FILES
		$("$bin/$1" --help | grep -o '/[^ )]*/attestel/[a-z]*\.conf' | head -n 1)
		.SH SEE ALSO
		.BR attestel (1),
		.BR $3 (8)
	TEXT
}

mkdir -p "$out"
attestel_page >"$out/attestel.1"
daemon_page attestel-proxy "a SIP proxy that signs and verifies the caller's identity" \
	attestel-registry >"$out/attestel-proxy.8"
daemon_page attestel-registry "businesses, numbers, announced calls and certificates over HTTP" \
	attestel-proxy >"$out/attestel-registry.8"
daemon_page attestel-media "relays the media of calls between carriers and browsers" \
	attestel-proxy >"$out/attestel-media.8"
