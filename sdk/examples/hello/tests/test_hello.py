from pathlib import Path

from openfit_sdk.testing import IntegrationSuite


class TestHello(IntegrationSuite):
    plugin = "openfit_hello"
    tapes = Path(__file__).parent / "tapes"
