# SPDX-License-Identifier: Apache-2.0
"""Opus by the system's libopus, and Ogg pages around it (RFC 3533, RFC 7845)."""
import array
import ctypes
import ctypes.util
import struct

RATE = 48000
FRAME = 960  # samples of 20 ms
VOIP = 2048


def library():
    """libopus; None where it is not."""
    name = ctypes.util.find_library("opus")
    if name is None:
        return None
    found = ctypes.CDLL(name)
    found.opus_encoder_create.restype = found.opus_decoder_create.restype = ctypes.c_void_p
    return found


def encode(samples):
    """Packets of 20 ms of samples of 48 kHz, mono."""
    opus, error, packets = library(), ctypes.c_int(), []
    encoder = ctypes.c_void_p(opus.opus_encoder_create(RATE, 1, VOIP, ctypes.byref(error)))
    out = ctypes.create_string_buffer(1275)
    for i in range(0, len(samples) - FRAME + 1, FRAME):
        frame = (ctypes.c_int16 * FRAME)(*samples[i:i + FRAME])
        n = opus.opus_encode(encoder, frame, FRAME, out, len(out))
        assert n > 0
        packets.append(out.raw[:n])
    opus.opus_encoder_destroy(encoder)
    return packets


def decode(packets):
    """Samples of 8 kHz, mono."""
    opus, error, samples = library(), ctypes.c_int(), array.array("h")
    decoder = ctypes.c_void_p(opus.opus_decoder_create(8000, 1, ctypes.byref(error)))
    frame = (ctypes.c_int16 * 960)()
    for packet in packets:
        n = opus.opus_decode(decoder, packet, len(packet), frame, 960, 0)
        assert n > 0, "no Opus packet"
        samples.extend(frame[:n])
    opus.opus_decoder_destroy(decoder)
    return samples


def checksum(page):
    """RFC 3533 §6: CRC-32 with the polynomial 0x04c11db7, not reflected, from 0."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04c11db7 if value & 0x80000000 else 0)
            value &= 0xffffffff
    return value


def page(packet, number, granule, kind):
    lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
    head = struct.pack("<4sBBqIII", b"OggS", 0, kind, granule, 1, number, 0)
    body = bytes([len(lacing), *lacing]) + packet
    crc = struct.pack("<I", checksum(head + body))
    return head[:22] + crc + body


def ogg(packets):
    """An Ogg Opus file, a packet a page."""
    header = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 0, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"test" + struct.pack("<I", 0)
    out = page(header, 0, 0, 2) + page(tags, 1, 0, 0)
    for i, packet in enumerate(packets):
        out += page(packet, i + 2, (i + 1) * FRAME, 4 if i == len(packets) - 1 else 0)
    return out
