# SPDX-License-Identifier: Apache-2.0
# One Makefile; every room adds its files in <folder>/module.mk.
#
#   make all          libraries and programs, into build/
#   make demo         real calls through real daemons, shown as a table (KEEP=1 leaves it running,
#                     make demo-stop ends that)
#   make test         unit and end-to-end tests           (SAN=address,undefined)
#   make conformance  each rule of STIR with its test; writes docs/conformance.md
#   make coverage     lines and branches of libcallerid that its tests run
#   make bench        figures: one JSON object a line, then a table
#   make lint format  check the source, lay it out
#   make man          the manual pages, into build/man
#   make install      into $(DESTDIR)$(PREFIX); make uninstall takes it out again
#
# Variables: CC, CFLAGS, PREFIX, SYSCONFDIR (/etc), DESTDIR, V=1 (show commands), SAN=address,undefined, BUILD=dir.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

VERSION      := 0.1.0
ABI          := 0
PREFIX       ?= /usr/local
BINDIR       ?= $(PREFIX)/bin
SBINDIR      ?= $(PREFIX)/sbin
LIBDIR       ?= $(PREFIX)/lib
INCLUDEDIR   ?= $(PREFIX)/include
DOCDIR       ?= $(PREFIX)/share/doc/attestel
MANDIR       ?= $(PREFIX)/share/man
JSDIR        ?= $(PREFIX)/share/attestel/js
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR      ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR   ?= /etc
PYTHON       ?= /usr/bin/python3
PKG_CONFIG   ?= pkg-config
SAN          ?=
BUILD        ?= build$(if $(SAN),/san)

ifeq ($(origin CC),default)
CC := gcc
endif
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$(2)')

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wimplicit-fallthrough
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
            $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CFLAGS   ?= -O2 -g
CFLAGS_  := -std=c11 -D_GNU_SOURCE -DATTESTEL_VERSION='"$(VERSION)"' \
            -DATTESTEL_SYSCONFDIR='"$(SYSCONFDIR)"' $(WARNINGS) $(HARDEN) -fPIC \
            -fvisibility=hidden -MMD -MP \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(CFLAGS)
LDFLAGS_ := -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

fill = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' -e 's|@SBINDIR@|$(SBINDIR)|g' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@VERSION@|$(VERSION)|g' $(1)

pkg-cflags = $(if $(1),$(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null))
pkg-libs   = $(if $(1),$(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null))

# What the rooms declare:
#   ARCHIVES += x    x_SRC (C files)  x_PKG (pkg-config names)  x_INC (include paths)  x_USE (archives)
#   PROGRAMS += y    y_SRC y_PKG y_INC y_USE ; y_LIBS (plain linker flags)
ARCHIVES :=
PROGRAMS :=
include caller-id-sdk/module.mk svc/module.mk sip-proxy/module.mk media/module.mk tests/module.mk tests/conformance/module.mk deploy/module.mk

objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$($(1)_SRC))
archive  = $(BUILD)/lib/lib$(1).a
closure  = $(if $(1),$(1) $(call closure,$(foreach a,$(1),$($(a)_USE))))
uniq     = $(if $(1),$(call uniq,$(filter-out $(lastword $(1)),$(1))) $(lastword $(1)))
needs    = $(strip $(call uniq,$(call closure,$($(1)_USE))))
packages = $(sort $($(1)_PKG) $(foreach a,$(call needs,$(1)),$($(a)_PKG)))

define archive-rules
$(call objects,$(1)): CPPFLAGS_ := $$($(1)_INC) $(call pkg-cflags,$(call packages,$(1)))
$(call archive,$(1)): $(call objects,$(1))
.PHONY: $(1)
$(1): $(call archive,$(1))
endef

define program-rules
$(call objects,$(1)): CPPFLAGS_ := $$($(1)_INC) $(call pkg-cflags,$(call packages,$(1)))
$(BUILD)/bin/$(1): LIBS_ := $$($(1)_LIBS) $(foreach a,$(call needs,$(1)),$$($(a)_LIBS)) \
	$(call pkg-libs,$(call packages,$(1)))
$(BUILD)/bin/$(1): $(call objects,$(1)) $(foreach a,$(call needs,$(1)),$(call archive,$(a)))
.PHONY: $(1)
$(1): $(BUILD)/bin/$(1)
endef

$(foreach a,$(ARCHIVES) $(TEST_ARCHIVES),$(eval $(call archive-rules,$(a))))
$(foreach p,$(PROGRAMS) $(TEST_PROGRAMS) $(EXAMPLE_PROGRAMS) $(BENCH_PROGRAMS) $(TOOL_PROGRAMS),$(eval $(call program-rules,$(p))))

$(BUILD)/obj/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_) $(CPPFLAGS_) $(CPPFLAGS) -c -o $@ $<

# Where the programs look for their configuration is compiled in: another one is another program.
$(BUILD)/.sysconfdir: $(if $(filter $(SYSCONFDIR),$(file <$(BUILD)/.sysconfdir)),,FORCE)
	@mkdir -p $(@D)
	@echo '$(SYSCONFDIR)' > $@
$(addprefix $(BUILD)/obj/,$(foreach d,$(DAEMONS),$(patsubst %.c,%.o,$(filter %/main.c,$($(d)_SRC))))): \
	$(BUILD)/.sysconfdir
.PHONY: FORCE

$(BUILD)/lib/lib%.a:
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcsD $@ $^

$(BUILD)/bin/%:
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS_) $(LIBS_)

.PHONY: all clean
all: $(foreach a,$(ARCHIVES),$(call archive,$(a))) $(LIBRARIES) $(addprefix $(BUILD)/bin/,$(PROGRAMS))

clean:
	rm -rf $(BUILD)

# On a machine with only git and make, these install what they need first; pkg-config and the
# compiler are there when the second make reads this file anew.
deps = deploy/install-deps.sh
again = +$(Q)$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: demo demo-stop test bench lint format examples
demo:
	@$(deps) build demo
	$(again) all
	$(Q)ATTESTEL_BIN=$(BUILD)/bin $(PYTHON) deploy/demo/demo.py --out $(BUILD)/demo $(if $(KEEP),--keep)

demo-stop:
	$(Q)$(PYTHON) deploy/demo/demo.py --out $(BUILD)/demo --stop

test:
	@$(deps) build demo tests
	$(again) all examples test-programs
	$(Q)BUILD=$(BUILD) PYTHON=$(PYTHON) tests/run-all.sh $(TEST_BINARIES)

bench:
	@$(deps) build demo
	$(again) all bench-programs
	$(Q)ATTESTEL_BIN=$(BUILD)/bin $(PYTHON) tests/bench/run.py --out $(BUILD)/bench

lint:
	@$(deps) lint
	$(Q)$(PYTHON) tests/lint/lint.py

format:
	@$(deps) lint
	$(Q)git ls-files -co --exclude-standard '*.c' '*.h' | xargs -r clang-format-14 -i

examples: $(addprefix $(BUILD)/bin/,$(EXAMPLE_PROGRAMS))

# Made from what the programs say of themselves, so that no page says anything else.
# Section 3 comes from the public headers in the same way.
MAN_SOURCES := $(addprefix docs/man/,make-man.sh page.awk make-man3.sh headers.awk)
$(BUILD)/man/.made: $(addprefix $(BUILD)/bin/,$(PROGRAMS)) $(MAN_SOURCES) $(PUBLIC_HEADERS)
	$(call say,MAN,$(@D))
	$(Q)docs/man/make-man.sh $(BUILD)/bin $(@D)
	$(Q)docs/man/make-man3.sh $(VERSION) $(@D) $(PUBLIC_HEADERS)
	@touch $@

.PHONY: man
man: $(BUILD)/man/.made

INSTALL ?= install
to = $(DESTDIR)$(1)
.PHONY: install uninstall
install: all man
	$(Q)$(INSTALL) -d $(call to,$(BINDIR)) $(call to,$(SBINDIR)) $(call to,$(LIBDIR))/pkgconfig \
		$(call to,$(INCLUDEDIR))/callerid $(call to,$(UNITDIR)) \
		$(call to,$(DOCDIR))/examples $(call to,$(DOCDIR))/api \
		$(addprefix $(call to,$(MANDIR))/,man1 man3 man8) $(call to,$(COMPLETIONDIR)) \
		$(call to,$(JSDIR))
	$(Q)$(INSTALL) $(BUILD)/bin/attestel $(call to,$(BINDIR))
	$(Q)$(INSTALL) $(addprefix $(BUILD)/bin/,$(DAEMONS)) $(call to,$(SBINDIR))
	$(Q)$(INSTALL) -m 644 $(addprefix $(BUILD)/lib/libcallerid,.a -client.a -pkcs11.a) $(call to,$(LIBDIR))
	$(Q)$(INSTALL) -m 755 $(BUILD)/lib/libcallerid.so.$(VERSION) $(call to,$(LIBDIR))
	$(Q)ln -sf libcallerid.so.$(VERSION) $(call to,$(LIBDIR))/libcallerid.so.$(ABI)
	$(Q)ln -sf libcallerid.so.$(ABI) $(call to,$(LIBDIR))/libcallerid.so
	$(Q)for p in $(PC_FILES); do \
		$(call fill,caller-id-sdk/$$p.in) > $(call to,$(LIBDIR))/pkgconfig/$$p || exit 1; done
	$(Q)$(INSTALL) -m 644 $(PUBLIC_HEADERS) $(call to,$(INCLUDEDIR))/callerid
	$(Q)$(INSTALL) -m 644 $(JS_FILES) $(call to,$(JSDIR))
	$(Q)for d in $(DAEMONS); do \
		$(call fill,deploy/systemd/$$d.service) > $(call to,$(UNITDIR))/$$d.service || exit 1; done
	$(Q)$(INSTALL) -m 644 $(EXAMPLE_CONFIGS) $(call to,$(DOCDIR))/examples
	$(Q)$(INSTALL) -m 644 LICENSE README.md NEWS.md $(wildcard docs/*.md) $(call to,$(DOCDIR))
	$(Q)$(INSTALL) -m 644 $(wildcard docs/api/*.md) $(call to,$(DOCDIR))/api
	$(Q)$(BUILD)/bin/attestel --completion > $(call to,$(COMPLETIONDIR))/attestel
	$(Q)$(INSTALL) -m 644 $(BUILD)/man/attestel.1 $(call to,$(MANDIR))/man1
	$(Q)$(INSTALL) -m 644 $(BUILD)/man/*.3 $(call to,$(MANDIR))/man3
	$(Q)$(INSTALL) -m 644 $(DAEMONS:%=$(BUILD)/man/%.8) $(call to,$(MANDIR))/man8

uninstall:
	$(Q)rm -f $(call to,$(BINDIR))/attestel $(addprefix $(call to,$(SBINDIR))/,$(DAEMONS)) \
		$(addprefix $(call to,$(LIBDIR))/,libcallerid.a libcallerid-client.a libcallerid-pkcs11.a \
		$(addprefix pkgconfig/,$(PC_FILES)) libcallerid.so libcallerid.so.$(ABI) libcallerid.so.$(VERSION)) \
		$(addprefix $(call to,$(UNITDIR))/,$(addsuffix .service,$(DAEMONS))) \
		$(call to,$(COMPLETIONDIR))/attestel \
		$(call to,$(MANDIR))/man1/attestel.1 $(DAEMONS:%=$(call to,$(MANDIR))/man8/%.8) \
		$(call to,$(MANDIR))/man3/callerid.3 $(call to,$(MANDIR))/man3/callerid_*.3
	$(Q)rm -rf $(call to,$(INCLUDEDIR))/callerid $(call to,$(DOCDIR)) $(call to,$(JSDIR))
	$(Q)rmdir $(dir $(call to,$(JSDIR))) 2>/dev/null || true

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
