"""An ONNX file of a stranger, checked before a runtime sees it.

The file is data and runs no code of its own, but it can name other files to be read, declare more
weights than it holds, or never end. What can be told from its description is refused here, in one
sentence; the child's limits on memory and time hold for the rest.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xray_app.core import UnreadableFile, UnsupportedFile, first_line
from xray_app.engines.facts import LARGEST_SIDE

MOST_NODES = 20_000  # the deepest networks in use have some thousands
_LARGEST = 2**31 - 1  # protobuf's own limit
# What ONNX Runtime brings with it; any other domain needs a library that is not here.
_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
_ENDLESS = {"Loop", "Scan"}
_TYPED = {
    1: ("float_data", 1),
    6: ("int32_data", 1),
    7: ("int64_data", 1),
    11: ("double_data", 1),
    12: ("uint64_data", 1),
    13: ("uint64_data", 1),
}


def read_onnx(path: Path) -> Any:
    """Parse and check the file; returns an ``onnx.ModelProto`` with its local functions inlined.

    Weights may lie in other files of the same folder; they are not read yet.

    Raises:
        UnreadableFile: it is damaged, or declares weights that it does not hold.
        UnsupportedFile: it is no model, or holds what is not run here.
    """
    import onnx

    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise UnreadableFile(f"Can't read {path.name}: {first_line(error)}.") from error
    if size > _LARGEST:
        raise UnsupportedFile(
            f"Expected an ONNX file of at most 2 GB, received {size / 1e9:.1f} GB; keep its "
            "weights in a second file beside it."
        )
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf has several types for what it can't read
        raise UnreadableFile(
            f"Expected a whole ONNX file, received {path.name}, which is damaged, cut short or of "
            "another kind; export or copy it again."
        ) from error
    if not model.graph.node or not model.ir_version:
        raise UnreadableFile(
            f"Expected an ONNX model, received {path.name}, which holds no network; export it "
            "again."
        )
    _check(model, path)
    if model.functions:
        model = _inlined(model, path)
        _check(model, path)
    return model


def _check(model: Any, path: Path) -> None:
    graphs = [model.graph, *model.functions]
    own = {(f.domain, f.name) for f in model.functions}
    for count, node in enumerate(_nodes(graphs), start=1):
        if count > MOST_NODES:
            raise UnsupportedFile(
                f"Expected a network of at most {MOST_NODES:,} operators, received one with more; "
                "simplify it before the export."
            )
        _check_node(node, own)
        for attribute in node.attribute:
            for tensor in (*([attribute.t] if attribute.HasField("t") else ()), *attribute.tensors):
                _check_tensor(tensor, path)
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                _refuse_sparse()
    for graph in _graphs([model.graph]):
        for tensor in graph.initializer:
            _check_tensor(tensor, path)
        if graph.sparse_initializer:
            _refuse_sparse()


def _check_node(node: Any, own: set[tuple[str, str]]) -> None:
    if node.op_type in _ENDLESS and node.domain in {"", "ai.onnx"}:
        raise UnsupportedFile(
            f"Expected a network that ends after a fixed number of steps, received one with a "
            f"{node.op_type}, which may never end; export it without loops."
        )
    if node.domain not in _DOMAINS and (node.domain, node.op_type) not in own:
        raise UnsupportedFile(
            f"Expected operators of ONNX alone, received {node.domain}.{node.op_type}"[:200]
            + ", which needs a library that is not loaded here; export the model without it."
        )


def _check_tensor(tensor: Any, path: Path) -> None:
    import onnx

    name = tensor.name[:80] or "without a name"
    if tensor.data_type not in onnx.TensorProto.DataType.values() or tensor.data_type == 0:
        raise UnreadableFile(f"{path.name} is damaged: the type of weight {name} is unknown.")
    if any(side < 0 for side in tensor.dims):
        raise UnreadableFile(f"{path.name} is damaged: weight {name} has a negative size.")
    elements = math.prod(tensor.dims)
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        _check_external(tensor, path, elements)
        return
    if tensor.data_type == onnx.TensorProto.STRING:
        return
    declared = math.ceil(elements * _bits(tensor.data_type) / 8)
    if tensor.HasField("raw_data"):
        held, needed = len(tensor.raw_data), declared
    else:
        field, each = _TYPED.get(tensor.data_type, ("int32_data", 1))
        held, needed = len(getattr(tensor, field)), elements * each
        if _bits(tensor.data_type) < 8 and held != needed:
            needed = declared
    if held != needed:
        raise UnreadableFile(
            f"Expected a file that holds all weights, received {path.name}, whose weight {name} "
            f"declares {declared / 1e6:.6g} MB that are not there; export or copy it again."
        )


def _check_external(tensor: Any, path: Path, elements: int) -> None:
    """A weight in another file: one that lies in the same folder, and is long enough."""
    place = {entry.key: entry.value for entry in tensor.external_data}
    location = place.get("location", "")
    inside = (
        bool(location)
        and Path(location).name == location
        and "\\" not in location
        and ":" not in location
        and location not in {".", ".."}
    )
    if not inside:
        raise UnsupportedFile(
            f"Refused {path.name}: its weights lie in {location[:80]!r}, outside its own folder; "
            "export the model as one file."
        )
    other = path.parent / location
    if other.is_symlink() or not other.is_file():
        raise UnsupportedFile(
            f"{path.name} keeps its weights in another file, {location[:80]!r}, which is not "
            "beside it; export the model as one file, or put both into one folder and name it on "
            "the command line."
        )
    try:
        offset, length = int(place.get("offset", 0)), int(place.get("length", -1))
    except ValueError as error:
        raise UnreadableFile(f"{path.name} is damaged: a weight lies nowhere.") from error
    needed = math.ceil(elements * _bits(tensor.data_type) / 8)
    if offset < 0 or length not in {-1, needed} or offset + needed > other.stat().st_size:
        raise UnreadableFile(
            f"Expected weights of {needed / 1e6:.6g} MB in {location[:80]!r}, which is shorter; "
            "export or copy both files again."
        )


def _refuse_sparse() -> None:
    raise UnsupportedFile(
        "Expected plain weights, received a model with sparse ones; export it with dense weights."
    )


def _bits(data_type: int) -> int:
    import onnx

    names = onnx.TensorProto.DataType.Name(data_type)
    if names in {"INT4", "UINT4", "FLOAT4E2M1"}:
        return 4
    if names in {"INT2", "UINT2"}:
        return 2
    if names == "STRING":
        return 0
    return 8 * int(onnx.helper.tensor_dtype_to_np_dtype(data_type).itemsize)


def _graphs(graphs: list[Any]) -> Iterator[Any]:
    """The graphs and those inside their nodes, such as the branches of an If."""
    waiting = list(graphs)
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    waiting.append(attribute.g)
                waiting.extend(attribute.graphs)


def _nodes(graphs: list[Any]) -> Iterator[Any]:
    for graph in _graphs(graphs):
        yield from graph.node


def _inlined(model: Any, path: Path) -> Any:
    """Functions may call each other, and so be many times as long as the file."""
    from onnx import inliner

    _check_calls(model)
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # the inliner raises its own untyped errors
        raise UnreadableFile(f"{path.name} is damaged: {first_line(error)[:200]}.") from error


def _check_calls(model: Any) -> None:
    """Count what inlining would give, without inlining.

    Raises:
        UnsupportedFile: it would be too much, or would never end.
    """
    bodies = {(f.domain, f.name): list(_nodes([f])) for f in model.functions}
    known: dict[tuple[str, str], int] = {}

    def length(nodes: list[Any], open_calls: tuple[tuple[str, str], ...]) -> int:
        total = 0
        for node in nodes:
            call = (node.domain, node.op_type)
            if call not in bodies:
                total += 1
                continue
            if call in open_calls or len(open_calls) > 50:
                raise UnsupportedFile(
                    "Expected functions that don't call themselves, received one that does; "
                    "export the model without local functions."
                )
            if call not in known:
                known[call] = length(bodies[call], (*open_calls, call))
            total += known[call]
            if total > MOST_NODES:
                break
        return total

    for call, body in bodies.items():
        length(body, (call,))
    if length(list(_nodes([model.graph])), ()) > MOST_NODES:
        raise UnsupportedFile(
            f"Expected a network of at most {MOST_NODES:,} operators, received one with more; "
            "simplify it before the export."
        )


def check_sides(sides: tuple[int | None, int | None]) -> None:
    """Refuse an input larger than any image network's.

    Raises:
        UnsupportedFile: a side is longer than ``LARGEST_SIDE``.
    """
    if any(side is not None and not 1 <= side <= LARGEST_SIDE for side in sides):
        raise UnsupportedFile(
            f"Expected an input of at most {LARGEST_SIDE} pixels a side, received "
            f"{' × '.join(map(str, sides))}; build the model for smaller images."
        )
