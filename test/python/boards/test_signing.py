"""Signed images: what a board with a key takes and refuses, and what the host makes of keys."""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from adfc import signing
from adfc.boards import Board, NetworkOptions, build_elf
from adfc.boards.package import with_code
from adfc.boards.serve import ServedBoard, serve
from adfc.errors import ExecutionError, ImageError, InputError
from adfc.image import rimfs
from adfc.program import Program
from adfc.remote import InferenceClient, read_status, upload
from adfc.runtime import verify

Zoo = Callable[[str, str], Program]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "k.pem"
    signing.make_key(path)
    return path


@pytest.fixture(scope="module")
def digits(zoo: Zoo) -> bytes:
    return with_code(zoo("virt", "digits").image, "aarch64")


@dataclass(frozen=True)
class _Locked:
    """A board with a key, whose linked image has version 5."""

    served: ServedBoard
    key: Path


@pytest.fixture(scope="module")
def locked(
    bootable: Callable[[str], Board],
    digits: bytes,
    key: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[_Locked]:
    board, elf = bootable("virt"), tmp_path_factory.mktemp("locked") / "app.elf"
    network = NetworkOptions(key=signing.public_key(key))
    build_elf(signing.sign(digits, key, 5), board, elf, network=network)
    with serve(elf, board) as served:
        yield _Locked(served, key)


def _altered(image: bytes) -> bytes:
    """One bit of the weights changed, and all checksums right."""
    sections = {name: bytearray(data) for name, data in rimfs.read(image).items()}
    sections["weights"][99] ^= 1
    return rimfs.write([rimfs.Section(name, bytes(data)) for name, data in sections.items()])


@pytest.mark.boards
@pytest.mark.parametrize("fault", ["unsigned", "altered", "older", "another key", "version forged"])
def test_what_is_refused(fault: str, locked: _Locked, digits: bytes, tmp_path: Path) -> None:
    """Every such image passes all checks of a board without a key."""
    if fault == "unsigned":
        image, reason = digits, "the image is not signed"
    elif fault == "altered":
        image = _altered(signing.sign(digits, locked.key, 9))
        reason = "the image was altered after it was signed"
    elif fault == "older":
        image = signing.sign(digits, locked.key, 4)
        reason = r"older than the active one, or one that ran before: version 4, here is \d"
    elif fault == "another key":
        signing.make_key(tmp_path / "other.pem")
        image = signing.sign(digits, tmp_path / "other.pem", 9)
        reason = "signed with another key"
    else:
        old = signing.sign(digits, locked.key, 4)
        section = bytes(rimfs.read(old)["signature"])
        forged = section[:8] + struct.pack("<I", 9) + section[12:]
        others = [rimfs.Section(n, bytes(d)) for n, d in rimfs.read(old).items()][:-1]
        image = rimfs.write([*others, rimfs.Section("signature", forged)])
        reason = "the image was altered after it was signed"
    verify(image)
    before = read_status(locked.served.upload, time_limit=30)
    with pytest.raises(ImageError, match=f"refused the image: .*{reason}"):
        upload(image, locked.served.upload, time_limit=30)
    after = read_status(locked.served.upload, time_limit=30)
    assert (after.slot, after.image_crc) == (before.slot, before.image_crc)


@pytest.mark.boards
def test_newer_images_are_taken_and_run(locked: _Locked, digits: bytes) -> None:
    """The same version again, then newer ones; from then on the newest is what counts."""
    for version in (5, 6, 7):
        image = signing.sign(digits, locked.key, version)
        status = upload(image, locked.served.upload, time_limit=30)
        assert (status.image_version, status.needs_signature) == (version, True)
    with InferenceClient(locked.served.inference, time_limit=60) as client:
        assert client.model.name == "digits"
        client.run([np.zeros(spec.array_shape, np.int8) for spec in client.model.inputs])
    with pytest.raises(ImageError, match="version 6, here is 7"):
        upload(signing.sign(digits, locked.key, 6), locked.served.upload, time_limit=30)


@pytest.mark.boards
def test_versions_that_ran_outlast_a_reset(
    bootable: Callable[[str], Board], digits: bytes, key: Path, tmp_path: Path
) -> None:
    """Version 5 is linked, 7 ran: after a reset 5 is active again, but 6 is refused and 7 taken."""
    board, elf = bootable("virt"), tmp_path / "app.elf"
    build_elf(
        signing.sign(digits, key, 5),
        board,
        elf,
        network=NetworkOptions(key=signing.public_key(key)),
    )
    memory = f"memory-backend-file,id=ram,size=2G,share=on,mem-path={tmp_path / 'memory'}"
    keep = ["-object", memory, "-machine", "memory-backend=ram"]
    with serve(elf, board, qemu_arguments=keep) as served:
        upload(signing.sign(digits, key, 7), served.upload, time_limit=60)
        with InferenceClient(served.inference, time_limit=60) as client:
            client.run([np.zeros(spec.array_shape, np.int8) for spec in client.model.inputs])
    with serve(elf, board, qemu_arguments=keep) as served:
        assert read_status(served.upload, time_limit=60).image_version == 5
        with pytest.raises(ImageError, match="version 6, here is 7"):
            upload(signing.sign(digits, key, 6), served.upload, time_limit=60)
        status = upload(signing.sign(digits, key, 7), served.upload, time_limit=60)
        assert status.image_version == 7


@pytest.mark.boards
def test_a_linked_image_is_checked_too(
    bootable: Callable[[str], Board], digits: bytes, key: Path, tmp_path: Path
) -> None:
    board, elf = bootable("virt"), tmp_path / "app.elf"
    build_elf(digits, board, elf, network=NetworkOptions(key=signing.public_key(key)))
    with pytest.raises(ExecutionError, match="the image is not signed"), serve(elf, board):
        pass


def test_a_signature_is_the_same_every_time(digits: bytes, key: Path) -> None:
    """And the image remains an image: same parts, one section more; signing again replaces it."""
    image = signing.sign(digits, key, 3)
    assert image == signing.sign(digits, key, 3)
    assert signing.sign(image, key, 3) == image
    assert list(rimfs.read(image)) == [*rimfs.read(digits), "signature"]
    assert signing.check(image, signing.public_key(key), key) == 3
    public = key.with_suffix(".pub.pem")
    assert signing.check(image, signing.public_key(public), public) == 3
    with pytest.raises(ImageError, match="was altered"):
        signing.check(_altered(image), signing.public_key(public), public)
    with pytest.raises(ImageError, match="is not signed"):
        signing.check(digits, signing.public_key(public), public)


def test_keys(key: Path, tmp_path: Path) -> None:
    assert key.stat().st_mode & 0o077 == 0, "the private key is its owner's alone"
    with pytest.raises(InputError, match="exists; keys are never overwritten"):
        signing.make_key(key)
    (tmp_path / "no.pem").write_text("nothing")
    with pytest.raises(InputError, match="is no RSA key"):
        signing.public_key(tmp_path / "no.pem")
    with pytest.raises(InputError, match="does not exist"):
        signing.public_key(tmp_path / "missing.pem")


def test_a_public_key_does_not_sign(digits: bytes, key: Path) -> None:
    public = key.with_suffix(".pub.pem")
    with pytest.raises(InputError, match=r"k\.pub\.pem is a public key.*sign with the secret one"):
        signing.sign(digits, public, 3)
