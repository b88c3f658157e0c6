"""Sources: which device of which integration gives what, since when, and how it does."""

from msgspec import Struct

from openfit import series_view
from openfit.reading import Views


class SourceLabel(Struct, frozen=True):
    """A source by a name that a person knows it by."""

    source_id: str
    label: str


def label_of(views: Views, source_id: int) -> SourceLabel:
    connection_id = views.connections.get(source_id, "")
    return SourceLabel(str(source_id), series_view.label_of(views, source_id, connection_id))
