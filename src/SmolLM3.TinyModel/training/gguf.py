"""Small GGUF v3 reader and writer: F32 and Q8_0 tensors, the metadata types that are needed here."""
import struct

import numpy as np

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10
FORMATS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?", U64: "<Q"}
TYPE_F32, TYPE_Q8_0 = 0, 8
Q8_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", 32)])


def quantize_q8_0(weights):
    blocks = weights.astype(np.float32).reshape(-1, 32)
    largest = np.abs(blocks).max(1)
    inverse = np.divide(127.0, largest, out=np.zeros_like(largest), where=largest > 0)
    packed = np.empty(len(blocks), Q8_BLOCK)
    packed["scale"] = largest / 127.0
    scaled = blocks * inverse[:, None]
    packed["values"] = (np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)).astype(np.int8)
    return packed.tobytes()


def dequantize_q8_0(data, shape):
    blocks = np.frombuffer(data, Q8_BLOCK)
    return (blocks["values"].astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]).reshape(shape)


def _string(text):
    raw = text.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def _value(kind, value):
    return _string(value) if kind == STRING else struct.pack(FORMATS[kind], value)


def _pad(size):
    return -size % ALIGNMENT


def write(path, metadata, tensors):
    """metadata: [(key, type, value)], with type (ARRAY, element type) for arrays; tensors: [(name, array, type)],
    arrays in the order [rows, row width] (GGUF lists the row width first)."""
    head = bytearray(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)))
    for key, kind, value in metadata:
        head += _string(key)
        if isinstance(kind, tuple):
            head += struct.pack("<IIQ", ARRAY, kind[1], len(value))
            head += b"".join(_value(kind[1], v) for v in value)
        else:
            head += struct.pack("<I", kind) + _value(kind, value)
    offset, bodies = 0, []
    for name, array, kind in tensors:
        body = quantize_q8_0(array) if kind == TYPE_Q8_0 else array.astype("<f4").tobytes()
        head += _string(name) + struct.pack("<I", array.ndim) + struct.pack(f"<{array.ndim}Q", *reversed(array.shape))
        head += struct.pack("<IQ", kind, offset)
        body += b"\0" * _pad(len(body))
        bodies.append(body)
        offset += len(body)
    with open(path, "wb") as file:
        file.write(head + b"\0" * _pad(len(head)) + b"".join(bodies))


class Reader:
    """metadata: dict; tensors: dict of float32 arrays."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.at = 4
        assert self.data[:4] == MAGIC
        version, tensor_count, key_count = self._unpack("<IQQ")
        assert version == VERSION
        self.metadata = {}
        for _ in range(key_count):
            key = self._text()
            self.metadata[key] = self._read(self._unpack("<I")[0])
        infos = []
        for _ in range(tensor_count):
            name, (rank,) = self._text(), self._unpack("<I")
            shape = tuple(reversed(self._unpack(f"<{rank}Q")))
            infos.append((name, shape, *self._unpack("<IQ")))
        base, self.tensors = self.at + _pad(self.at), {}
        for name, shape, kind, offset in infos:
            count = int(np.prod(shape))
            size = count // 32 * 34 if kind == TYPE_Q8_0 else count * 4
            body = self.data[base + offset:base + offset + size]
            self.tensors[name] = (dequantize_q8_0(body, shape) if kind == TYPE_Q8_0
                                  else np.frombuffer(body, "<f4").reshape(shape).copy())

    def _unpack(self, fmt):
        values = struct.unpack_from(fmt, self.data, self.at)
        self.at += struct.calcsize(fmt)
        return values

    def _text(self):
        (size,) = self._unpack("<Q")
        self.at += size
        return self.data[self.at - size:self.at].decode("utf-8")

    def _read(self, kind):
        if kind == STRING:
            return self._text()
        if kind == ARRAY:
            inner, count = self._unpack("<IQ")
            return [self._read(inner) for _ in range(count)]
        return self._unpack(FORMATS[kind])[0]
