"""Signed images: RSA-3072 with SHA-256 (PKCS #1 v1.5), by the command `openssl`.

The signature is the image's last section; docs/rimfs.md describes it. Same image, key and version,
same bytes.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adfc.errors import ImageError, InputError, ToolError
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.image import rimfs

SECTION = "signature"
KEY_BYTES = 384

_HEAD = struct.Struct("<4s3I8s40x")  # magic, format, version, reserved, key's id
_MAGIC, _FORMAT = b"RSIG", 1
_HEADER_BYTES, _ENTRY_BYTES = 64, 48  # of RIMFS
_ENTRY_OFFSET = 32


@dataclass(frozen=True)
class PublicKey:
    """An RSA key's modulus, big-endian; its exponent is 65537."""

    modulus: bytes

    @property
    def id(self) -> bytes:
        """Eight bytes by which a board tells whose signature it is."""
        return hashlib.sha256(self.modulus).digest()[:8]


def make_key(path: Path) -> Path:
    """Write a new private key to `path` and its public one beside it; returns the latter.

    Raises InputError where one of them exists, ToolError where openssl is missing or fails.
    """
    public = path.with_suffix(".pub.pem")
    for each in (path, public):
        if each.exists():
            raise InputError(f"{each} exists", hint="keys are never overwritten")
    size = f"rsa_keygen_bits:{8 * KEY_BYTES}"
    path.touch(mode=0o600)
    _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", size, "-out", str(path))
    _openssl("pkey", "-in", str(path), "-pubout", "-out", str(public))
    return public


def public_key(path: Path) -> PublicKey:
    """The public key in a PEM file, private or public. Raises InputError for another file."""
    if not path.is_file():
        raise InputError(f"{path} does not exist")
    kind = ["-pubin"] if _is_public(path) else []
    try:
        text = _openssl("rsa", *kind, "-in", str(path), "-noout", "-modulus", "-text")
    except ToolError as error:
        raise InputError(f"{path} is no RSA key", hint="adfc sign --new-key makes one") from error
    found = re.search(r"^Modulus=([0-9A-F]+)$", text, re.MULTILINE)
    exponent = re.search(r"xponent: (\d+)", text)
    if not found or not exponent or exponent[1] != "65537" or len(found[1]) != 2 * KEY_BYTES:
        raise InputError(
            f"{path} is no RSA key of {8 * KEY_BYTES} bits with exponent 65537",
            hint="adfc sign --new-key makes one",
        )
    return PublicKey(bytes.fromhex(found[1]))


def sign(image: bytes, key: Path, version: int) -> bytes:
    """The image with a signature in place of one that it has. `version` counts up, below 2^32.

    Raises ImageError for a damaged image, InputError for a key that is none or public, ToolError.
    """
    if key.is_file() and _is_public(key):
        raise InputError(
            f"{key} is a public key, which only checks signatures",
            hint="sign with the secret one that adfc sign --new-key wrote beside it",
        )
    head = _HEAD.pack(_MAGIC, _FORMAT, version, 0, public_key(key).id)
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        data, value = Path(folder) / "data", Path(folder) / "value"
        data.write_bytes(_signed_bytes(_with_section(image, head + bytes(KEY_BYTES))))
        _openssl("dgst", "-sha256", "-sign", str(key), "-out", str(value), str(data))
        return _with_section(image, head + value.read_bytes())


def check(image: bytes, key: PublicKey, key_file: Path) -> int:
    """The version of an image that is signed with `key`, which is in `key_file`.

    Raises ImageError where it is not signed, or not with that key.
    """
    section = rimfs.read(image).get(SECTION)
    if section is None or len(section) != _HEAD.size + KEY_BYTES:
        raise ImageError("the image is not signed", hint="sign it: adfc sign")
    _, _, version, _, key_id = _HEAD.unpack_from(section)
    if key_id != key.id:
        raise ImageError(f"the image is not signed with {key_file}")
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        data, value = Path(folder) / "data", Path(folder) / "value"
        data.write_bytes(_signed_bytes(image))
        value.write_bytes(section[_HEAD.size :])
        kind = "-verify" if _is_public(key_file) else "-prverify"
        try:
            _openssl("dgst", "-sha256", kind, str(key_file), "-signature", str(value), str(data))
        except ToolError as error:
            raise ImageError("the image was altered after it was signed") from error
    return int(version)


def _is_public(path: Path) -> bool:
    return "PUBLIC KEY" in path.read_text(errors="replace")


def _with_section(image: bytes, section: bytes) -> bytes:
    sections = [
        rimfs.Section(name, bytes(data))
        for name, data in rimfs.read(image).items()
        if name != SECTION
    ]
    return rimfs.write([*sections, rimfs.Section(SECTION, section)])


def _signed_bytes(image: bytes) -> bytes:
    """The signature's head, the other sections' directory entries, and their bytes in the image."""
    count = len(rimfs.read(image))
    last = _HEADER_BYTES + _ENTRY_BYTES * (count - 1)
    (offset,) = struct.unpack_from("<I", image, last + _ENTRY_OFFSET)
    head = image[offset : offset + _HEAD.size]
    return head + image[_HEADER_BYTES:last] + image[last + _ENTRY_BYTES : offset]


def _openssl(*words: str) -> str:
    tool = find_tool(("openssl",), hint="install openssl (Debian: openssl)")
    result = run_tool(tool, words)
    if result.returncode:
        raise ToolError(f"openssl {words[0]}: {failure_text(result)}")
    return result.stdout
