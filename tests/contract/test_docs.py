"""The examples of docs/wire.md are real: each goes through the codec unchanged, and no kind is missing."""

import json
import re
from pathlib import Path

import pytest

from contract import codec, topics
from contract.states import REASONS
from contract.topics import Kind

DOCS = sorted((Path(__file__).parent.parent.parent / "docs").glob("wire*.md"))


def examples(path):
    """(topic, payload as it stands in the document) of every JSON block."""
    blocks = re.findall(r"```json\n(.*?)```", path.read_text("utf-8"), flags=re.DOTALL)
    return [(line["topic"], line["payload"]) for line in map(json.loads, blocks)]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_example_goes_through_the_codec_unchanged(path):
    for topic, payload in examples(path):
        parsed = topics.parse(topic)
        [event] = codec.decode(parsed.kind, json.dumps(payload).encode())
        assert json.loads(codec.encode(event)) == payload


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_kind_and_every_reserved_reason_is_documented(path):
    assert {topics.parse(topic).kind for topic, _ in examples(path)} == set(Kind)
    text = path.read_text("utf-8")
    assert not [reason for reason in REASONS if f"`{reason}`" not in text]
