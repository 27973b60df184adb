# SPDX-License-Identifier: Apache-2.0
# Turns one public header into a manual page of section 3; with -v kind=functions lists what it
# declares. A header is blocks apart by blank lines: a comment, then what it is about.
function plain(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/§/, "\\[sc]", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	gsub(/`/, "\\(ga", text)
	return text ~ /^[.']/ ? "\\&" text : text
}
function trim(text)
{
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	return text
}
# What a comment names: other headers, RFCs, errors.
function note_names(text, name)
{
	while (match(text, /RFC [0-9]+|[a-z0-9_]+\.h|CALLERID_E[A-Z]+/)) {
		name = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (name ~ /^RFC/)
			rfc[substr(name, 5) + 0] = 1
		else if (name ~ /\.h$/)
			others[substr(name, 1, length(name) - 2)] = 1
	}
}
# One line of a comment to the text of it; what is indented by a tab stays as it is.
function comment_line(line)
{
	if (line ~ /^[ \t]*\*?[ \t]*$/) {
		comment = comment (comment == "" ? "" : "\n.PP")
	} else if (line ~ /^ \*\t/) {
		sub(/^ \*\t/, "", line)
		gsub(/\t/, "    ", line)
		comment = comment "\n.nf\n    " plain(line) "\n.fi"
	} else {
		sub(/^[ \t]*\*? */, "", line)
		text = plain(trim(line))
		gsub(/;/, ";\\:", text) # long URIs may break there
		comment = comment (comment == "" ? "" : "\n") text
	}
	note_names(line)
}
function say(text)
{
	body = body text "\n"
}
function function_name(code)
{
	if (!match(code, /callerid_[a-z0-9_]+\(/))
		return ""
	return substr(code, RSTART, RLENGTH - 1)
}
# A prototype on as many lines as it needs.
function wrapped(code, part, n, i, line, text)
{
	n = split(code, part, ", ")
	line = part[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(part[i]) > 70) {
			text = text plain(line) ",\n"
			line = "    " part[i]
		} else {
			line = line ", " part[i]
		}
	}
	return text plain(line)
}
function declare(code, name)
{
	gsub(/CALLERID_(API|MUST_CHECK) /, "", code)
	sub(/\* callerid_/, "*callerid_", code)
	name = function_name(code)
	heading = heading (heading == "" ? "" : ", ") name "()"
	functions[++n_functions] = name
	prototypes[n_functions] = code
	said[n_functions] = block
	if (code ~ /enum callerid_status callerid_/)
		has_status = 1
}
# The first thing in braces is its name; then its members, each with what is said of it.
function open_braces(code)
{
	sub(/ *\{.*/, "", code)
	sub(/^typedef /, "", code)
	heading = heading (heading == "" ? "" : ", ") (code == "enum" ? "Flags" : code)
}
function flush_item()
{
	if (item == "")
		return
	if (item_depth > 0) {
		if (before != "" && after == "") {
			after = before
		} else if (before != "") {
			members = members ".PP\n" before "\n"
		}
		members = members ".TP\n.B " plain(item) "\n" (after == "" ? "\\&" : after) "\n"
		before = ""
	} else if (item ~ /^#define/) {
		split(item, word, " ")
		value = substr(item, index(item, word[2]) + length(word[2]) + 1)
		members = members ".TP\n.B " plain(word[2] " " trim(value)) "\n" \
			(after == "" ? "\\&" : after) "\n"
	} else if (after != "") {
		name = function_name(item)
		members = members ".PP\n" (name == "" ? "" : plain(name) "(): ") after "\n"
	}
	item = after = ""
}
function end_item()
{
	code = trim(code)
	if (depth == 0 && code !~ /^#/ && function_name(code) != "")
		declare(code)
	else if (depth == 0 && code ~ /^struct [a-z_0-9]+;/ && block != "")
		heading = heading (heading == "" ? "" : ", ") substr(code, 1, length(code) - 1)
	item = code
	item_depth = depth
	code = ""
}
function end_block()
{
	flush_item()
	if (heading == "" && members != "")
		heading = "Constants"
	if (heading != "")
		say(".SS \"" plain(heading) "\"")
	if (heading != "" || members != "" || block != "") {
		if (block != "")
			say((heading == "" ? ".PP\n" : "") block)
		body = body members
	}
	block = heading = members = before = ""
}
function end_comment()
{
	if (in_note)
		after = after comment
	else if (depth > 0) {
		flush_item()
		before = comment
	} else if (!named) {
		if (comment !~ /SPDX/)
			named = comment
	} else {
		flush_item()
		if (members != "" || heading != "")
			end_block()
		block = block (block == "" ? "" : "\n.PP\n") comment
	}
	comment = ""
	in_comment = 0
}
function take_code(text)
{
	if (text ~ /^[ \t]*$/)
		return
	flush_item()
	if (depth == 0 && text ~ /^\}/)
		return
	if (text ~ /^\}/) {
		# The last of an enum has no comma.
		if (code != "")
			end_item()
		flush_item()
		depth = 0
		return
	}
	code = code " " text
	if (text ~ /\{[ \t]*$/) {
		open_braces(trim(code))
		code = ""
		depth = 1
	} else if (text ~ /^#/ || text ~ /;[ \t]*$/ || (depth > 0 && text ~ /,[ \t]*$/)) {
		end_item()
	}
}
in_comment {
	end = index($0, "*/")
	if (end > 0) {
		line = substr($0, 1, end - 1)
		if (line !~ /^[ \t]*$/)
			comment_line(line)
		end_comment()
	} else {
		comment_line($0)
	}
	next
}
depth == 0 && /^#include <callerid/ {
	name = $2
	gsub(/<callerid\/|\.h>/, "", name)
	others[name] = 1
}
/^#(if|else|endif|include)/ || /^#define CALLERID_([A-Z0-9_]*H|API|MUST_CHECK)([ \t]|$)/ ||
	/^extern "C"/ {
	next
}
/^[ \t]*$/ {
	if (depth == 0)
		end_block()
	next
}
{
	start = index($0, "/*")
	if (start == 0) {
		take_code($0)
		next
	}
	take_code(substr($0, 1, start - 1))
	in_note = substr($0, 1, start - 1) !~ /^[ \t]*$/
	in_comment = 1
	line = substr($0, start + 2)
	end = index(line, "*/")
	if (end > 0)
		line = substr(line, 1, end - 1)
	if (line !~ /^[ \t]*$/)
		comment_line(line)
	if (end > 0)
		end_comment()
}
# Which function says of itself that it gives which error.
function errors_section(status, n, i, s, any)
{
	n = split("ENOMEM EINVAL ESYNTAX ELIMIT EIO ECRYPTO EPERM EREFUSED", status, " ")
	if (!has_status)
		return
	print ".SH RETURN VALUE\n0 (CALLERID_OK) or a negative enum callerid_status, where a function"
	print "has that type; the text of the error is then in err, unless err is NULL. What a"
	print "function would have written through its other pointers is not to be used."
	print "CALLERID_ENOMEM is possible wherever memory is allocated."
	for (s = 2; s <= n; s++) {
		any = ""
		for (i = 1; i <= n_functions; i++)
			if (prototypes[i] ~ /enum callerid_status callerid_/ &&
			    index(said[i], "CALLERID_" status[s]) > 0)
				any = any (any == "" ? "" : ",\n") plain(functions[i]) "()"
		if (any == "")
			continue
		if (!headed++)
			print ".SH ERRORS"
		printf ".TP\n.B CALLERID_%s\n%s\n", status[s], any
	}
}
function see_also(key, n, i, list, other)
{
	printf ".SH SEE ALSO\n"
	n = split(all, list, " ")
	for (i = 1; i <= n; i++) {
		key = list[i] == "callerid" ? list[i] : "callerid_" list[i]
		if (list[i] != header && (list[i] in others || list[i] == "callerid"))
			other = other (other == "" ? "" : ",\n") ".BR " plain(key) " (3)"
	}
	for (i = 1; i < 10000; i++)
		if (i in rfc)
			other = other (other == "" ? "" : ",\n") "RFC " i
	print other == "" ? ".BR attestel (1)" : other
}
END {
	end_block()
	if (kind == "functions") {
		for (i = 1; i <= n_functions; i++)
			print functions[i]
		exit 0
	}
	sentence = named
	if (match(named, /\. |\n\.|\.$|\.\n/))
		sentence = substr(named, 1, RSTART - 1)
	gsub(/\n/, " ", sentence)
	printf ".SH NAME\n%s \\- %s\n", plain(page), sentence
	printf ".SH LIBRARY\n%s\n", plain(library)
	printf ".SH SYNOPSIS\n.nf\n.B #include <callerid/%s.h>\n", plain(header)
	for (i = 1; i <= n_functions; i++)
		printf ".sp\n\\fB%s\\fP\n", wrapped(prototypes[i])
	printf ".fi\n.SH DESCRIPTION\n%s\n%s", named, body
	errors_section()
	see_also()
}
