# SPDX-License-Identifier: Apache-2.0
# Every fuzz target over its seeds, without libFuzzer: programs that `make test` runs, so that what
# failed once (its input added to tests/fuzz/seeds/<target>) stays found.
#
# A target of another room than libcallerid: the sources that it is about, and the room's archive when
# it is not the registry.
FUZZ_MORE_jsonquick := $(addprefix svc/registry/,http/jsonquick.c http/jsontext.c http/jsonspec.c domain/e164.c)
FUZZ_MORE_jsontext := svc/registry/http/jsontext.c
FUZZ_MORE_pemchain := svc/registry/domain/pemchain.c
FUZZ_MORE_router   := svc/registry/http/router.c
FUZZ_MORE_sse      := caller-id-sdk/client/sse.c
FUZZ_ROOM_sse      := callerid-client
FUZZ_MORE_media_sdp := $(wildcard media/sdp/*.c) media/path/address.c svc/runtime/wipe.c
FUZZ_ROOM_media_sdp := media
FUZZ_MORE_media_ng  := $(patsubst %,media/ng/%.c,value bencode json frame request request_set) \
                       media/srtp/suite.c svc/runtime/wipe.c
FUZZ_ROOM_media_ng  := media
FUZZ_MORE_media_packet := $(foreach f,path rtp ice dtls srtp,$(wildcard media/$(f)/*.c))
FUZZ_PKG_media_packet  := libcrypto libssl libsrtp2 nice
FUZZ_ROOM_media_packet := media
FUZZ_MORE_media_overhear := $(FUZZ_MORE_media_packet)
FUZZ_PKG_media_overhear  := $(FUZZ_PKG_media_packet)
FUZZ_ROOM_media_overhear := media
FUZZ_MORE_media_prompt := $(filter-out media/play/prompts.c,$(wildcard media/play/*.c))
FUZZ_PKG_media_prompt  := opus ogg
FUZZ_ROOM_media_prompt := media
FUZZ_MORE_media_call := media/metrics.c $(runtime_SRC) \
                        $(filter-out media/ng/control%,$(wildcard media/*/*.c))
FUZZ_PKG_media_call  := $(media_PKG) $(runtime_PKG)
FUZZ_ROOM_media_call := media
FUZZ_MORE_media_state := $(FUZZ_MORE_media_call) media/ng/control.c media/ng/control_listen.c \
                         media/ng/control_stream.c
FUZZ_PKG_media_state  := $(FUZZ_PKG_media_call)
FUZZ_ROOM_media_state := media
FUZZ_MORE_proxy_ng := sip-proxy/ng.c
FUZZ_ROOM_proxy_ng := proxy
# The whole registry, and what it is linked with.
FUZZ_USE_registry_api  := registry-store reputation certs runtime
FUZZ_MORE_registry_api := $(registry_SRC) $(foreach a,$(FUZZ_USE_registry_api),$($(a)_SRC)) \
                          $(callerid-pkcs11_SRC)
FUZZ_PKG_registry_api  := $(registry_PKG) $(callerid-pkcs11_PKG) $(foreach a,$(FUZZ_USE_registry_api),$($(a)_PKG))

define seed-replay
TEST_PROGRAMS += fuzz/replay_$(1)
fuzz/replay_$(1)_SRC := tests/fuzz/fuzz_$(1).c tests/fuzz/replay.c
fuzz/replay_$(1)_INC := -I. $(CALLERID_INC) -Icaller-id-sdk/src
fuzz/replay_$(1)_PKG := libcrypto jansson
fuzz/replay_$(1)_USE := $(or $(FUZZ_ROOM_$(1)),$(if $(FUZZ_MORE_$(1)),registry,callerid))
endef
$(foreach t,$(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)),$(eval $(call seed-replay,$(t))))
