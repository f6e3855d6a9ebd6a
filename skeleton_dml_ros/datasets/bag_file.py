# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read a ROS 2 bag's topics and messages, as plain objects.

The package rosbags reads sqlite3 and MCAP bags, also compressed, without ROS.  Bags recorded with Iron
or later, or as MCAP, contain their message definitions.  For older ones, ROS's messages are taken from
Humble and this package's own are known; other messages cannot be read.

Messages are read one by one, so a bag may be larger than memory.

A recorder that is killed leaves messages in a write-ahead log, which rosbags ignores, or metadata that does
not name all files.  The log is applied to a copy, and files that the metadata do not name are read too.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.shared_files import NAME, import_failure, shared_file

if TYPE_CHECKING:
    from rosbags.interfaces import Connection
    from rosbags.rosbag2 import Reader
    from rosbags.typesys.store import Typestore

METADATA = "metadata.yaml"

ENDINGS = (".mcap", ".db3")
"""Suffixes of the files that hold a bag's messages."""

PENDING = ("-wal", "-journal")
"""Suffixes of what a killed recorder leaves beside a ``.db3`` file."""

MAX_ELEMENTS, MAX_DIGITS = 100_000, 9
"""Maximum elements of all fixed arrays of a message's definition, and digits of one size."""

COMPRESSED = ".zstd"
"""Suffix of a bag's compressed files."""

ROS_1 = ".bag"
"""Suffix of ROS 1's bags."""

OWN_MESSAGES = ("Skeleton", "SkeletonArray")
"""This package's messages in bags without definitions."""

MAX_LISTED = 8
"""Maximum number of topics that an error lists."""


class BagError(SkeletonDmlError):
    """A bag cannot be read, or lacks what was asked for."""

    def __init__(self, text: str) -> None:
        # The text may quote foreign names.
        super().__init__(one_line(text))


@dataclass(frozen=True)
class BagTopic:
    """A topic of a bag.

    Attributes:
        name: with the leading slash.
        type: of its messages.
        messages: their number.
    """

    name: str
    type: str
    messages: int

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"


def is_bag(path: str | Path) -> bool:
    """Whether this is a bag's folder or one of its files, or a bag that :func:`open_bag` explains."""
    path = Path(path)
    if path.is_dir():
        return (path / METADATA).is_file() or bool(_storage_files(path))
    return path.suffix in (*ENDINGS, COMPRESSED, ROS_1)


def _storage_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in ENDINGS)


def listed(topics: Collection[BagTopic]) -> str:
    """Up to `MAX_LISTED` topics in one line."""
    names = [str(topic) for topic in topics][:MAX_LISTED]
    if len(topics) > len(names):
        names.append(f"{len(topics) - len(names)} more")
    return ", ".join(names) or "none"


class _Reader(Protocol):
    """What is needed of a reader of rosbags."""

    @property
    def connections(self) -> list[Connection]: ...

    def messages(
        self, connections: Collection[Connection]
    ) -> Generator[tuple[Connection, int, bytes], None, None]: ...


class _Files:
    """Storage files of a bag whose metadata do not describe them, in order of their first messages.

    Args:
        readers: of each file, open.
    """

    def __init__(self, readers: list[Reader]) -> None:
        self._readers = sorted(readers, key=lambda one: one.start_time)

    @property
    def connections(self) -> list[Connection]:
        return [connection for reader in self._readers for connection in reader.connections]

    def messages(
        self, connections: Collection[Connection]
    ) -> Generator[tuple[Connection, int, bytes], None, None]:
        wanted = set(map(id, connections))
        for reader in self._readers:
            own = [connection for connection in reader.connections if id(connection) in wanted]
            # Without connections, a reader gives all messages.
            if own:
                yield from reader.messages(own)


class BagFile:
    """An open bag.

    Args:
        path: of the bag, for errors.
        reader: reads it.
        remark: what its metadata do not tell, for a warning; may be empty.

    Attributes:
        topics: by name; a topic with several types has its most frequent one.
    """

    def __init__(self, path: Path, reader: _Reader, remark: str = "") -> None:
        self.path = path
        self.remark = remark
        self._reader = reader
        self._stores: dict[str, Typestore] = {}
        self._connections: dict[str, list[Connection]] = {}
        self.topics: dict[str, BagTopic] = {}
        for connection in sorted(reader.connections, key=lambda one: -one.msgcount):
            name = connection.topic
            before = self.topics.setdefault(name, BagTopic(name, connection.msgtype, 0))
            if connection.msgtype == before.type:
                self._connections.setdefault(name, []).append(connection)
                count = before.messages + connection.msgcount
                self.topics[name] = BagTopic(name, before.type, count)

    def messages(self, topics: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Topic and content of each message on these topics, in order of log time.

        Raises:
            BagError: the bag is damaged.
        """
        connections = [one for topic in topics for one in self._connections.get(topic, ())]
        if not connections:
            return
        try:
            for connection, _, content in self._reader.messages(connections):
                yield connection.topic, content
        except Exception as error:
            # Errors come from the bag's format, its compression or the database.
            raise BagError(
                f"{self.path} is damaged: {_said(error)}; {_remedy(self.path)}"
            ) from error

    def decoded(self, topic: str, content: bytes) -> Any:
        """The message as an object with the message's fields.

        Raises:
            BagError: the content does not match the type, or the type is unknown.
        """
        type_name = self.topics[topic].type
        store = self._store(topic)
        try:
            return store.deserialize_cdr(content, type_name)
        except Exception as error:
            raise BagError(
                f"a message on {topic} cannot be decoded as {type_name}: {_said(error)}"
            ) from error

    def check_definition(self, topic: str) -> None:
        """Check that a topic's messages can be decoded.

        Raises:
            BagError: their definition is unknown.
        """
        self._store(topic)

    def _store(self, topic: str) -> Typestore:
        type_name = self.topics[topic].type
        if type_name not in self._stores:
            definitions = [one.msgdef for one in self._connections[topic] if one.msgdef.data]
            if definitions:
                self._stores[type_name] = self._store_of_bag(type_name, definitions[0])
            else:
                self._stores[type_name] = self._store_of_humble(topic)
        return self._stores[type_name]

    def _store_of_bag(self, type_name: str, definition: Any) -> Typestore:
        from rosbags.interfaces import MessageDefinitionFormat
        from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore

        # rosbags writes code for each element of a fixed array.
        sizes = re.findall(r"\[\s*(\d+)\s*\]", definition.data)
        if max(map(len, sizes), default=0) > MAX_DIGITS or sum(map(int, sizes)) > MAX_ELEMENTS:
            raise BagError(
                f"{self.path}: its definition of {type_name} has fixed arrays of more than "
                f"{MAX_ELEMENTS} elements; record another topic"
            )
        store = get_typestore(Stores.EMPTY)
        try:
            if definition.format is MessageDefinitionFormat.MSG:
                store.register(get_types_from_msg(definition.data, type_name))
            else:
                rule = "=" * 80 + "\n"
                for part in definition.data.split(rule):
                    text = part.partition("\n")[2] if part.startswith("IDL: ") else part
                    if text.strip():
                        store.register(get_types_from_idl(text))
            store.get_msgdef(type_name)
        except Exception as error:
            raise BagError(
                f"{self.path}: its definition of {type_name} cannot be used: {_said(error)}"
            ) from error
        return store

    def _store_of_humble(self, topic: str) -> Typestore:
        """Types for a bag without definitions.

        Raises:
            BagError: the topic's type is not among them.
        """
        from rosbags.typesys import Stores, get_types_from_msg, get_typestore

        store = get_typestore(Stores.ROS2_HUMBLE)
        types = {}
        for name in OWN_MESSAGES:
            text = shared_file(f"msg/{name}.msg").read_text(encoding="utf-8")
            types.update(get_types_from_msg(text, f"{NAME}/msg/{name}"))
        store.register(types)
        type_name = self.topics[topic].type
        if type_name not in store.fielddefs:
            raise BagError(
                f"{self.path} has no definition of {type_name}, so {topic} cannot be read; "
                "record with Iron or later, or as MCAP"
            )
        return store


@contextmanager
def open_bag(path: str | Path) -> Iterator[BagFile]:
    """Open a bag for the duration of the block.

    Args:
        path: the bag's folder, or one of its files (``.mcap``, ``.db3``).

    Raises:
        BagError: it is not a bag, is damaged, or rosbags is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise BagError(f"there is no bag at {path}")
    if path.suffix == ROS_1:
        raise BagError(
            f"{path} is a ROS 1 bag; convert it with rosbags-convert --src {path} --dst "
            f"{path.with_suffix('')}"
        )
    if path.suffix == COMPRESSED and not path.is_dir():
        raise BagError(
            f"{path} is a compressed file of a bag; give its folder, {path.absolute().parent}"
        )
    if not is_bag(path):
        raise BagError(
            f"{path} is not a ROS 2 bag; give a folder with {METADATA}, or a file ending in "
            f"{' or '.join(ENDINGS)}"
        )
    if path.is_dir() and not (path / METADATA).is_file():
        raise BagError(
            f"{path} has no {METADATA}; create it with ros2 bag reindex {path}, or give one of its "
            f"files, such as {_storage_files(path)[0]}"
        )
    try:
        from rosbags.rosbag2 import Reader
    except ModuleNotFoundError as error:
        raise BagError(f"reading bags needs rosbags; pip install '{NAME}[bags]'") from error
    except Exception as error:
        raise BagError(import_failure("rosbags", error)) from error
    with ExitStack() as stack:
        try:
            whole = _with_pending(path, stack)
            reader: Reader = stack.enter_context(Reader(whole))
            bag = BagFile(path, *_whole_reader(whole, reader, stack))
        except Exception as error:
            raise BagError(f"{path} cannot be read: {_said(error)}; {_remedy(path)}") from error
        yield bag


def _with_pending(path: Path, stack: ExitStack) -> Path:
    """The bag, or a copy in which what a killed recorder left beside its files is applied."""
    there = sorted(path.iterdir()) if path.is_dir() else [path]
    pending = [file for file in there if file.suffix == ".db3" and any(_left_beside(file))]
    if not pending:
        return path
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skeleton_dml_bag_")))
    for file in there:
        if file in pending:
            for one in (file, *_left_beside(file)):
                shutil.copyfile(one, folder / one.name)
            with closing(sqlite3.connect(folder / file.name)) as database:
                database.execute("PRAGMA journal_mode=DELETE").fetchall()
        elif file.is_file():
            (folder / file.name).symlink_to(file.absolute())
    return folder if path.is_dir() else folder / path.name


def _left_beside(file: Path) -> list[Path]:
    beside = [file.with_name(file.name + suffix) for suffix in PENDING]
    return [one for one in beside if one.is_file() and one.stat().st_size > 0]


def _whole_reader(path: Path, reader: Reader, stack: ExitStack) -> tuple[_Reader, str]:
    """A reader of all files of a bag, and what its metadata do not tell.

    Args:
        path: of the bag.
        reader: of the bag, open.
        stack: closes further readers.
    """
    if not path.is_dir():
        return reader, ""
    from rosbags.rosbag2 import Reader

    endings = (*ENDINGS, *(ending + COMPRESSED for ending in ENDINGS))
    there = sorted(file for file in path.iterdir() if file.name.endswith(endings))
    storages: list[Any] = reader.storage.storages  # type: ignore[attr-defined]  # of folders only
    stored = sum(one.msgcount for storage in storages for one in storage.connections)
    told = reader.message_count
    if len(there) == len(storages) and stored == told:
        return reader, ""
    if reader.compression_mode in ("file", "message"):
        if len(there) > len(storages):
            remark = f"{METADATA} names {len(storages)} of {len(there)} files; only these were read"
        else:
            remark = f"{METADATA} counts {told} messages, but the files hold {stored}"
        return reader, f"{remark}; repair it with ros2 bag reindex"
    readers = [stack.enter_context(Reader(file)) for file in there]
    held = sum(one.message_count for one in readers)
    return _Files(readers), (
        f"{METADATA} names {told} messages in {len(storages)} files; read {held} in {len(there)}"
    )


def _remedy(path: Path) -> str:
    """How to repair a damaged bag."""
    files = _storage_files(path) if path.is_dir() else [path]
    if not files:
        return "convert other formats to sqlite3 or MCAP with ros2 bag convert"
    if files[0].suffix == ".mcap":
        repair = f"repair truncated files with mcap recover {files[0]} -o recovered.mcap"
    else:
        repair = f"repair damaged files with sqlite3 {files[0]} .recover"
    if path.is_dir():
        repair += f", {METADATA} with ros2 bag reindex, or give {files[0]}"
    return repair


def _said(error: Exception) -> str:
    """A foreign package's error text, without its request to report it."""
    return (str(error) or repr(error)).partition("; please report")[0].rstrip(".")
