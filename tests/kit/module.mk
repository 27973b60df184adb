# SPDX-License-Identifier: Apache-2.0
# What tests and benches of the library share: a PKI made at run time, tokens of any kind.
TEST_ARCHIVES += testkit
testkit_SRC := $(wildcard tests/kit/*.c)
testkit_INC := -I. $(callerid_INC)
testkit_PKG := libcrypto cmocka
testkit_USE := callerid

$(foreach t,$(filter unit/caller-id-sdk/test_%,$(TEST_PROGRAMS)) $(BENCH_PROGRAMS),\
  $(eval $(t)_USE += testkit))

# Its allocations come through a counter that makes one of them fail.
unit/caller-id-sdk/test_oom_LIBS := \
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=aligned_alloc
unit/caller-id-sdk/test_oom_call_LIBS := $(unit/caller-id-sdk/test_oom_LIBS),--wrap=strndup
unit/caller-id-sdk/test_oom_rcd_LIBS := $(unit/caller-id-sdk/test_oom_call_LIBS)
