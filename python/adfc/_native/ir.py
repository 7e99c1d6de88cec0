"""MLIR's Python API, as far as the classes that mlir-tblgen generates for a dialect use it.

The generated classes derive from `OpView`; what they hold is the extension's `Operation`. Where
upstream keeps the current location and place to insert at in thread-local stacks, here both are
passed: `loc` is required, and so is `ip`, the block at whose end an operation is put.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from adfc._native._adfc import (
    Attribute,
    Block,
    Context,
    Location,
    Operation,
    Region,
    Type,
    Value,
)

__all__ = [
    "ArrayAttr",
    "AttrBuilder",
    "Attribute",
    "BoolAttr",
    "DenseI32ArrayAttr",
    "DenseI64ArrayAttr",
    "DictAttr",
    "FlatSymbolRefAttr",
    "IntegerAttr",
    "IntegerType",
    "OpOperandList",
    "OpResult",
    "OpView",
    "RankedTensorType",
    "Region",
    "StringAttr",
    "Type",
    "TypeAttr",
    "UnitAttr",
    "Value",
    "register_attribute_builder",
]


def _item(cls: type, _: object) -> type:
    return cls


# Generated code annotates with Value[T], which nothing here looks at.
setattr(Value, "__class_getitem__", classmethod(_item))  # noqa: B010

ArrayAttr = BoolAttr = DenseI32ArrayAttr = DenseI64ArrayAttr = DictAttr = Attribute
FlatSymbolRefAttr = StringAttr = TypeAttr = Attribute
OpOperandList = list[Value]
OpResult = Value
RankedTensorType = Type


class Dialect:
    """Base of the class that stands for a dialect."""

    DIALECT_NAMESPACE: ClassVar[str]


class UnitAttr:
    """An attribute that says something by being there."""

    @staticmethod
    def get(context: Context) -> Attribute:
        """The attribute."""
        return Attribute.unit(context)


class IntegerType:
    """Integers of some width."""

    @staticmethod
    def get_signless(bits: int, context: Context | None = None) -> int:
        """The width, which is all that `IntegerAttr.get` wants."""
        del context
        return bits


class IntegerAttr:
    """An integer."""

    @staticmethod
    def get(bits: int, value: int) -> Callable[[Context], Attribute]:
        """What makes the attribute, once the context is known."""
        return lambda context: Attribute.integer(context, value, bits)


Builder = Callable[..., Any]


class AttrBuilder:
    """How Python values become attributes, by the attribute's name in TableGen."""

    builders: ClassVar[dict[str, Builder]] = {}

    @classmethod
    def contains(cls, name: str) -> bool:
        """Whether values of that attribute can be given as Python values."""
        return name in cls.builders

    @classmethod
    def get(cls, name: str) -> Builder:
        """The builder: value, context= -> attribute."""

        def build(value: Any, *, context: Context) -> Attribute:
            made = cls.builders[name](value, context)
            return made if isinstance(made, Attribute) else made(context)

        return build


def register_attribute_builder(name: str) -> Callable[[Builder], Builder]:
    """Decorator: the function makes attributes of that name."""

    def register(builder: Builder) -> Builder:
        AttrBuilder.builders[name] = builder
        return builder

    return register


class _Attributes:
    """An operation's attributes by name."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def __getitem__(self, name: str) -> Attribute:
        value = self._operation.attribute(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self._operation.attribute(name) is not None

    def __setitem__(self, name: str, value: Attribute) -> None:
        self._operation.set_attribute(name, value)

    def __delitem__(self, name: str) -> None:
        self._operation.remove_attribute(name)


class _Body:
    """The operation behind a view, with what generated properties ask of it."""

    def __init__(self, operation: Operation) -> None:
        self.handle = operation
        self.attributes = _Attributes(operation)

    @property
    def operands(self) -> list[Value]:
        return self.handle.operands

    @property
    def results(self) -> list[Value]:
        return self.handle.results


class OpView:
    """Base of the generated classes: an operation, made at the end of a block."""

    OPERATION_NAME: ClassVar[str]
    _ODS_REGIONS: ClassVar[tuple[int, bool]] = (0, True)
    _ODS_OPERAND_SEGMENTS: ClassVar[Any] = None
    _ODS_RESULT_SEGMENTS: ClassVar[Any] = None

    def __init__(
        self,
        name: str,
        ods_regions: tuple[int, bool],
        operand_segments: Any,
        result_segments: Any,
        *,
        attributes: Mapping[str, Attribute],
        operands: Sequence[Any],
        results: Sequence[Type] = (),
        successors: None = None,
        regions: None = None,
        loc: Location,
        ip: Block,
    ) -> None:
        del successors, regions
        if operand_segments is not None or result_segments is not None:
            raise NotImplementedError(f"{name} has operands in segments")
        self._body = _Body(
            Operation.create(
                ip,
                name,
                [value_of(operand) for operand in operands],
                list(results),
                list(attributes.items()),
                ods_regions[0],
                loc,
            )
        )

    @property
    def operation(self) -> Any:
        """The operation."""
        return self._body

    @property
    def regions(self) -> list[Region]:
        """Its regions, each with one block."""
        return self._body.handle.regions

    @property
    def block(self) -> Block:
        """The block of its only region."""
        return self.regions[0].blocks[0]

    @property
    def value(self) -> Value:
        """Its only result."""
        return self._body.handle.results[0]

    def __str__(self) -> str:
        return str(self._body.handle)


def value_of(value: Value | OpView) -> Value:
    """A value, or an operation's only result."""
    return value if isinstance(value, Value) else value.value


def values_of(values: Sequence[Value | OpView] | OpView) -> Iterator[Value]:
    """Values, of operations their only results."""
    return map(value_of, [values] if isinstance(values, OpView) else values)


def _list_builder(make: Callable[[Context, list[int]], Attribute]) -> Builder:
    def build(values: Sequence[int], context: Context) -> Attribute:
        return make(context, list(values))

    return build


def _text_builder(make: Callable[[Context, str], Attribute]) -> Builder:
    def build(text: str, context: Context) -> Attribute:
        return make(context, text)

    return build


def _integer(value: int, context: Context) -> Attribute:
    return Attribute.integer(context, value, 64)


AttrBuilder.builders.update(
    {
        "StrAttr": _text_builder(Attribute.string),
        "SymbolNameAttr": _text_builder(Attribute.string),
        "FlatSymbolRefAttr": _text_builder(Attribute.symbol),
        "I64Attr": _integer,
        "DenseI64ArrayAttr": _list_builder(Attribute.i64_list),
        "DenseI32ArrayAttr": _list_builder(Attribute.i32_list),
    }
)
