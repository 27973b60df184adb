# SPDX-License-Identifier: Apache-2.0
# The media relay. A folder is a room: what it may include stands in tests/lint/includes.py.
ARCHIVES += media
media_SRC := $(filter-out media/main.c,$(wildcard media/*.c media/*/*.c))
media_INC := -I.
media_PKG := libcrypto libssl libsrtp2 nice jansson opus ogg
media_LIBS := -pthread -lm
media_USE := runtime

PROGRAMS += attestel-media
attestel-media_SRC := media/main.c
attestel-media_INC := -I.
attestel-media_USE := media
