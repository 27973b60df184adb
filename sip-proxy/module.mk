# SPDX-License-Identifier: Apache-2.0
# attestel-proxy. sofia-sip's headers are the system's: our warnings stop at their door.
ARCHIVES += proxy
proxy_SRC := $(filter-out sip-proxy/main.c,$(wildcard sip-proxy/*.c))
proxy_INC := -I. $(CALLERID_INC) $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags-only-I \
	sofia-sip-ua 2>/dev/null))
proxy_PKG := sofia-sip-ua jansson libcurl libssl
proxy_USE := callerid-client callerid-pkcs11 certs runtime callerid

PROGRAMS += attestel-proxy
attestel-proxy_SRC := sip-proxy/main.c
attestel-proxy_INC := $(proxy_INC)
attestel-proxy_USE := proxy
