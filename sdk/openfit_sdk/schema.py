"""The entity types, so that a plugin depends on the SDK alone."""

from openfit_schema import *  # noqa: F403
from openfit_schema import __all__ as __all__
