"""The three checksums of the band's envelopes."""

from zlib import crc32

__all__ = ["crc8", "crc16_modbus", "crc32"]


def crc8(octets: bytes) -> int:
    """CRC-8/SMBus: polynomial 07, begins at 0, not reflected."""
    value = 0
    for octet in octets:
        value = CRC8[value ^ octet]
    return value


def crc16_modbus(octets: bytes) -> int:
    """CRC-16/MODBUS: polynomial 8005 reflected, begins at FFFF."""
    value = 0xFFFF
    for octet in octets:
        value = value >> 8 ^ CRC16[(value ^ octet) & 0xFF]
    return value


def _crc8_of(octet: int) -> int:
    for _ in range(8):
        octet = (octet << 1 ^ (0x07 if octet & 0x80 else 0)) & 0xFF
    return octet


def _crc16_of(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (0xA001 if octet & 1 else 0)
    return octet


CRC8 = tuple(_crc8_of(octet) for octet in range(256))
CRC16 = tuple(_crc16_of(octet) for octet in range(256))
