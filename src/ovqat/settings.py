"""Every environment variable that Ovqat reads, with its type, its default and its check.

Nothing else in the project reads the environment.
"""

import hashlib
import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
from limits import RateLimitItem, parse, parse_many

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Environment = Literal["development", "production"]

SECRET_MIN_BYTES = 32
API_KEY_MIN_BYTES_IN_PRODUCTION = 16

_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?")


class SettingsError(Exception):
    """The environment cannot be used as it is. `sentences` say which variable to change, and how."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Limits(msgspec.Struct, frozen=True):
    """How many calls are answered in a window of time."""

    address: RateLimitItem
    key: RateLimitItem
    number: RateLimitItem
    failed: RateLimitItem
    disabled: bool


class Settings(msgspec.Struct, frozen=True):
    """What the environment says, checked and typed."""

    environment: Environment
    host: str
    port: int
    data_dir: Path
    database: Path
    jwt_secrets: tuple[bytes, ...]
    """Newest first: the first signs, all verify. Empty: the server makes one and keeps it in `data_dir`."""
    api_key: bytes | None
    public_url: str | None
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    limits: Limits
    given: frozenset[str] = frozenset()
    """The variables that the environment set."""

    @property
    def production(self) -> bool:
        """Whether real people are served."""
        return self.environment == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check all variables; raise SettingsError with a sentence for each that cannot be used."""
        reader = _Reader(environ)
        environment = reader.environment()
        data_dir = reader.path("OVQAT_DATA_DIR", reader.text("OVQAT_DATA_DIR") or "data")
        settings = cls(
            environment=environment,
            host=reader.text("OVQAT_HOST") or ("0.0.0.0" if environment == "production" else "127.0.0.1"),  # noqa: S104 in production a proxy or container reaches it
            port=reader.port(),
            data_dir=data_dir,
            database=reader.database(data_dir),
            jwt_secrets=reader.jwt_secrets(),
            api_key=reader.api_key(),
            public_url=reader.public_url(),
            allowed_origins=reader.allowed_origins(),
            trusted_proxies=reader.trusted_proxies(),
            limits=Limits(
                address=reader.limit("OVQAT_LIMITS_ADDRESS", "120/minute"),
                key=reader.limit("OVQAT_LIMITS_KEY", "6000/minute"),
                number=reader.limit("OVQAT_LIMITS_NUMBER", "20/minute"),
                failed=reader.limit("OVQAT_LIMITS_FAILED", "60/minute"),
                disabled=reader.flag("OVQAT_LIMITS_DISABLED"),
            ),
            given=frozenset(name for name, value in environ.items() if value.strip()),
        )
        if settings.production:
            reader.errors += _unfit_for_production(settings)
        if reader.errors:
            raise SettingsError(reader.errors)
        return settings


class Setting(msgspec.Struct, frozen=True):
    """A variable as an operator is shown it: its value, with secrets masked, and where that came from."""

    name: str
    shown: str
    source: str


def explain(settings: Settings) -> list[Setting]:
    """Give every variable with what is used for it."""
    limits = settings.limits
    shown = {
        "OVQAT_ENV": settings.environment,
        "OVQAT_HOST": settings.host,
        "PORT": str(settings.port),
        "OVQAT_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": f"sqlite:///{settings.database}",
        "JWT_SECRET": ", ".join(map(_masked, settings.jwt_secrets)) or f"made here, kept in {settings.data_dir}",
        "API_KEY": _masked(settings.api_key) if settings.api_key else "none: calls need no key",
        "OVQAT_PUBLIC_URL": settings.public_url or "none",
        "OVQAT_ALLOWED_ORIGINS": ", ".join(settings.allowed_origins) or "none",
        "OVQAT_TRUSTED_PROXIES": ", ".join(map(str, settings.trusted_proxies)) or "none",
        "OVQAT_LIMITS_ADDRESS": str(limits.address),
        "OVQAT_LIMITS_KEY": str(limits.key),
        "OVQAT_LIMITS_NUMBER": str(limits.number),
        "OVQAT_LIMITS_FAILED": str(limits.failed),
        "OVQAT_LIMITS_DISABLED": "limits are off" if limits.disabled else "limits are on",
    }
    return [
        Setting(name, value, "environment" if name in settings.given else "default") for name, value in shown.items()
    ]


def _masked(secret: bytes) -> str:
    """Tell one secret from another without showing any of it."""
    return f"{len(secret)} bytes, SHA-256 {hashlib.sha256(secret).hexdigest()[:8]}…"


def _unfit_for_production(settings: Settings) -> list[str]:
    checks = {
        "Set JWT_SECRET to at least 32 random bytes: production does not start without it. "
        "`openssl rand -hex 32` makes one.": not settings.jwt_secrets,
        "Set API_KEY to the key that your partner sends as X-API-Key: production does not start "
        "without one. `openssl rand -hex 24` makes one.": settings.api_key is None,
        f"Make API_KEY at least {API_KEY_MIN_BYTES_IN_PRODUCTION} bytes long: production does not start with one "
        "that can be guessed.": settings.api_key is not None
        and len(settings.api_key) < API_KEY_MIN_BYTES_IN_PRODUCTION,
        "Remove OVQAT_LIMITS_DISABLED: production does not start with limits off.": settings.limits.disabled,
        "Begin OVQAT_PUBLIC_URL with https://: production is reached by HTTPS only.": settings.public_url is not None
        and not settings.public_url.startswith("https://"),
        "Begin every origin in OVQAT_ALLOWED_ORIGINS with https://: production is opened from HTTPS pages only.": any(
            origin.startswith("http://") for origin in settings.allowed_origins
        ),
    }
    return [sentence for sentence, unfit in checks.items() if unfit]


class _Reader:
    """Reads one variable after the other and gathers what is wrong, so that all of it is said at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.errors: list[str] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def secret(self, name: str) -> str:
        """Give a value that is used as its bytes in UTF-8."""
        value = self.text(name)
        try:
            value.encode()
        except UnicodeEncodeError:
            self.errors.append(f"Write {name} in UTF-8; it holds bytes that are no text.")
            return ""
        return value

    def path(self, name: str, value: str) -> Path:
        try:
            return Path(value).expanduser()
        except RuntimeError:
            self.errors.append(
                f"Set {name} to a path that exists for this user; it begins with {value.split('/', maxsplit=1)[0]!r}."
            )
            return Path(value)

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in {"", "0", "1", "true", "false"}:
            self.errors.append(f"Set {name} to 1 or 0; it is {value!r}.")
        return value in {"1", "true"}

    def environment(self) -> Environment:
        value = self.text("OVQAT_ENV") or "development"
        if value == "development" or value == "production":  # noqa: PLR1714 the type checker narrows this form
            return value
        self.errors.append(f"Set OVQAT_ENV to development or production; it is {value!r}.")
        return "production"

    def port(self) -> int:
        value = self.text("PORT") or "3001"
        if re.fullmatch(r"[0-9]{1,5}", value) and int(value) < 1 << 16:
            return int(value)
        self.errors.append(f"Set PORT to a number from 0 to 65535; it is {value!r}.")
        return 0

    def database(self, data_dir: Path) -> Path:
        url = self.text("DATABASE_URL")
        if not url:
            if self.text("SUPABASE_URL") and self.text("SUPABASE_SERVICE_ROLE_KEY"):
                self.errors.append(
                    "Set DATABASE_URL=sqlite:///path/to/ovqat.db, or unset SUPABASE_URL: this version keeps its "
                    "data in SQLite and would not write to Supabase."
                )
            return data_dir / "ovqat.db"
        scheme, _, path = url.partition(":///")
        if scheme != "sqlite" or not path or path == ":memory:":
            self.errors.append(
                "Set DATABASE_URL to sqlite:///path/to/ovqat.db (this version keeps its data in SQLite); "
                f"it names {scheme.partition(':')[0]!r}."
            )
        return self.path("DATABASE_URL", path)

    def jwt_secrets(self) -> tuple[bytes, ...]:
        secrets = [part.strip().encode() for part in self.secret("JWT_SECRET").split(",") if part.strip()]
        for position, secret in enumerate(secrets, 1):
            if len(secret) < SECRET_MIN_BYTES:
                self.errors.append(
                    f"Make secret {position} of JWT_SECRET at least {SECRET_MIN_BYTES} bytes long; it has "
                    f"{len(secret)}. `openssl rand -hex 32` makes one."
                )
        return tuple(secrets)

    def api_key(self) -> bytes | None:
        value = self.secret("API_KEY")
        if "," in value:
            self.errors.append("Set API_KEY to one key without a comma; unlike JWT_SECRET it takes no list.")
        return value.encode() or None

    def public_url(self) -> str | None:
        value = self.text("OVQAT_PUBLIC_URL").rstrip("/")
        if value and not _ORIGIN.fullmatch(value):
            self.errors.append(f"Set OVQAT_PUBLIC_URL to an address like https://ovqat.example.com; it is {value!r}.")
        return value or None

    def allowed_origins(self) -> tuple[str, ...]:
        origins = tuple(part.strip() for part in self.text("OVQAT_ALLOWED_ORIGINS").split(",") if part.strip())
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                self.errors.append(
                    "Write each origin in OVQAT_ALLOWED_ORIGINS in full and in lower case, without a path, like "
                    f"https://app.bank.example; * is not allowed, nor is {origin!r}."
                )
        return origins

    def trusted_proxies(self) -> tuple[Network, ...]:
        networks: list[Network] = []
        for part in filter(None, (part.strip() for part in self.text("OVQAT_TRUSTED_PROXIES").split(","))):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                self.errors.append(
                    "Write each proxy in OVQAT_TRUSTED_PROXIES as an address or network like 10.0.0.0/8; "
                    f"{part!r} is neither."
                )
        return tuple(networks)

    def limit(self, name: str, default: str) -> RateLimitItem:
        value = self.text(name) or default
        try:
            items = parse_many(value)
        except ValueError:
            items = []
        if len(items) == 1 and items[0].amount > 0:
            return items[0]
        self.errors.append(f"Set {name} to one limit like {default}; it is {value!r}.")
        return parse(default)
