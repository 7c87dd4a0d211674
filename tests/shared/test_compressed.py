"""What is kept compressed comes back to the byte, and is found by the ids that stand in it and by no others."""

from __future__ import annotations

import json
import zlib
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.compressed import compressed, uncompressed
from shared.travel.redaction import GONE, bytes_without

ANNE, BASTIEN = "01890a5d-ac96-774b-bcce-b302099a8057", "a9e2f6dc-9c8a-5a84-acba-4a8f6906eeb8"

texts = st.sampled_from(
    [ANNE, BASTIEN, f"parle d’{ANNE}", f"{BASTIEN}-{ANNE}", f"{BASTIEN}{ANNE}", f"0-{ANNE}-0", ANNE[1:], "été", "-"]
)
documents = st.recursive(
    st.none() | st.integers() | texts | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def bytes_of(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@given(documents)
def test_a_document_comes_back_to_the_byte(document: Any) -> None:
    assert uncompressed(compressed(bytes_of(document))) == bytes_of(document)


@given(documents)
def test_whoever_is_in_a_document_is_found_in_what_is_kept_of_it(document: Any) -> None:
    plain = bytes_of(document)
    for person in (ANNE, BASTIEN):
        assert (person.encode() in compressed(plain)) is (person.encode() in plain)


@given(documents)
def test_nobody_is_found_any_more_whom_a_document_lost(document: Any) -> None:
    left = bytes_without(bytes_of(document), [UUID(ANNE)])
    if left is not GONE:
        assert ANNE.encode() not in compressed(left)


@pytest.mark.parametrize("plain", [bytes_of({"people": [ANNE]}), bytes_of([ANNE]), bytes_of({})])
def test_what_the_release_before_kept_is_read_as_it_is(plain: bytes) -> None:
    assert uncompressed(plain) == plain


def test_what_repeats_itself_far_apart_is_kept_once() -> None:
    account = " ".join(str(number) for number in range(2_000))
    document = bytes_of({"accounts": [account] * 40})
    assert len(compressed(document)) < len(document) / 20
    assert uncompressed(compressed(document)) == zlib.decompress(compressed(document)) == document
