# SPDX-License-Identifier: Apache-2.0
# Fuzz targets of libcallerid, and of what else reads strangers' texts (libFuzzer; needs clang-14 and
# libclang-rt-14-dev).
#
#   make fuzz FUZZ_SECONDS=60    every target for a minute; inputs that fail land in $(BUILD)/fuzz/
#   make fuzz FUZZ_SECONDS=0     the seeds, and what earlier runs found, once each
#
# The library is compiled a second time, instrumented. Seeds stand in tests/fuzz/seeds/<target>, and
# words to put together, where there are some, in tests/fuzz/<target>.dict.
FUZZ_CC      ?= clang-14
FUZZ_SECONDS ?= 60
FUZZ_SAN     := address,undefined
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_CFLAGS  := -std=c11 -D_GNU_SOURCE -DATTESTEL_VERSION='"$(VERSION)"' -O1 -g -fno-omit-frame-pointer \
                -fno-sanitize-recover=all -MMD -MP -I. $(CALLERID_INC) -Icaller-id-sdk/src \
                $(call pkg-cflags,$(sort $(callerid_PKG) $(foreach t,$(FUZZ_TARGETS),$(FUZZ_PKG_$(t)))))
FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(callerid_SRC))

$(BUILD)/fuzz/obj/%.o: %.c
	$(call say,CC,$< (fuzz))
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SAN) -c -o $@ $<

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o $(FUZZ_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SAN) -o $@ $^ $(call pkg-libs,$(callerid_PKG)) $(FUZZ_LIBS)

# FUZZ_MORE_<target> of replay.mk: what it needs beside the library; FUZZ_PKG_<target>: what of the
# system.
$(foreach t,$(FUZZ_TARGETS),$(eval \
  $(BUILD)/fuzz/fuzz_$(t): $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(FUZZ_MORE_$(t)))))
$(foreach t,$(FUZZ_TARGETS),$(if $(FUZZ_PKG_$(t)),$(eval \
  $(BUILD)/fuzz/fuzz_$(t): FUZZ_LIBS := $(call pkg-libs,$(sort $(FUZZ_PKG_$(t)))) -lm -pthread)))

.PHONY: fuzz fuzz-build
.SECONDARY: $(FUZZ_OBJECTS) $(patsubst %,$(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o,$(FUZZ_TARGETS))
fuzz-build: $(addprefix $(BUILD)/fuzz/fuzz_,$(FUZZ_TARGETS))

fuzz: fuzz-build
	@for t in $(FUZZ_TARGETS); do \
		mkdir -p $(BUILD)/fuzz/corpus/$$t; \
		printf '  FUZZ  %s, %s s\n' "$$t" $(FUZZ_SECONDS); \
		$(BUILD)/fuzz/fuzz_$$t $(if $(filter 0,$(FUZZ_SECONDS)),-runs=0,-max_total_time=$(FUZZ_SECONDS)) -timeout=5 -rss_limit_mb=1024 \
			$$(test -f tests/fuzz/$$t.dict && echo -dict=tests/fuzz/$$t.dict) \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/$$t- \
			$(BUILD)/fuzz/corpus/$$t tests/fuzz/seeds/$$t || exit 1; \
	done

-include $(shell find $(BUILD)/fuzz -name '*.d' 2>/dev/null)
