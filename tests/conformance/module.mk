# SPDX-License-Identifier: Apache-2.0
# The conformance suite: a test for each line of the checklist, a table of them, our own vectors.
#
#   make conformance    runs it, prints the table and writes docs/conformance.md; 1 if a line fails
#   make coverage       lines and branches of libcallerid that its tests run, in a build of its own

# Not one of TEST_BINARIES: what it prints is for tests/conformance to judge.
TEST_PROGRAMS += conformance/replay
conformance/replay_SRC := tests/conformance/replay.c
conformance/replay_INC := $(CALLERID_INC)
conformance/replay_PKG := jansson
conformance/replay_USE := callerid
test-programs: $(BUILD)/bin/conformance/replay

.PHONY: conformance coverage coverage-run
conformance:
	@$(deps) build demo tests
	$(again) all test-programs
	$(Q)$(PYTHON) tests/conformance/run.py --build $(BUILD)

# Threads of one test count too: without "atomic" their counters run against each other.
COVERAGE := $(BUILD)/coverage
COUNTING := -Og -g --coverage -fprofile-update=atomic -DKIT_UNMEASURED=true
coverage:
	@$(deps) build demo tests coverage
	$(again) BUILD=$(COVERAGE) CFLAGS='$(COUNTING)' LDFLAGS=--coverage coverage-run
	$(Q)$(PYTHON) tests/conformance/coverage.py --build $(COVERAGE)

# What runs the library: its unit tests, and the tests of the command line and of the vectors.
COVERING := $(filter $(BUILD)/bin/unit/caller-id-sdk/test_%,$(TEST_BINARIES))
coverage-run: $(BUILD)/bin/attestel $(BUILD)/bin/conformance/replay $(COVERING)
	$(Q)find $(BUILD)/obj -name '*.gcda' -delete
	$(Q)UNIT_TIMEOUT=240 tests/run-units.sh $(COVERING)
	$(Q)ATTESTEL_BIN=$(abspath $(BUILD))/bin $(PYTHON) -m pytest -q -p no:cacheprovider \
		tests/conformance tests/e2e/test_cli_passport.py tests/e2e/test_cli_batch.py
