"""The plugins that are installed: their manifests, read without running any of their code."""

from dataclasses import dataclass, field

from openfit_schema import metrics
from openfit_schema.metrics import Catalogue, MetricDef
from openfit_sdk.manifest import DEMO_GROUP, Installed, installed

from openfit.errors import NotFound


@dataclass(frozen=True)
class Registry:
    """Installed plugins by id, and the metric types that the schema and they define."""

    plugins: dict[str, Installed]
    catalogue: Catalogue = field(default_factory=lambda: metrics.METRICS)

    @classmethod
    def installed(cls, *, demo: bool = False) -> "Registry":
        every = [*installed(), *(installed(DEMO_GROUP) if demo else ())]
        plugins = {found.name: found for found in every}
        own = [
            definition
            for found in plugins.values()
            if found.manifest is not None
            for definition in found.manifest.definitions()
        ]
        return cls(plugins, metrics.define(own))

    def plugin(self, integration: str) -> Installed:
        found = self.plugins.get(integration)
        if found is None:
            raise NotFound(
                f"The plugin {integration!r} is not installed.",
                code="no_plugin",
                next_step=f"Install it with pip, for example: pip install openfit-{integration}",
            )
        return found

    def sources(self) -> list[Installed]:
        """Those that bring data, or whose manifest cannot be read to say so."""
        return [one for one in self.plugins.values() if not one.manifest or one.manifest.data_types]

    def name_of(self, integration: str) -> str:
        """As its manifest calls it; of one that has none to read, its id."""
        found = self.plugins.get(integration)
        return found.manifest.name if found and found.manifest else integration

    def metric(self, type: str) -> MetricDef | None:
        """A type's definition; a namespaced type that nobody declared gets a cautious one."""
        known = self.catalogue.get(type)
        if known is None and "." in type:
            return MetricDef(
                id=type,
                name=type.partition(".")[2].replace("_", " "),
                unit="1",
                kind="instant",
                fold="mean",
                family=type.partition(".")[0],
                resolution=0.001,
            )
        return known
