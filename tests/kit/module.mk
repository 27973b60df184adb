# SPDX-License-Identifier: Apache-2.0
# What tests and benches of the library share: a PKI made at run time, tokens of any kind.
TEST_ARCHIVES += testkit
testkit_SRC := $(filter-out tests/kit/heap.c,$(wildcard tests/kit/*.c))
testkit_INC := -I. $(callerid_INC)
testkit_PKG := libcrypto cmocka
testkit_USE := callerid

$(foreach t,$(filter unit/caller-id-sdk/test_% unit/svc/registry/%,$(TEST_PROGRAMS)) $(BENCH_PROGRAMS),\
  $(eval $(t)_USE += testkit))

# Their allocations come through a counter that makes one of them fail.
OOM_LIBS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray \
            -Wl,--wrap=aligned_alloc,--wrap=strndup
OOM_TESTS := $(filter unit/caller-id-sdk/test_oom%,$(TEST_PROGRAMS))
$(foreach t,$(OOM_TESTS),$(eval $(t)_LIBS := $(OOM_LIBS)))

# Theirs are counted: heap.c is no part of the archive, where every program would take its malloc().
HEAP_TESTS := $(filter unit/caller-id-sdk/test_bad_input%,$(TEST_PROGRAMS))
$(foreach t,$(HEAP_TESTS),$(eval $(t)_SRC += tests/kit/heap.c))
