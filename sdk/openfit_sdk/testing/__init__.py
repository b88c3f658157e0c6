"""Tests that every plugin gets for a few lines of its own. Needs the `testing` extra."""

from openfit_sdk.testing.analyses import AnalysisSuite
from openfit_sdk.testing.integrations import IntegrationSuite
from openfit_sdk.testing.tapes import Tape, record, replay

__all__ = ["AnalysisSuite", "IntegrationSuite", "Tape", "record", "replay"]
