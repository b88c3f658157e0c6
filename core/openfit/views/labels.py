"""What a source is called: its device as a person knows it, else the integration by its name."""

from msgspec import Struct
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import entities
from openfit.views.reading import Views


class SourceLabel(Struct, frozen=True):
    """A source by a name that a person knows it by."""

    source_id: str
    label: str


class Named(Views):
    """The lookups of views that name sources."""

    def __init__(self, hub: Hub, conn: Connection, user_id: int) -> None:
        super().__init__(conn, user_id)
        self.plugins = hub.plugins

    def label(self, source_id: int) -> str:
        device = self.device(source_id)
        named = [device.vendor, device.name or device.model] if device else []
        return " ".join(part for part in named if part) or self.integration(source_id)

    def integration(self, source_id: int) -> str:
        """By its manifest; where that is not installed any more, by the id that is left of it."""
        connection = entities.connection_of_source(self.conn, self.user_id, source_id)
        return self.plugins.name_of(self.integrations.get(connection or "", ""))


def label_of(views: Named, source_id: int) -> SourceLabel:
    return SourceLabel(str(source_id), views.label(source_id))
