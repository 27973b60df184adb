# SPDX-License-Identifier: Apache-2.0
# libcallerid (static and shared), its registry client, and the attestel tool.
CALLERID_INC := -Icaller-id-sdk/include

ARCHIVES += callerid
callerid_SRC := $(wildcard caller-id-sdk/src/*.c)
callerid_INC := $(CALLERID_INC) -Icaller-id-sdk/src -Wconversion -Wsign-conversion
callerid_PKG := libcrypto jansson

ARCHIVES += callerid-client
callerid-client_SRC := $(wildcard caller-id-sdk/client/*.c)
callerid-client_INC := $(CALLERID_INC) -Icaller-id-sdk/client
callerid-client_PKG := libcurl jansson libcrypto
callerid-client_USE := callerid

# Keys in PKCS#11 tokens: apart from libcallerid, which needs no p11-kit.
ARCHIVES += callerid-pkcs11
callerid-pkcs11_SRC := $(wildcard caller-id-sdk/pkcs11/*.c)
callerid-pkcs11_INC := $(CALLERID_INC)
callerid-pkcs11_PKG := p11-kit-1
callerid-pkcs11_LIBS := -pthread
callerid-pkcs11_USE := callerid

PROGRAMS += attestel
attestel_SRC := $(wildcard caller-id-sdk/cli/*.c)
attestel_INC := $(CALLERID_INC) -Icaller-id-sdk/cli
attestel_PKG := libcrypto jansson
attestel_USE := callerid-client callerid-pkcs11 callerid

LIBRARIES += $(BUILD)/lib/libcallerid.so.$(ABI) $(BUILD)/lib/callerid.pc

$(BUILD)/lib/libcallerid.so.$(VERSION): $(patsubst %.c,$(BUILD)/obj/%.o,$(callerid_SRC)) caller-id-sdk/callerid.map
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -o $@ $(filter %.o,$^) -Wl,-soname,libcallerid.so.$(ABI) \
		-Wl,--version-script=caller-id-sdk/callerid.map -Wl,-z,defs $(LDFLAGS_) \
		$(call pkg-libs,$(callerid_PKG))

$(BUILD)/lib/libcallerid.so.$(ABI): $(BUILD)/lib/libcallerid.so.$(VERSION)
	@ln -sf $(<F) $@
	@ln -sf $(<F) $(@D)/libcallerid.so

$(BUILD)/lib/callerid.pc: caller-id-sdk/callerid.pc.in Makefile
	@mkdir -p $(@D)
	$(Q)$(call fill,$<) > $@

# Small programs that show how the library is used; the tests run them.
define example
EXAMPLE_PROGRAMS += examples/$(1)
examples/$(1)_SRC := caller-id-sdk/examples/$(1).c
examples/$(1)_INC := $(CALLERID_INC)
examples/$(1)_PKG := libcrypto jansson
examples/$(1)_USE := callerid-client callerid
endef
$(foreach file,$(wildcard caller-id-sdk/examples/*.c),$(eval $(call example,$(basename $(notdir $(file))))))

PC_FILES := callerid.pc callerid-client.pc callerid-pkcs11.pc
# The client in JavaScript: what its package.json publishes.
JS_FILES := caller-id-sdk/js/package.json caller-id-sdk/js/README.md $(wildcard caller-id-sdk/js/*.js caller-id-sdk/js/*.ts)
PUBLIC_HEADERS := $(wildcard caller-id-sdk/include/callerid/*.h)

.PHONY: sdk
sdk: callerid callerid-client attestel
