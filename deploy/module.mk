# SPDX-License-Identifier: Apache-2.0
DAEMONS := attestel-registry attestel-proxy attestel-media
EXAMPLE_CONFIGS := $(wildcard deploy/examples/*.conf deploy/kamailio/*.cfg)
