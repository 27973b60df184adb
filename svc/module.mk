# SPDX-License-Identifier: Apache-2.0
# What the daemons share (runtime, certs) and the registry.
ARCHIVES += runtime
runtime_SRC := $(wildcard svc/runtime/*.c)
runtime_INC := -I.
runtime_PKG := inih libmicrohttpd
runtime_LIBS := -pthread

ARCHIVES += certs
certs_SRC := $(wildcard svc/certs/*.c)
certs_INC := -I. $(CALLERID_INC)
certs_PKG := libcurl
certs_USE := runtime callerid

# What reports say of a number: pure functions.
ARCHIVES += reputation
reputation_SRC := $(wildcard svc/reputation/*.c)
reputation_INC := -I.
reputation_LIBS := -lm

# The database and the rules that know no network, apart from what serves them.
ARCHIVES += registry-store
registry-store_SRC := $(wildcard svc/registry/store/*.c svc/registry/domain/*.c)
registry-store_INC := -I. $(CALLERID_INC)
registry-store_PKG := sqlite3 libpq libcrypto jansson
registry-store_USE := runtime callerid

ARCHIVES += registry
registry_SRC := $(filter-out svc/registry/main.c $(registry-store_SRC),\
                  $(wildcard svc/registry/*.c svc/registry/*/*.c))
registry_INC := -I. $(CALLERID_INC)
registry_PKG := libmicrohttpd gnutls libcrypto jansson libjwt
registry_USE := registry-store reputation certs runtime callerid-pkcs11 callerid

PROGRAMS += attestel-registry
attestel-registry_SRC := svc/registry/main.c
attestel-registry_INC := -I. $(CALLERID_INC)
attestel-registry_USE := registry
