/* SPDX-License-Identifier: Apache-2.0 */
/* G.711, both laws. One byte a sample of 16 bits. */
#ifndef MEDIA_PLAY_G711_H
#define MEDIA_PLAY_G711_H

#include <stdint.h>

uint8_t g711_ulaw(int16_t sample);
uint8_t g711_alaw(int16_t sample);
int16_t g711_from_ulaw(uint8_t code);
int16_t g711_from_alaw(uint8_t code);

#endif
