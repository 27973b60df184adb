# SPDX-License-Identifier: Apache-2.0
"""The include table of docs/ARCHITECTURE.md as data: which folder may include what."""
import re

# A header's first match names the library it belongs to.
LIBRARIES = [
    (r"callerid/", "callerid"),
    (r"openssl/", "openssl"),
    (r"jansson\.h$", "jansson"),
    (r"ut(hash|list|array|string)\.h$", "uthash"),
    (r"curl/", "curl"),
    (r"microhttpd\.h$", "microhttpd"),
    (r"gnutls/", "gnutls"),
    (r"jwt\.h$", "jwt"),
    (r"ini\.h$", "inih"),
    (r"sqlite3\.h$", "sqlite"),
    (r"libpq-fe\.h$", "libpq"),
    (r"sofia-sip/", "sofia"),
    (r"(glib|gio|nice)", "glib"),
    (r"stun/", "stun"),  # of libnice
    (r"srtp2/", "srtp"),
    (r"(opus|ogg)/", "opus"),
    (r"p11-kit/", "p11-kit"),
    (r"cmocka\.h$", "cmocka"),
    (r"(sys/socket|netdb|netinet/.*|arpa/inet|poll|sys/epoll|net/if)\.h$", "sockets"),
    (r"(pthread|threads|semaphore)\.h$", "threads"),
    (r"syslog\.h$", "syslog"),
    (r"(assert|ctype|errno|float|inttypes|limits|locale|malloc|math|setjmp|signal|stdalign|stdarg|"
     r"stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|time|uchar|wchar|"
     r"argp|dirent|dlfcn|endian|fcntl|fnmatch|ftw|getopt|grp|libgen|pwd|regex|sched|spawn|termios|"
     r"unistd|execinfo|immintrin|sys/\w+|linux/\w+|sanitizer/\w+)\.h$", "libc"),
]

NETWORK = {"libc", "sockets", "threads"}
TESTS = NETWORK | {"own", "tests/kit", "callerid", "openssl", "jansson", "curl", "cmocka"}

# The longest matching prefix decides; a prefix that ends in .c or .h is one file. "own" is the
# folder itself; a header of ours by its path allows that one file. A folder that stands in no row
# may hold no C.
ROOMS = {
    "caller-id-sdk/include": {"libc", "callerid"},
    "caller-id-sdk/src": {"libc", "callerid", "own", "openssl", "jansson", "uthash"},
    "caller-id-sdk/client": {"libc", "callerid", "own", "curl", "jansson", "openssl"},
    "caller-id-sdk/pkcs11": {"libc", "threads", "callerid", "own", "p11-kit"},
    "caller-id-sdk/cli": {"libc", "sockets", "callerid", "own", "openssl", "jansson"},
    "caller-id-sdk/examples": {"libc", "callerid", "threads"},
    "svc/runtime": NETWORK | {"own", "inih"},
    "svc/runtime/admin.c": NETWORK | {"own", "microhttpd"},
    "svc/certs": NETWORK | {"callerid", "own", "svc/runtime", "curl", "openssl", "uthash"},
    "svc/reputation": {"libc", "own"},
    "svc/registry": NETWORK | {"callerid", "own", "svc/runtime", "svc/certs", "jansson", "openssl",
                               "uthash"},
    "svc/registry/http": NETWORK | {"callerid", "svc/registry", "svc/runtime", "svc/certs",
                                    "jansson", "openssl", "uthash", "microhttpd"},
    # libmicrohttpd's TLS is GnuTLS's; what a peer showed can be asked there only
    "svc/registry/http/peer.c": {"libc", "sockets", "svc/registry", "microhttpd", "gnutls",
                                 "openssl"},
    "svc/registry/http/token.c": {"libc", "svc/registry", "jwt"},
    "svc/registry/api": {"libc", "callerid", "svc/registry", "svc/reputation", "svc/runtime",
                         "jansson", "openssl"},
    "svc/registry/domain": {"libc", "callerid", "svc/registry/domain", "jansson", "openssl"},
    "svc/registry/store": {"libc", "threads", "callerid", "svc/registry/store",
                           "svc/registry/domain", "svc/runtime", "openssl", "jansson"},
    "svc/registry/store/sqlite.c": {"libc", "threads", "svc/registry/store", "sqlite"},
    "svc/registry/store/postgres.c": NETWORK | {"svc/registry/store", "libpq"},
    "sip-proxy": NETWORK | {"callerid", "own", "svc/runtime", "svc/certs", "sofia", "jansson",
                            "openssl", "uthash"},
    "sip-proxy/download.c": {"libc", "sip-proxy", "svc/runtime", "curl"},
    # The relay's rooms. Those that know a format or a protocol know neither sockets nor threads.
    "media": NETWORK | {"own", "svc/runtime", "jansson"},
    "media/ng": NETWORK | {"media/ng", "media/path/address.h", "media/metrics.h",
                           "media/srtp/suite.h", "svc/runtime", "openssl"},
    "media/sdp": {"libc", "media/sdp", "media/path/address.h", "svc/runtime", "openssl"},
    "media/ice": {"libc", "media/ice", "media/path/address.h", "stun", "openssl"},
    "media/dtls": {"libc", "media/dtls", "media/srtp", "openssl"},
    "media/srtp": {"libc", "media/srtp", "media/rtp", "srtp", "openssl"},
    "media/rtp": {"libc", "media/rtp"},
    "media/path": NETWORK | {"media/path", "media/metrics.h", "media/rtp", "media/ice",
                             "media/dtls", "media/srtp", "svc/runtime", "uthash", "openssl"},
    "media/play": {"libc", "threads", "media/play", "media/rtp", "svc/runtime", "opus"},
    "media/record": {"libc", "threads", "media/record", "media/rtp", "media/path/address.h",
                     "svc/runtime"},
    "media/session": {"libc", "media", "svc/runtime", "uthash", "openssl", "jansson"},
    "media/state": {"libc", "media", "svc/runtime", "openssl", "jansson"},
    "tests/kit": TESTS,
    "tests/unit/caller-id-sdk": TESTS | {"caller-id-sdk"},
    "tests/unit/svc/runtime": TESTS | {"svc/runtime"},
    "tests/unit/svc/certs": TESTS | {"svc/certs", "svc/runtime"},
    "tests/unit/svc/reputation": TESTS | {"svc/reputation"},
    "tests/unit/svc/registry": TESTS | {"svc/registry", "svc/runtime", "svc/certs", "sqlite"},
    "tests/unit/sip-proxy": TESTS | {"sip-proxy", "svc/runtime", "svc/certs", "sofia"},
    "tests/unit/media": TESTS | {"media", "svc/runtime", "glib", "stun", "srtp", "opus"},
    "tests/conformance": {"libc", "callerid", "jansson"},
    "tests/e2e": {"libc", "p11-kit"},  # a token that is slow
    "tests/bench/media": NETWORK | {"own", "media"},
    "tests/bench/media/designs_libnice.c": {"libc", "own", "glib"},
    "tests/bench/http": NETWORK | {"own", "microhttpd"},
    "tests/bench": {"libc", "callerid", "own", "tests/kit", "caller-id-sdk", "openssl", "jansson"},
    "tests/fuzz": TESTS | {"caller-id-sdk", "svc", "sip-proxy", "media", "sofia"},
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    """The row of ROOMS that holds path, or None."""
    rows = [row for row in ROOMS if path == row or path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def library_of(header):
    """The library a <header> belongs to, or None when it is in no row."""
    return next((name for pattern, name in LIBRARIES if re.match(pattern, header)), None)


def is_allowed_folder(folder, room, allowed):
    """A folder of ours is allowed by its own name, or by that of a folder above it."""
    home = room.rpartition("/")[0] if room.endswith(".c") else room
    own = {home} if "own" in allowed else set()
    return any(folder == name or folder.startswith(name + "/") for name in allowed | own)


def findings(path, text, exists):
    """Yields (line, what to do) for the includes of one C file; exists(path) asks the tree."""
    room = room_of(path)
    if room is None:
        yield 1, "no row of tests/lint/includes.py allows C in this folder: move it to its room"
        return
    allowed = ROOMS[room]
    here = path.rpartition("/")[0]
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        quote, header = match.groups()
        if header.endswith(".c"):
            yield line, f"do not include a source file ({header}); link it"
        elif quote == '"':
            yield from quoted(line, header, here, room, allowed, exists)
        else:
            library = library_of(header)
            if library is None:
                yield line, f"<{header}> is in no row of LIBRARIES; use a library that we have"
            elif library not in allowed:
                yield line, f"{room} may not include <{header}> ({library}); see ARCHITECTURE.md"


def quoted(line, header, here, room, allowed, exists):
    """The same for one include in quotes: a file beside this one, or a path from the root."""
    if ".." in header.split("/"):
        yield line, f'write "{header}" as a path from the root of the repository'
        return
    if exists(f"{here}/{header}"):
        return
    if "/" not in header and room.startswith("tests/"):
        return  # found by an include path of the room under test, which tests/module.mk chooses
    if "/" not in header and room.startswith("caller-id-sdk/"):
        yield line, f'"{header}" is not in {here}; use <callerid/...>'
        return
    folder = header.rpartition("/")[0]
    if not exists(header):
        yield line, f'"{header}" is neither beside this file nor a path from the root'
    elif header not in allowed and not is_allowed_folder(folder, room, allowed):
        yield line, f"{room} may not include {folder}; see the table of docs/ARCHITECTURE.md"
