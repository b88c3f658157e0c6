"""Records of gen 5, as far as they are known. All but the summaries need settings that a band
keeps for good and that are never written here."""

from openfit_openstrap_band.reading import optics, research, summaries
from openfit_openstrap_band.reading.base import Gen5, gen5_head
from openfit_openstrap_band.reading.fields import GEN5_MOTION, GEN5_OPTICAL, PIP, RESEARCH, SUMMARY
from openfit_openstrap_band.reading.imu import AXES, ROTATION, Counts

HISTORICAL = 0x2F
SUMMARY_VERSION, OPTICAL_VERSION, MOTION_VERSION, RESEARCH_VERSION, PIP_VERSION = 18, 20, 21, 22, 26
LENGTHS = {
    OPTICAL_VERSION: GEN5_OPTICAL.shortest,
    MOTION_VERSION: GEN5_MOTION.shortest,
    RESEARCH_VERSION: RESEARCH.shortest,
    PIP_VERSION: PIP.shortest,
}
READERS = {
    OPTICAL_VERSION: optics.decode,
    RESEARCH_VERSION: research.research,
    PIP_VERSION: research.pip,
}
SAMPLES = range(1, 101)


class Motion(Gen5, frozen=True, kw_only=True):
    """v21: a second of motion."""

    acceleration: Counts
    rotation: Counts


def recognises(packet: bytes) -> bool:
    """Whether a bare packet has a length that only gen 5 gives its version."""
    version, length = packet[1], len(packet)
    if version == SUMMARY_VERSION:
        return length >= SUMMARY.shortest
    return length == LENGTHS.get(version)


def decode(packet: bytes) -> Gen5 | None:
    """Motion is known by its shape, whatever its version says, and comes live as well."""
    version, length = packet[1], len(packet)
    if length == GEN5_MOTION.shortest:
        return motion(packet)
    if packet[0] != HISTORICAL:
        return None
    if version == SUMMARY_VERSION:
        return summaries.decode(packet) if length >= SUMMARY.shortest else None
    reader = READERS.get(version)
    return reader(packet) if reader and length == LENGTHS[version] else None


def motion(packet: bytes) -> Motion | None:
    """Known by its shape: two counts that are possible."""
    found = GEN5_MOTION.read(packet)
    count, turns = found["count"], found["rotation_count"]
    if count not in SAMPLES or turns not in SAMPLES:
        return None
    return Motion(
        **gen5_head(packet, found),
        acceleration=tuple(found[axis][:count] for axis in AXES),
        rotation=tuple(found[axis][:turns] for axis in ROTATION),
    )
