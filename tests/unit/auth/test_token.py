import base64
import hashlib
import hmac
import json
import string
import uuid

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovqat.auth.token import TOKEN_LIFE_S, Claims, TokenCodec
from ovqat.errors import TokenExpired, TokenRejected
from tests.unit.clock import NOW, HandClock

OLD = b"an-old-made-up-secret-of-enough-bytes"
NEW = b"a-new-made-up-secret-of-enough-bytes!"
USER_ID = "27a2b872-93b4-44ba-8835-75163463e903"
PHONE = "998997961877"
HEADER = '{"alg":"HS256","typ":"JWT"}'
CLAIMS = {"userId": USER_ID, "phoneNumber": PHONE, "iat": NOW, "exp": NOW + TOKEN_LIFE_S}
BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

user_ids = st.uuids().map(str)
phones = st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True)


def codec(*secrets: bytes, now: float = NOW) -> TokenCodec:
    return TokenCodec(secrets or (NEW,), HandClock(now))


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(header: str, payload: str, *, secret: bytes = NEW) -> str:
    """Sign two parts that are already in base64url."""
    digest = hmac.digest(secret, f"{header}.{payload}".encode(), hashlib.sha256)
    return f"{header}.{payload}.{base64url(digest)}"


def token_of(claims: object, *, header: str = HEADER, secret: bytes = NEW) -> str:
    """Sign any claims under any header; text is taken as the JSON itself."""
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return signed(base64url(header.encode()), base64url(text.encode()), secret=secret)


def claims_with(**changed: object) -> dict[str, object]:
    return {**CLAIMS, **changed}


def code_of(token: str, now: float = NOW) -> str:
    with pytest.raises(TokenRejected) as rejected:
        codec(now=now).verify(token)
    assert (rejected.value.status, rejected.value.sentence) == (401, "Invalid token")
    return rejected.value.code


def aliases(segment: str) -> list[str]:
    """Give the other spellings of a base64 text whose last character holds bits that are not used."""
    bytes_of = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    others = [segment[:-1] + last for last in BASE64URL if last != segment[-1]]
    return [other for other in others if base64.urlsafe_b64decode(other + "=" * (-len(other) % 4)) == bytes_of]


class TestIssue:
    def test_a_token_is_the_one_that_the_specification_shows(self):
        issued = codec(now=1_703_252_000).issue(USER_ID, PHONE)

        assert issued.rpartition(".")[0] == (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VySWQiOiIyN2EyYjg3Mi05M2I0LTQ0YmEtODgzNS03NTE2MzQ2M2U5MDMi"
            "LCJwaG9uZU51bWJlciI6Ijk5ODk5Nzk2MTg3NyIsImlhdCI6MTcwMzI1MjAwMCwiZXhwIjoxNzAzODU2ODAwfQ"
        )

    @given(user_ids, phones, st.integers(0, 1 << 33), st.binary(min_size=32, max_size=80))
    def test_the_oracle_reads_exactly_our_header_and_claims(self, user_id: str, phone: str, now: int, secret: bytes):
        issued = codec(secret, now=now + 0.999).issue(user_id, phone)

        assert jwt.get_unverified_header(issued) == {"alg": "HS256", "typ": "JWT"}
        read = jwt.decode(issued, secret, ["HS256"], options={"verify_exp": False, "verify_iat": False})
        assert read == {"userId": user_id, "phoneNumber": phone, "iat": now, "exp": now + 604_800}

    @given(user_ids, phones)
    def test_what_is_issued_verifies_to_the_same_claims(self, user_id: str, phone: str):
        claims = codec().verify(codec().issue(user_id, phone))

        assert claims == Claims(user_id, phone, NOW, NOW + 604_800)

    @pytest.mark.parametrize(("not_before", "issued_at"), [(0, NOW), (NOW - 1, NOW), (NOW, NOW), (NOW + 5, NOW + 5)])
    def test_a_token_is_never_issued_before_its_time(self, not_before: int, issued_at: int):
        claims = codec().verify(codec().issue(USER_ID, PHONE, not_before=not_before))

        assert (claims.iat, claims.exp) == (issued_at, issued_at + 604_800)

    def test_the_newest_secret_signs(self):
        issued = codec(NEW, OLD).issue(USER_ID, PHONE)

        assert codec(NEW).verify(issued).user_id == USER_ID
        with pytest.raises(TokenRejected):
            codec(OLD).verify(issued)


class TestAccept:
    @given(
        user_ids,
        phones,
        st.integers(-TOKEN_LIFE_S + 1, 60),
        st.integers(1, TOKEN_LIFE_S),
        st.permutations(list(CLAIMS)),
    )
    def test_what_the_oracle_encodes_as_ours_is_accepted(
        self, user_id: str, phone: str, age: int, life: int, order: list[str]
    ):
        issued_at = NOW + age
        exp = max(issued_at + life, NOW + 1)
        claims = {"userId": user_id, "phoneNumber": phone, "iat": issued_at, "exp": min(exp, issued_at + TOKEN_LIFE_S)}
        encoded = jwt.encode({name: claims[name] for name in order}, NEW, "HS256", sort_headers=True)

        assert codec().verify(encoded) == Claims(user_id, phone, issued_at, claims["exp"])

    @pytest.mark.parametrize("secret", [NEW, OLD])
    def test_every_secret_in_rotation_verifies(self, secret: bytes):
        issued = codec(secret).issue(USER_ID, PHONE)

        assert codec(NEW, OLD).verify(issued).user_id == USER_ID

    def test_a_secret_that_left_the_rotation_verifies_no_more(self):
        issued = codec(OLD).issue(USER_ID, PHONE)

        with pytest.raises(TokenRejected):
            codec(NEW).verify(issued)

    def test_a_secret_is_not_cut_or_joined(self):
        issued = codec(NEW + b"," + OLD).issue(USER_ID, PHONE)

        with pytest.raises(TokenRejected):
            codec(NEW, OLD).verify(issued)

    def test_a_token_lives_until_the_last_moment_before_exp(self):
        issued = codec().issue(USER_ID, PHONE)

        assert codec(now=NOW + 604_800 - 0.001).verify(issued).exp == NOW + 604_800

    @pytest.mark.parametrize("ahead", [1, 59, 60])
    def test_another_machines_clock_may_be_a_minute_ahead(self, ahead: int):
        issued = codec(now=NOW + ahead).issue(USER_ID, PHONE)

        assert codec().verify(issued).iat == NOW + ahead

    def test_the_longest_token_we_issue_is_accepted(self):
        now = (1 << 53) - 1
        issued = codec(now=now).issue(USER_ID, "9" * 15)

        assert codec(now=now).verify(issued).phone_number == "9" * 15


class TestTime:
    @pytest.mark.parametrize("late", [0, 0.001, 1, TOKEN_LIFE_S])
    def test_a_token_is_expired_at_exp_itself_and_after(self, late: float):
        issued = codec().issue(USER_ID, PHONE)

        with pytest.raises(TokenExpired):
            codec(now=NOW + 604_800 + late).verify(issued)

    @pytest.mark.parametrize("ahead", [61, 3600, 1 << 40])
    def test_a_token_issued_in_the_future_is_refused(self, ahead: int):
        claims = claims_with(iat=NOW + ahead, exp=NOW + ahead + 60)

        assert code_of(token_of(claims)) == "token_invalid"

    def test_a_token_that_lives_a_second_too_long_is_refused(self):
        claims = claims_with(exp=NOW + 604_801)

        assert code_of(token_of(claims)) == "token_invalid"

    def test_a_forged_token_is_never_called_expired(self):
        forged = token_of(claims_with(iat=NOW - 2 * TOKEN_LIFE_S, exp=NOW - TOKEN_LIFE_S), secret=OLD)

        assert code_of(forged) == "token_invalid"

    def test_an_expired_token_says_so_in_its_code_only(self):
        expired = token_of(claims_with(iat=NOW - TOKEN_LIFE_S, exp=NOW))

        assert code_of(expired) == "token_expired"


class TestRefuse:
    def test_every_change_of_one_character_is_refused(self):
        issued = codec().issue(USER_ID, PHONE)
        verifier = codec()
        accepted = []

        for place, character in enumerate(issued):
            for other in BASE64URL + "=.+/ é\0":
                changed = issued[:place] + other + issued[place + 1 :]
                if other != character and _accepts(verifier, changed):
                    accepted.append(changed)

        assert accepted == []

    @given(user_ids, phones, st.data())
    def test_a_change_of_one_character_of_any_token_is_refused(self, user_id: str, phone: str, data: st.DataObject):
        issued = codec().issue(user_id, phone)
        place = data.draw(st.integers(0, len(issued) - 1))
        other = data.draw(st.characters().filter(lambda character: character != issued[place]))

        assert not _accepts(codec(), issued[:place] + other + issued[place + 1 :])

    def test_every_missing_or_doubled_character_is_refused(self):
        issued = codec().issue(USER_ID, PHONE)
        changed = [issued[:place] + issued[place + 1 :] for place in range(len(issued))]
        changed += [issued[:place] + issued[place] + issued[place:] for place in range(len(issued))]

        assert [token for token in changed if _accepts(codec(), token)] == []

    def test_no_other_spelling_of_the_signature_is_accepted(self):
        head, _, signature = codec().issue(USER_ID, PHONE).rpartition(".")

        others = aliases(signature)

        assert len(others) == 3
        assert [other for other in others if _accepts(codec(), f"{head}.{other}")] == []

    @pytest.mark.parametrize(("phone", "spellings"), [("9" * 11, 0), ("9" * 12, 15), ("9" * 13, 3)])
    def test_no_other_spelling_of_the_payload_is_accepted_even_if_signed(self, phone: str, spellings: int):
        header, payload, _ = codec().issue(USER_ID, phone).split(".")

        others = aliases(payload)

        assert len(others) == spellings
        assert [other for other in others if _accepts(codec(), signed(header, other))] == []
        assert _accepts(codec(), signed(header, payload))

    @pytest.mark.parametrize("spelled", ["{}=", "{}==", "{}\n", " {}", "{} ", "{}.", "{}!", "{}A", "{}é"])
    def test_a_payload_that_is_not_plain_base64url_is_refused_even_if_signed(self, spelled: str):
        header, payload, _ = codec().issue(USER_ID, PHONE).split(".")

        assert not _accepts(codec(), signed(header, spelled.format(payload)))

    def test_the_other_base64_alphabet_is_refused_even_if_signed(self):
        text = json.dumps(CLAIMS, separators=(",", ":")).replace(USER_ID, "~~~???" + USER_ID[6:])
        payload = base64url(text.encode())
        assert {"-", "_"} & set(payload)

        assert not _accepts(codec(), signed(base64url(HEADER.encode()), payload.translate({45: "+", 95: "/"})))

    @pytest.mark.parametrize(
        "spelled",
        ["{} ", " {}", "{}\n", "\n{}", "\t{}", "{}\r\n", "{}=", "{}==", "{}.", ".{}", "{}\0", "\0{}", "\ufeff{}"],
    )
    def test_nothing_may_stand_around_a_token(self, spelled: str):
        issued = codec().issue(USER_ID, PHONE)

        assert code_of(spelled.format(issued)) == "token_invalid"

    @pytest.mark.parametrize(
        "token",
        [
            "",
            " ",
            ".",
            "..",
            "...",
            "a.b.c",
            "\0",
            "é",
            "ключ.ключ.ключ",
            "x" * 9000,
            "x" * 3000 + "." + "y" * 3000 + "." + "z" * 3000,
            "\ud800",
            "null",
            "{}",
            base64url(HEADER.encode()),
            base64url(HEADER.encode()) + ".",
            base64url(HEADER.encode()) + "..",
        ],
    )
    def test_what_is_no_token_is_refused(self, token: str):
        assert code_of(token) == "token_invalid"

    def test_nine_kilobytes_of_blanks_among_the_claims_are_refused_even_if_signed(self):
        assert code_of(token_of(json.dumps(CLAIMS) + " " * 9000)) == "token_invalid"

    def test_a_token_beside_a_token_is_refused(self):
        header, payload, signature = codec().issue(USER_ID, PHONE).split(".")
        doubled = f"{header}.{payload}"

        assert not _accepts(codec(), f"{doubled}.{payload}.{signature}")
        assert not _accepts(codec(), signed(doubled, payload))

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_another_hash_by_the_same_secret_is_refused(self, algorithm: str):
        secret = NEW * 3
        encoded = jwt.encode(dict(CLAIMS), secret, algorithm, sort_headers=True)

        assert not _accepts(codec(secret), encoded)

    def test_an_unsigned_token_is_refused(self):
        encoded = jwt.encode(dict(CLAIMS), None, "none", sort_headers=True)

        assert not _accepts(codec(), encoded)
        assert not _accepts(codec(), encoded.rstrip("."))

    @pytest.mark.parametrize(
        "header",
        [
            '{"alg":"none","typ":"JWT"}',
            '{"alg":"None","typ":"JWT"}',
            '{"alg":"HS384","typ":"JWT"}',
            '{"alg":"HS512","typ":"JWT"}',
            '{"alg":"RS256","typ":"JWT"}',
            '{"alg":"ES256","typ":"JWT"}',
            '{"alg":"hs256","typ":"JWT"}',
            '{"typ":"JWT","alg":"HS256"}',
            '{"alg": "HS256", "typ": "JWT"}',
            '{"alg":"HS256","typ":"jwt"}',
            '{"alg":"HS256"}',
            '{"typ":"JWT"}',
            '{"alg":"HS256","typ":"JWT","kid":"1"}',
            '{"alg":"HS256","typ":"JWT","jwk":{}}',
            '{"alg":"HS256","typ":"JWT","crit":["exp"],"b64":false}',
            '{"kid":"1","alg":"HS256","typ":"JWT"}',
            '{"alg":"HS256","typ":"JWT"} ',
            "{}",
            "[]",
            "",
        ],
    )
    def test_any_header_but_the_one_is_refused_even_if_signed(self, header: str):
        assert code_of(token_of(CLAIMS, header=header)) == "token_invalid"

    def test_the_helper_that_signs_odd_tokens_makes_good_ones_too(self):
        assert codec().verify(token_of(CLAIMS)) == Claims(USER_ID, PHONE, NOW, NOW + TOKEN_LIFE_S)

    @pytest.mark.parametrize("missing", list(CLAIMS))
    def test_every_claim_is_needed(self, missing: str):
        claims = {name: value for name, value in CLAIMS.items() if name != missing}

        assert code_of(token_of(claims)) == "token_invalid"

    @pytest.mark.parametrize("extra", ["nbf", "jti", "sub", "aud", "user_id", "UserId", "", "é"])
    def test_no_other_claim_is_allowed(self, extra: str):
        assert code_of(token_of(claims_with(**{extra: 1}))) == "token_invalid"

    @pytest.mark.parametrize("name", ["iat", "exp"])
    @pytest.mark.parametrize(
        "value", ["float", "half", "text", "exponent", True, False, None, [], {}, [NOW], float("inf"), 10**400]
    )
    def test_times_are_whole_numbers(self, name: str, value: object):
        usual = CLAIMS[name]
        spelled = {"float": f"{usual}.0", "half": f"{usual}.5", "text": f'"{usual}"', "exponent": f"{usual}e0"}
        written = spelled.get(value, json.dumps(value)) if isinstance(value, str) else json.dumps(value)
        text = json.dumps(CLAIMS).replace(f'"{name}": {usual}', f'"{name}": {written}')
        assert text != json.dumps(CLAIMS)

        assert code_of(token_of(text)) == "token_invalid"

    @pytest.mark.parametrize(
        "user_id",
        [
            "",
            "1",
            USER_ID.upper(),
            USER_ID.replace("-", ""),
            f"{{{USER_ID}}}",
            f"urn:uuid:{USER_ID}",
            f" {USER_ID}",
            f"{USER_ID}\n",
            f"{USER_ID}0",
            USER_ID[:-1],
            USER_ID[:-1] + "g",
            USER_ID[:-1] + "٣",
            "27a2b87293b4-44ba-8835-75163463e903-",
            1,
            None,
            True,
            [USER_ID],
            {"id": USER_ID},
        ],
    )
    def test_a_user_id_of_odd_form_is_refused(self, user_id: object):
        assert code_of(token_of(claims_with(userId=user_id))) == "token_invalid"

    @pytest.mark.parametrize(
        "phone",
        [
            "",
            "+998997961877",
            "0998997961877",
            "1234",
            "9" * 16,
            "998 99 796 18 77",
            "99899796187a",
            "998997961877\n",
            "\n998997961877",
            "٩٩٨٩٩٧٩٦١٨٧٧",
            998997961877,
            None,
            False,
            ["998997961877"],
        ],
    )
    def test_a_phone_number_of_odd_form_is_refused(self, phone: object):
        assert code_of(token_of(claims_with(phoneNumber=phone))) == "token_invalid"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "[]",
            "1",
            '"text"',
            "{}",
            "{",
            json.dumps(CLAIMS) + " x",
            json.dumps(CLAIMS) + json.dumps(CLAIMS),
            "[" * 200,
            json.dumps([CLAIMS]),
            "'" + json.dumps(CLAIMS) + "'",
            "\ufeff" + json.dumps(CLAIMS),
        ],
    )
    def test_claims_that_are_no_json_object_are_refused(self, text: str):
        assert code_of(token_of(text)) == "token_invalid"

    def test_claims_in_broken_utf8_are_refused(self):
        text = json.dumps(CLAIMS).encode().replace(b"998997961877", b"99899796187\xff")

        assert code_of(signed(base64url(HEADER.encode()), base64url(text))) == "token_invalid"

    def test_a_claim_given_twice_means_what_the_oracle_says_or_nothing(self):
        other = str(uuid.UUID(int=7))
        text = json.dumps(CLAIMS).replace('{"userId"', f'{{"userId": "{other}", "userId"')
        doubled = token_of(text)
        oracle = jwt.decode(doubled, NEW, ["HS256"], options={"verify_exp": False, "verify_iat": False})

        try:
            said = codec().verify(doubled).user_id
        except TokenRejected:
            said = None

        assert said in {None, oracle["userId"]}


def _accepts(verifier: TokenCodec, token: str) -> bool:
    try:
        verifier.verify(token)
    except TokenRejected:
        return False
    return True
