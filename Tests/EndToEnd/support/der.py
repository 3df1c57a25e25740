"""A DigestInfo (RFC 8017, 9.2) as it must stand in an RS256 signature, and every wrong way to encode it."""

import hashlib

SHA256 = "2.16.840.1.101.3.4.2.1"


def tlv(tag, content):
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def oid(text):
    first, second, *rest = (int(node) for node in text.split("."))
    encoded = bytes([40 * first + second])
    for node in rest:
        digits = [node & 0x7F]
        while node := node >> 7:
            digits.append(node & 0x7F | 0x80)
        encoded += bytes(reversed(digits))
    return encoded


def digest_info(message, name="sha256", identifier=SHA256):
    algorithm = tlv(0x30, tlv(0x06, oid(identifier)) + tlv(0x05, b""))
    return tlv(0x30, algorithm + tlv(0x04, hashlib.new(name, message).digest()))


def faulty_digest_infos(message):
    """Each with one fault, by the fault's name."""
    digest = hashlib.sha256(message).digest()
    nodes = {
        "DigestInfo": (0x30, tlv(0x30, tlv(0x06, oid(SHA256)) + tlv(0x05, b"")) + tlv(0x04, digest), lambda der: der),
        "algorithm": (
            0x30,
            tlv(0x06, oid(SHA256)) + tlv(0x05, b""),
            lambda der: tlv(0x30, der + tlv(0x04, digest)),
        ),
        "OID": (
            0x06,
            oid(SHA256),
            lambda der: tlv(0x30, tlv(0x30, der + tlv(0x05, b"")) + tlv(0x04, digest)),
        ),
        "NULL": (0x05, b"", lambda der: tlv(0x30, tlv(0x30, tlv(0x06, oid(SHA256)) + der) + tlv(0x04, digest))),
        "digest": (
            0x04,
            digest,
            lambda der: tlv(0x30, tlv(0x30, tlv(0x06, oid(SHA256)) + tlv(0x05, b"")) + der),
        ),
    }
    honest = digest_info(message)
    for node, (tag, content, around) in nodes.items():
        assert around(tlv(tag, content)) == honest
        for fault, der in faults(tag, content):
            if der != tlv(tag, content):
                yield f"{node}: {fault}", around(der)
    for identifier in [
        "2.16.840.1.101.3.4.2.4",
        "2.16.840.1.101.3.4.2.2",
        "1.3.14.3.2.26",
        "1.2.840.113549.2.5",
        f"{SHA256}.0",
        "2.16.840.1.101.3.4.2",
        "2.16.840.1.101.3.4.2.4294967297",
        "2.16.840.1.101.3.4.2.18446744073709551617",
    ]:
        yield f"OID: {identifier}", nodes["OID"][2](tlv(0x06, oid(identifier)))
    yield "OID: a node with a leading zero", nodes["OID"][2](tlv(0x06, oid(SHA256)[:-1] + b"\x80\x01"))
    yield "OID: a node that does not end", nodes["OID"][2](tlv(0x06, oid(SHA256)[:-1] + b"\x81"))


def faults(tag, content):
    """Wrong encodings of one element."""
    start, count = bytes([tag]), len(content)
    constructed = bytes([tag | 0x20])
    lengths = {
        "in long form": bytes([0x81, count]),
        "with a leading zero": bytes([0x82, 0, count]),
        "one too long": bytes([count + 1]),
        "one too short": bytes([max(count - 1, 0)]),
        "that overflows 32 bits": bytes.fromhex("8501000000") + bytes([count]),
        "that overflows 64 bits": bytes.fromhex("890100000000000000") + bytes([count]),
        "2^31 - 1": bytes.fromhex("847fffffff"),
        "2^31": bytes.fromhex("8480000000"),
        "2^32 - 1": bytes.fromhex("84ffffffff"),
        "2^40 - 1": bytes.fromhex("85ffffffffff"),
        "2^64 - 1": bytes.fromhex("88ffffffffffffffff"),
        "of 127 bytes": b"\xff",
        "that is cut": b"\x81",
        "indefinite, without an end": b"\x80",
    }
    for name, length in lengths.items():
        yield f"a length {name}", start + length + content
    yield "removed", b""
    yield "its tag alone", start
    yield "no value", start + b"\0"
    yield "replaced by NULL", b"\x05\0"
    yield "a value of twice the element", tlv(tag, tlv(tag, content))
    for other in {0x00, 0x01, 0x02, 0x03, 0x05, 0x0C, 0x31, 0x80, 0xFF, tag ^ 0x20, tag | 0x80}:
        yield f"tag {other:#04x}", bytes([other, count]) + content
    for name, extra in {
        "zeros": "0000",
        "NULL": "0500",
        "an empty sequence": "3000",
        "an unknown tag": "aa00bb00cd00",
        "a high tag number": "bf7f00",
        "an explicit tag": "a0020500",
        "an implicit tag": "a000",
        "garbage": "498177",
        "an element": "2500",
    }.items():
        extra = bytes.fromhex(extra)
        yield f"{name} in front of the value", tlv(tag, extra + content)
        yield f"{name} behind the value", tlv(tag, content + extra)
        yield f"{name} in front", extra + tlv(tag, content)
        yield f"{name} behind", tlv(tag, content) + extra
    for name, end in {
        "": "0000",
        " and a cut end": "00",
        " and one more element": "05000000",
        " and a cut element": "060811220000",
        " and garbage": "0000fe02beef",
        " and an end with a value": "0001",
    }.items():
        yield f"an indefinite length{name}", start + b"\x80" + content + bytes.fromhex(end)
        parts = tlv(tag, content) + bytes.fromhex(end)
        yield f"made of parts of indefinite length{name}", constructed + b"\x80" + parts
    yield "made of parts", tlv(tag | 0x20, tlv(tag, content[:1]) + tlv(tag, content[1:]))
    yield "made of parts of another tag", constructed + b"\x80" + tlv(0x02, content) + b"\0\0"
    if content:
        yield "the first byte changed", tlv(tag, bytes([content[0] ^ 2]) + content[1:])
        yield "the last byte changed", tlv(tag, content[:-1] + bytes([content[-1] ^ 0x80]))
        yield "without its first byte", tlv(tag, content[1:])
        yield "without its last byte", tlv(tag, content[:-1])
        yield "twice", tlv(tag, content) * 2
