# SPDX-License-Identifier: Apache-2.0
# One Makefile; every room adds its files in <folder>/module.mk.
#
#   make all          libraries and programs, into build/
#   make demo         real calls through real daemons, shown as a table (KEEP=1 leaves it running)
#   make test         unit and end-to-end tests           (SAN=address,undefined)
#   make bench        figures: one JSON object a line, then a table
#   make lint format  check the source, lay it out
#   make install      into $(DESTDIR)$(PREFIX)
#
# Variables: CC, CFLAGS, PREFIX, DESTDIR, V=1 (show commands), SAN=address,undefined, BUILD=dir.

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
MANDIR       ?= $(PREFIX)/share/man
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
CFLAGS_  := -std=c11 -D_GNU_SOURCE -DATTESTEL_VERSION='"$(VERSION)"' $(WARNINGS) $(HARDEN) -fPIC \
            -fvisibility=hidden -MMD -MP \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(CFLAGS)
LDFLAGS_ := -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

pkg-cflags = $(if $(1),$(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null))
pkg-libs   = $(if $(1),$(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null))

# What the rooms declare:
#   ARCHIVES += x    x_SRC (C files)  x_PKG (pkg-config names)  x_INC (include paths)  x_USE (archives)
#   PROGRAMS += y    y_SRC y_PKG y_INC y_USE ; y_LIBS (plain linker flags)
ARCHIVES :=
PROGRAMS :=
include caller-id-sdk/module.mk svc/module.mk sip-proxy/module.mk tests/module.mk deploy/module.mk

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

$(foreach a,$(ARCHIVES),$(eval $(call archive-rules,$(a))))
$(foreach p,$(PROGRAMS) $(TEST_PROGRAMS),$(eval $(call program-rules,$(p))))

$(BUILD)/obj/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_) $(CPPFLAGS_) $(CPPFLAGS) -c -o $@ $<

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

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
