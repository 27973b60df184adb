# SPDX-License-Identifier: Apache-2.0
# Turns what --help or --config-manual prints into the body of a manual page.
function plain(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/"/, "\\(dq", text)
	return text ~ /^[.']/ ? "\\&" text : text
}
function close_block()
{
	if (open)
		print ".fi"
	open = 0
}
function option(name, text)
{
	close_block()
	printf ".TP\n.B %s\n", plain(name)
	if (text != "")
		print plain(text)
	listed = 1
}
# "--config  FILE  read this", "-c, --config=FILE  read this", "--name TEXT  of it"
function split_option(line, part, n, i, name, text)
{
	sub(/^ +/, "", line)
	n = split(line, part, /   */)
	name = part[1]
	i = 2
	if (n > 2 && part[2] ~ /^[A-Z]+$/)
		name = name " " part[i++]
	for (text = ""; i <= n; i++)
		text = text (text == "" ? "" : " ") part[i]
	option(name, text)
}
# --config-manual: the option, then its text on lines that are four deep.
function manual(line)
{
	if (line ~ /^\[/) {
		close_block()
		printf ".SS \"%s\"\n", plain(line)
	} else if (line ~ /^[a-z_0-9]+ = /) {
		option(line, "")
	} else if (line ~ /^    /) {
		sub(/^ +/, "", line)
		printf "%s\n.br\n", plain(line)
	} else if (line != "") {
		print plain(line)
	}
}
kind == "manual" {
	manual($0)
	next
}
# The line of usage may go on below.
function usage_done()
{
	if (usage != "" && kind == "command")
		printf ".SS %s\n", "\"" plain(usage) "\""
	usage = ""
}
usage != "" && /^                    / {
	sub(/^ +/, " ")
	usage = usage $0
	next
}
{ usage_done() }
/^[Uu]sage: / {
	close_block()
	sub(/^[Uu]sage: /, "")
	usage = $0
	next
}
# A line of a command's help that is four deep goes on with an example.
/^ +-/ && !/^ +-   / && !(kind == "command" && /^    /) {
	split_option($0)
	next
}
listed && /^                    / {
	sub(/^ +/, "")
	print plain($0)
	next
}
/^$/ {
	close_block()
	listed = 0
	if (seen)
		print ".PP"
	next
}
{
	if (listed) {
		print ".PP"
		listed = 0
	}
	if (!open)
		print ".nf"
	open = 1
	seen = 1
	print plain($0)
}
END { close_block() }
