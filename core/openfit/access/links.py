"""Links of use once. What makes them one's own stands behind `#`, which no server ever sees."""

from sqlalchemy import Connection, Row

from openfit.config import Config
from openfit.hub import Hub
from openfit.store import links, people
from openfit.store.engine import write

SETUP, INVITE, SIGN_IN = "setup", "invite", "sign_in"
WAYS_IN = (SETUP, INVITE, SIGN_IN)
LIFE = 7 * 86_400_000  # ms


def hub_address(config: Config) -> str:
    if config.url:
        return config.url.rstrip("/")
    shown = "localhost" if config.host in ("127.0.0.1", "0.0.0.0", "::") else config.host
    return f"http://{shown}:{config.port}"


def page_link(config: Config, token: str, page: str = "setup") -> str:
    return f"{hub_address(config)}/{page}#{token}"


def has_way_in(user: Row[tuple[object, ...]], *, mail: bool) -> bool:
    return bool(user.password or user.subject or (user.email and mail))


def awaits_owner(conn: Connection, config: Config) -> bool:
    """Whether nobody can come in as the owner yet, but by the setup link."""
    owner = people.get(conn, people.owner(conn) or people.OWNER)
    return owner is not None and not has_way_in(owner, mail=bool(config.smtp_url))


def setup_link(hub: Hub, now_ms: int) -> str | None:
    """The owner's first way in, made anew at each start until there is another; the one before
    it ends."""
    with write(hub.engine) as conn:
        if not awaits_owner(conn, hub.config):
            return None
        owner = people.owner(conn) or people.OWNER
        links.drop(conn, owner, SETUP)
        token = links.add(conn, owner, SETUP, now_ms, now_ms + LIFE)
    return page_link(hub.config, token)


def way_back(conn: Connection, user: Row[tuple[object, ...]], config: Config, now_ms: int) -> str:
    """A link that signs somebody in who is locked out, or lets somebody new come in."""
    new = not has_way_in(user, mail=bool(config.smtp_url))
    links.drop(conn, user.user_id, *WAYS_IN)
    purpose = INVITE if new else SIGN_IN
    return page_link(config, links.add(conn, user.user_id, purpose, now_ms, now_ms + LIFE, None))
