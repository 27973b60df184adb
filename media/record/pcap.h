/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a pcap file: datagrams with IP and UDP headers made for them. */
#ifndef MEDIA_RECORD_PCAP_H
#define MEDIA_RECORD_PCAP_H

#include "media/path/address.h"

#include <stddef.h>
#include <stdint.h>

#define PCAP_FILE_HEADER 24
#define PCAP_HEADERS_MAX (16 + 40 + 8) /* of a record: its own, IPv6, UDP */

void pcap_file_header(uint8_t out[PCAP_FILE_HEADER]);
/* Headers of a record of len bytes; returns how many bytes they are. Addresses of one family. */
size_t pcap_headers(const struct address *from, const struct address *to, const uint8_t *data,
		    size_t len, uint64_t at, uint8_t out[PCAP_HEADERS_MAX]);

#endif
