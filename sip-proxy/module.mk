# SPDX-License-Identifier: Apache-2.0
ARCHIVES += proxy
proxy_SRC := $(filter-out sip-proxy/main.c,$(wildcard sip-proxy/*.c))
proxy_INC := -I. $(CALLERID_INC)
proxy_PKG := sofia-sip-ua
proxy_USE := callerid-client certs runtime callerid

PROGRAMS += attestel-proxy
attestel-proxy_SRC := sip-proxy/main.c
attestel-proxy_INC := -I. $(CALLERID_INC)
attestel-proxy_USE := proxy
