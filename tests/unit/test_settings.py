import ipaddress
from pathlib import Path

import pytest

from ovqat.settings import Settings, SettingsError, explain

SECRET = "a-made-up-secret-of-more-than-32-bytes"
OLDER = "an-older-made-up-secret-of-32-bytes-or-more"
KEY = "a-made-up-partner-key"
SERVICE_KEY = "a-made-up-service-role-key"
PRODUCTION = {"OVQAT_ENV": "production", "JWT_SECRET": SECRET, "API_KEY": KEY}
VARIABLES = {
    "OVQAT_ENV", "OVQAT_HOST", "PORT", "OVQAT_DATA_DIR", "DATABASE_URL", "JWT_SECRET", "API_KEY", "OVQAT_PUBLIC_URL",
    "OVQAT_ALLOWED_ORIGINS", "OVQAT_TRUSTED_PROXIES", "OVQAT_LIMITS_ADDRESS", "OVQAT_LIMITS_KEY",
    "OVQAT_LIMITS_NUMBER", "OVQAT_LIMITS_FAILED", "OVQAT_LIMITS_DISABLED",
}  # fmt: skip


def read(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def errors_of(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read(**environ)
    assert str(refused.value) == "\n".join(refused.value.sentences)
    return refused.value.sentences


def shown(settings: Settings) -> dict[str, str]:
    return {setting.name: setting.shown for setting in explain(settings)}


def test_an_empty_environment_gives_what_a_developer_needs():
    settings = read()

    assert (settings.environment, settings.production) == ("development", False)
    assert (settings.host, settings.port) == ("127.0.0.1", 3001)
    assert (settings.data_dir, settings.database) == (Path("data"), Path("data/ovqat.db"))
    assert (settings.jwt_secrets, settings.api_key, settings.public_url) == ((), None, None)
    assert (settings.allowed_origins, settings.trusted_proxies) == ((), ())
    limits = settings.limits
    amounts = [(item.amount, item.get_expiry()) for item in (limits.address, limits.key, limits.number, limits.failed)]
    assert amounts == [(120, 60), (6000, 60), (20, 60), (60, 60)]
    assert limits.disabled is False
    assert settings.given == frozenset()


@pytest.mark.parametrize("blank", ["", " ", "\t", "\n"])
def test_a_blank_variable_is_one_that_is_not_set(blank: str):
    assert read(**dict.fromkeys(VARIABLES, blank)) == read()


@pytest.mark.parametrize(
    ("name", "value", "field", "wanted"),
    [
        ("OVQAT_ENV", "development", "environment", "development"),
        ("OVQAT_HOST", "::1", "host", "::1"),
        ("PORT", "0", "port", 0),
        ("PORT", "8080", "port", 8080),
        ("PORT", " 65535 ", "port", 65535),
        ("OVQAT_DATA_DIR", "/srv/ovqat", "data_dir", Path("/srv/ovqat")),
        ("OVQAT_DATA_DIR", "/srv/ovqat", "database", Path("/srv/ovqat/ovqat.db")),
        ("OVQAT_DATA_DIR", "~/ovqat", "data_dir", Path.home() / "ovqat"),
        ("DATABASE_URL", "sqlite:///here/o.db", "database", Path("here/o.db")),
        ("DATABASE_URL", "sqlite:////srv/o.db", "database", Path("/srv/o.db")),
        ("DATABASE_URL", "sqlite:///~/o.db", "database", Path.home() / "o.db"),
        ("JWT_SECRET", SECRET, "jwt_secrets", (SECRET.encode(),)),
        ("JWT_SECRET", f"{SECRET},{OLDER}", "jwt_secrets", (SECRET.encode(), OLDER.encode())),
        ("JWT_SECRET", f" {OLDER} , {SECRET} ,", "jwt_secrets", (OLDER.encode(), SECRET.encode())),
        ("JWT_SECRET", "é" * 16, "jwt_secrets", ("é".encode() * 16,)),
        ("API_KEY", KEY, "api_key", KEY.encode()),
        ("API_KEY", "ключ", "api_key", "ключ".encode()),
        ("OVQAT_PUBLIC_URL", "https://ovqat.example.com", "public_url", "https://ovqat.example.com"),
        ("OVQAT_PUBLIC_URL", "https://ovqat.example.com/", "public_url", "https://ovqat.example.com"),
        ("OVQAT_ALLOWED_ORIGINS", "https://a.example", "allowed_origins", ("https://a.example",)),
        (
            "OVQAT_ALLOWED_ORIGINS",
            "https://a.example:8443, http://localhost:5173,http://[::1]:80,",
            "allowed_origins",
            ("https://a.example:8443", "http://localhost:5173", "http://[::1]:80"),
        ),
        (
            "OVQAT_TRUSTED_PROXIES",
            "10.0.0.0/8, 127.0.0.1,::1 , 2001:db8::/32",
            "trusted_proxies",
            tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "127.0.0.1/32", "::1/128", "2001:db8::/32"))),
        ),
    ],
)
def test_every_variable_is_read(name: str, value: str, field: str, wanted: object):
    assert getattr(read(**{name: value}), field) == wanted


@pytest.mark.parametrize("name", ["address", "key", "number", "failed"])
@pytest.mark.parametrize(
    ("value", "amount", "window_s"), [("5/second", 5, 1), ("7 per 2 minutes", 7, 120), ("100/day", 100, 86_400)]
)
def test_every_limit_is_read(name: str, value: str, amount: int, window_s: int):
    item = getattr(read(**{f"OVQAT_LIMITS_{name.upper()}": value}).limits, name)

    assert (item.amount, item.get_expiry()) == (amount, window_s)


@pytest.mark.parametrize(
    ("value", "disabled"), [("1", True), ("true", True), ("TRUE", True), ("0", False), ("false", False), ("", False)]
)
def test_limits_may_be_switched_off(value: str, disabled):
    assert read(OVQAT_LIMITS_DISABLED=value).limits.disabled is disabled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("OVQAT_ENV", value) for value in ("prod", "Production", "test", "1")),
        *(("PORT", value) for value in ("x", "-1", "65536", "99999", "3001.0", "3e3", "0x10", "٣٠٠١", "1 2", "100000")),
        *(("OVQAT_DATA_DIR", value) for value in ("~nobody-of-this-name/data",)),
        *(
            ("DATABASE_URL", value)
            for value in (
                "postgresql://user:a-made-up-password@db.example/ovqat",
                "postgres:///ovqat",
                "mysql://db.example/ovqat",
                "sqlite://ovqat.db",
                "sqlite:///",
                "sqlite:",
                "/srv/ovqat.db",
                "ovqat.db",
                "sqlite:///~nobody-of-this-name/o.db",
                "sqlite:///:memory:",
            )
        ),
        *(("JWT_SECRET", value) for value in ("short", "x" * 31, f"{SECRET},short", f"short,{SECRET}")),
        pytest.param("JWT_SECRET", "\udcff" * 40, id="JWT_SECRET-bytes that are no text"),
        pytest.param("API_KEY", "\udcff" * 20, id="API_KEY-bytes that are no text"),
        ("API_KEY", "a-new-made-up-key,an-old-made-up-key"),
        *(
            ("OVQAT_PUBLIC_URL", value)
            for value in (
                "ovqat.example.com",
                "ftp://ovqat.example.com",
                "https://",
                "https://ovqat.example.com/path",
                "https://user:pass@ovqat.example.com",
                "https://ovqat.example.com?x=1",
                "HTTPS://OVQAT.EXAMPLE.COM",
                "https://ovqat.example.com\r\nX-Evil: 1",
                "*",
            )
        ),
        *(
            ("OVQAT_ALLOWED_ORIGINS", value)
            for value in (
                "*",
                "https://*",
                "https://*.bank.example",
                "null",
                "app.bank.example",
                "https://app.bank.example/",
                "https://app.bank.example/path",
                "https://App.Bank.Example",
                "https://app.bank.example https://shop.example",
                "https://app.bank.example; script-src *",
                "https://app.bank.example, *",
                "app://bank",
                "https://app.bank.example:port",
                "https://-app.example",
            )
        ),
        *(
            ("OVQAT_TRUSTED_PROXIES", value)
            for value in ("*", "proxy.example", "10.0.0.1/8", "10.0.0", "10.0.0.0/33", "127.0.0.1,x", "::1%lo/128x")
        ),
        *(
            (f"OVQAT_LIMITS_{name}", value)
            for name in ("ADDRESS", "KEY", "NUMBER", "FAILED")
            for value in (
                "120",
                "many",
                "/minute",
                "120/fortnight",
                "-1/minute",
                "1.5/minute",
                "120/minute!",
                "0/minute",
                "120/minute;1000/hour",
                "∞/minute",
            )
        ),
        *(("OVQAT_LIMITS_DISABLED", value) for value in ("yes", "on", "2", "off")),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_a_sentence_that_names_its_variable(name: str, value: str):
    sentences = errors_of(**{name: value})

    assert any(name in sentence for sentence in sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_everything_that_is_wrong_is_said_at_once():
    sentences = errors_of(PORT="x", JWT_SECRET="short,brief", OVQAT_ALLOWED_ORIGINS="*", OVQAT_LIMITS_KEY="many")

    assert len(sentences) == 5
    assert [name for name in ("PORT", "secret 1 of JWT_SECRET", "secret 2 of JWT_SECRET", "ORIGINS", "LIMITS_KEY")
            if sum(name in sentence for sentence in sentences) != 1] == []  # fmt: skip


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        ({"JWT_SECRET": "a-short-made-up-secret"}, "a-short-made-up-secret"),
        ({"DATABASE_URL": "postgresql://user:a-made-up-password@db.example/ovqat"}, "a-made-up-password"),
        ({**PRODUCTION, "API_KEY": "short-key"}, "short-key"),
        ({"SUPABASE_URL": "https://x.supabase.example", "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}, SERVICE_KEY),
    ],
)
def test_no_sentence_says_a_secret(environ: dict[str, str], secret: str):
    assert secret not in "".join(errors_of(**environ))


class TestStore:
    SUPABASE = {"SUPABASE_URL": "https://x.supabase.example", "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}  # noqa: RUF012 constant

    def test_data_that_would_go_to_the_wrong_store_is_refused(self):
        (sentence,) = errors_of(**self.SUPABASE)

        assert "SUPABASE_URL" in sentence
        assert "DATABASE_URL" in sentence

    def test_a_database_that_is_named_wins_over_supabase(self):
        assert read(DATABASE_URL="sqlite:///o.db", **self.SUPABASE).database == Path("o.db")

    @pytest.mark.parametrize("name", list(SUPABASE))
    def test_half_of_supabase_is_none(self, name: str):
        assert read(**{name: self.SUPABASE[name]}).database == Path("data/ovqat.db")


class TestProduction:
    def test_with_a_secret_and_a_key_it_starts_and_is_reachable(self):
        settings = read(**PRODUCTION)

        assert settings.production
        assert settings.host == "0.0.0.0"  # noqa: S104 a container is reached so
        assert read(**PRODUCTION, OVQAT_HOST="127.0.0.1").host == "127.0.0.1"

    @pytest.mark.parametrize(
        ("changed", "name"),
        [
            ({"JWT_SECRET": ""}, "JWT_SECRET"),
            ({"JWT_SECRET": " , "}, "JWT_SECRET"),
            ({"JWT_SECRET": "x" * 31}, "JWT_SECRET"),
            ({"API_KEY": ""}, "API_KEY"),
            ({"API_KEY": "x" * 15}, "API_KEY"),
            ({"OVQAT_LIMITS_DISABLED": "1"}, "OVQAT_LIMITS_DISABLED"),
            ({"OVQAT_ALLOWED_ORIGINS": "*"}, "OVQAT_ALLOWED_ORIGINS"),
            ({"OVQAT_ALLOWED_ORIGINS": "http://app.bank.example"}, "OVQAT_ALLOWED_ORIGINS"),
            ({"OVQAT_ALLOWED_ORIGINS": "https://a.example,http://b.example"}, "OVQAT_ALLOWED_ORIGINS"),
            ({"OVQAT_PUBLIC_URL": "http://ovqat.example.com"}, "OVQAT_PUBLIC_URL"),
        ],
    )
    def test_what_is_not_safe_does_not_start(self, changed: dict[str, str], name: str):
        (sentence,) = errors_of(**{**PRODUCTION, **changed})

        assert name in sentence

    def test_everything_that_is_missing_is_said_at_once(self):
        sentences = errors_of(OVQAT_ENV="production", OVQAT_LIMITS_DISABLED="1")

        assert len(sentences) == 3
        assert all(any(n in s for s in sentences) for n in ("JWT_SECRET", "API_KEY", "OVQAT_LIMITS_DISABLED"))

    def test_a_misspelled_environment_is_not_taken_for_development(self):
        sentences = errors_of(OVQAT_ENV="producton")

        assert any("OVQAT_ENV" in sentence for sentence in sentences)

    @pytest.mark.parametrize("key", ["x" * 16, "x" * 100])
    def test_a_key_of_sixteen_bytes_is_long_enough(self, key: str):
        assert read(**{**PRODUCTION, "API_KEY": key}).api_key == key.encode()


class TestExplain:
    def test_every_variable_is_explained_once(self):
        names = [setting.name for setting in explain(read())]

        assert sorted(names) == sorted(VARIABLES)

    def test_where_a_value_came_from_is_said(self):
        settings = read(PORT="3002", API_KEY=KEY, OVQAT_HOST=" ", PATH="/bin")

        sources = {setting.name: setting.source for setting in explain(settings)}

        assert {name for name, source in sources.items() if source == "environment"} == {"PORT", "API_KEY"}
        assert set(sources.values()) == {"environment", "default"}

    def test_no_secret_is_shown(self):
        text = repr(explain(read(JWT_SECRET=f"{SECRET},{OLDER}", API_KEY=KEY, SUPABASE_SERVICE_ROLE_KEY=SERVICE_KEY)))

        hidden = [SECRET, OLDER, KEY, SERVICE_KEY]
        assert [secret for secret in hidden if secret in text or secret[:6] in text or secret[-6:] in text] == []

    def test_one_secret_can_be_told_from_another(self):
        assert shown(read(JWT_SECRET=SECRET))["JWT_SECRET"] != shown(read(JWT_SECRET=SECRET[::-1]))["JWT_SECRET"]
        assert shown(read(JWT_SECRET=SECRET)) == shown(read(JWT_SECRET=SECRET))

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("PORT", "3002", "3002"),
            ("OVQAT_DATA_DIR", "/srv/ovqat", "/srv/ovqat"),
            ("DATABASE_URL", "sqlite:////srv/o.db", "sqlite:////srv/o.db"),
            ("OVQAT_PUBLIC_URL", "https://ovqat.example.com", "https://ovqat.example.com"),
            ("OVQAT_ALLOWED_ORIGINS", "https://a.example,https://b.example", "https://a.example, https://b.example"),
            ("OVQAT_TRUSTED_PROXIES", "10.0.0.0/8", "10.0.0.0/8"),
            ("OVQAT_LIMITS_KEY", "7/hour", "7 per 1 hour"),
            ("OVQAT_LIMITS_DISABLED", "1", "limits are off"),
        ],
    )
    def test_what_is_no_secret_is_shown_as_it_is_used(self, name: str, value: str, said: str):
        assert shown(read(**{name: value}))[name] == said

    def test_a_secret_that_will_be_made_is_said_so(self):
        assert "made here" in shown(read())["JWT_SECRET"]
        assert "no key" in shown(read())["API_KEY"]
