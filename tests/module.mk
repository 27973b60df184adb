# SPDX-License-Identifier: Apache-2.0
# tests/unit mirrors the tree: the folder of a test names the archive it is linked with.
TEST_ROOMS := caller-id-sdk:callerid caller-id-sdk/client:callerid-client \
              caller-id-sdk/pkcs11:callerid-pkcs11 svc/runtime:runtime \
              svc/certs:certs svc/reputation:reputation svc/registry:registry sip-proxy:proxy \
              $(foreach f,http api push stir,svc/registry/$(f):registry) \
              $(foreach f,domain store,svc/registry/$(f):registry-store) \
              media:media $(foreach f,ng sdp ice dtls srtp rtp path session play record state,media/$(f):media)

define unit-test
TEST_PROGRAMS += $(2)
$(2)_SRC := $(1)
$(2)_INC := -I. $(CALLERID_INC) $($(3)_INC)
$(2)_PKG := cmocka
$(2)_USE := $(3)
endef

unit-name = $(patsubst tests/%.c,%,$(1))
$(foreach room,$(TEST_ROOMS),\
  $(foreach file,$(wildcard tests/unit/$(firstword $(subst :, ,$(room)))/test_*.c),\
    $(eval $(call unit-test,$(file),$(call unit-name,$(file)),$(lastword $(subst :, ,$(room)))))))

include tests/fuzz/replay.mk

TEST_BINARIES := $(addprefix $(BUILD)/bin/,$(TEST_PROGRAMS))

# Their TLS servers.
unit/caller-id-sdk/client/test_client_tls_PKG += libssl
unit/svc/certs/test_certs_PKG += libssl
unit/svc/certs/test_fetch_PKG += libssl

# Its randomness is known; what theirs compares is counted.
unit/sip-proxy/test_limit_LIBS := -Wl,--wrap=getrandom
unit/svc/certs/test_cache_LIBS := -Wl,--wrap=memcmp,--wrap=bcmp
unit/svc/certs/test_quota_LIBS := -Wl,--wrap=memcmp,--wrap=bcmp

# Their allocations come through a counter of their own that makes one of them fail.
$(foreach t,$(filter unit/media/%/test_oom,$(TEST_PROGRAMS)),\
  $(eval $(t)_LIBS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc))

# A file is a program: tests/bench/bench_x.c, linked with libcallerid.
define bench
BENCH_PROGRAMS += bench/$(1)
bench/$(1)_SRC := tests/bench/$(1).c
bench/$(1)_INC := -I. $(CALLERID_INC) -Icaller-id-sdk/src
bench/$(1)_PKG := libcrypto jansson
bench/$(1)_USE := callerid
endef
$(foreach file,$(wildcard tests/bench/*.c),$(eval $(call bench,$(basename $(notdir $(file))))))

# What tests/bench/registry.py runs: one that asks, and a bare server to compare with.
define bench-tool
BENCH_PROGRAMS += http/$(1)
http/$(1)_SRC := tests/bench/http/$(1).c
http/$(1)_INC := -I.
http/$(1)_PKG := libmicrohttpd
endef
$(foreach file,$(wildcard tests/bench/http/*.c),$(eval $(call bench-tool,$(basename $(notdir $(file))))))

# What tests/bench/media.py runs: calls through a relay.
BENCH_PROGRAMS += media/load
media/load_SRC := $(addprefix tests/bench/media/,load.c endpoint.c ngcall.c)
media/load_INC := -I.
media/load_USE := media

# What tests/e2e/test_media_attack.py attacks a relay with; it has "load" make calls meanwhile.
TOOL_PROGRAMS += media/spray
media/spray_SRC := tests/bench/media/spray.c
media/spray_INC := -I.
media/spray_USE := media

# Designs of a relay's sockets, measured one beside the other; the table of docs/media.md.
BENCH_PROGRAMS += media/designs
media/designs_SRC := $(addprefix tests/bench/media/,designs.c designs_libnice.c)
media/designs_INC := -I.
media/designs_PKG := nice

include tests/kit/module.mk

.PHONY: unit test-programs bench-programs
test-programs: $(TEST_BINARIES) $(addprefix $(BUILD)/bin/,$(TOOL_PROGRAMS) media/load)
bench-programs: $(addprefix $(BUILD)/bin/,$(BENCH_PROGRAMS))
unit: $(TEST_BINARIES)
	$(Q)UNIT_TIMEOUT=$(if $(SAN),360,180) tests/run-units.sh $(TEST_BINARIES)
include tests/fuzz/module.mk
