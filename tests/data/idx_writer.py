"""A tiny IDX writer for the tests, independent of the reader."""

import gzip

import numpy as np


def idx_bytes(values, kind=0x08, axes=None, lengths=None):
    """An IDX file before compression; the keywords make its header lie."""
    values = np.asarray(values, np.uint8)
    lengths = values.shape if lengths is None else lengths
    header = bytes([0, 0, kind, len(lengths) if axes is None else axes])
    return header + b"".join(int(length).to_bytes(4, "big") for length in lengths) + values.tobytes()


def write_idx(path, values, **lies):
    path.write_bytes(gzip.compress(idx_bytes(values, **lies), mtime=0))
    return path
