"""Weight files: what is written is read back; everything else is refused in one sentence."""

from __future__ import annotations

import io
import pickle
import zipfile
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

import tms.inputs.files
from theory.problem import InputError
from tms.inputs.files import read_weights

W = np.array([[1.0, -0.5, 0.25], [0.0, 1e-12, 3.0]])
B = np.array([-0.1, 0.0, 0.2])
IMPORTANCE = np.array([1.0, 0.9, 0.81])


def npz_bytes(**arrays):
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def npy_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    padded = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + data


def written(folder, suffix, dtype=np.float64):
    """One file with every key that its format knows."""
    path = folder / f"weights{suffix}"
    arrays = {"W": W.astype(dtype), "b": B.astype(dtype), "importance": IMPORTANCE}
    if suffix == ".npz":
        np.savez(path, sparsity=0.9, **arrays)
    else:
        save_file(arrays | {"sparsity": np.array(0.9)}, path)
    return path


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_named_arrays_are_read_back(tmp_path, suffix, dtype):
    file = read_weights(written(tmp_path, suffix, dtype))
    assert file.W.tolist() == W.astype(dtype).tolist()
    assert file.b.tolist() == B.astype(dtype).tolist()
    problem = file.problem()
    assert problem.density == 1 - Fraction(0.9)
    assert problem.importances == tuple(map(Fraction, IMPORTANCE))
    assert (problem.n_features, problem.n_hidden) == (3, 2)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_bare_array_is_W(tmp_path, order):
    path = tmp_path / "W.npy"
    np.save(path, np.asarray(W, order=order))
    file = read_weights(path)
    assert file.W.tolist() == W.tolist()
    assert file.b is None


def test_a_transposed_W_is_turned_only_when_asked(tmp_path):
    path = tmp_path / "W.npy"
    np.save(path, W.T)
    assert read_weights(path).W.shape == (3, 2)
    assert read_weights(path, transposed=True).W.tolist() == W.tolist()


def test_a_csv_file_of_numbers_is_W_in_exact_decimals(tmp_path):
    path = tmp_path / "W.csv"
    path.write_text("# one row for each hidden dimension\n1, -0.6\n\n1/3, 2e-3\n")
    assert read_weights(path).W.tolist() == [
        [Fraction(1), Fraction(-3, 5)],
        [Fraction(1, 3), Fraction(1, 500)],
    ]


def test_a_csv_file_may_name_its_rows(tmp_path):
    path = tmp_path / "weights.csv"
    path.write_text("\ufeffW,1,-0.6\nW,0,1\nb,-0.1,0.05\nsparsity,0.9\nimportance,1,0.5\n")
    file = read_weights(path)
    assert file.W.shape == (2, 2)
    assert file.b.tolist() == [Fraction(-1, 10), Fraction(1, 20)]
    problem = file.problem()
    assert (problem.density, problem.importance) == (Fraction(1, 10), (1, Fraction(1, 2)))


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".csv"])
def test_an_untied_decoder_is_read_back(tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    arrays = {"W": W, "W_decoder": 2 * W}
    if suffix == ".npz":
        np.savez(path, **arrays)
    elif suffix == ".csv":
        rows = [[key, *map(repr, map(float, row))] for key, rows in arrays.items() for row in rows]
        path.write_text("\n".join(",".join(row) for row in rows))
    else:
        save_file(arrays, path)
    assert read_weights(path).W_decoder.astype(float).tolist() == (2 * W).tolist()


def test_a_decoder_is_turned_with_W(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, W=W.T, W_decoder=2 * W.T)
    file = read_weights(path, transposed=True)
    assert (file.W.shape, file.W_decoder.tolist()) == ((2, 3), (2 * W).tolist())


def test_a_decoder_that_is_no_matrix_is_refused(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, W=W, W_decoder=B)
    with pytest.raises(InputError, match=r"W_decoder\.shape=\(3,\): must be \(n_hidden, n_feat"):
        read_weights(path)


def test_exactly_k_active_replaces_the_files_sparsity(tmp_path):
    problem = read_weights(written(tmp_path, ".npz")).problem(n_active=1)
    assert (problem.n_active, problem.density) == (1, Fraction(1, 3))


def test_the_callers_sparsity_replaces_the_files(tmp_path):
    file = read_weights(written(tmp_path, ".npz"))
    assert file.problem(density="1/4", importance=2).density == Fraction(1, 4)


def test_a_file_without_sparsity_says_so(tmp_path):
    path = tmp_path / "W.npy"
    np.save(path, W)
    with pytest.raises(InputError, match=r"sparsity=None: W\.npy holds none"):
        read_weights(path).problem()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.pt", b"anything", "suffix must be one of .npz, .npy, .csv, .safetensors"),
        ("w", b"anything", "suffix must be one of"),
        ("w.npz", b"", "is empty"),
        ("w.npz", npz_bytes(W=W)[:-30], "not a readable .npz file"),
        ("w.npz", b"PK\x03\x04 not a zip file", "not a readable .npz file"),
        ("w.npz", npz_bytes(W=W, weights=W), "key='weights': unknown; .* W, b, sparsity"),
        ("w.npz", npz_bytes(b=B), "holds no W; found b"),
        ("w.npz", npz_bytes(W=np.array([[None]])), "W.dtype=object: pickled"),
        ("w.npz", npz_bytes(W=B), r"W.shape=\(3,\): must be \(n_hidden, n_features\)"),
        ("w.npz", npz_bytes(W=np.zeros((0, 3))), r"W.shape=\(0, 3\)"),
        ("w.npy", npy_bytes(np.array([[{}]])), "W.dtype=object: pickled"),
        ("w.npy", pickle.dumps(W), "does not begin like a .npy file"),
        ("w.npy", npy_bytes(W)[:-1], r"W.shape=\(2, 3\): takes 48 bytes, but the file holds 47"),
        ("w.npy", npy_bytes(W) + b"\0", "the file holds 49"),
        ("w.npy", npy_bytes(np.array([["1"]])), "W.dtype=<U1: must be a type of number"),
        ("w.npy", npy_bytes(np.zeros(2, dtype="f8,f8")), "its .npy header does not describe"),
        ("w.npy", b"\x93NUMPY", "does not begin like a .npy file"),
        ("w.npy", b"\x93NUMPY\x04\x00" + npy_bytes(W)[8:], "does not begin like a .npy file"),
        (
            "w.npy",
            npy_with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**9, 10**9)}"),
            "its .npy header does not describe",
        ),
        (
            "w.npy",
            npy_with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999, 9999)}"),
            "takes .* bytes, but the file holds 0",
        ),
        ("w.npy", npy_with_header("(" * 100), "its .npy header does not describe"),
        ("w.csv", b"1,2\n3\n", r"W: rows of different lengths \(2, 1\)"),
        ("w.csv", b"1,two\n", r"W\[0, 1\]='two': not a plain number"),
        ("w.csv", b"1,nan\n", r"W\[0, 1\]='nan'"),
        ("w.csv", b"nan,1\n", r"W\[0, 0\]='nan'"),
        ("w.csv", b"1 2\n", r"W\[0, 0\]='1 2'"),
        ("w.csv", b"1,__import__('os')\n", "not a plain number"),
        ("w.csv", b"W,1,2\nb,1,2\nb,3,4\n", "key='b': occurs twice"),
        ("w.csv", b"V,1,2\n", "key='V': unknown"),
        ("w.csv", b"\xff\xfe\x00", "not a readable .csv file"),
        ("w.csv", b"# nothing\n", "holds no W; found nothing"),
        ("w.csv", b'"' + b"1" * 200_000, "not a readable .csv file"),
        ("w.safetensors", b"\xff" * 64, "not a readable .safetensors file"),
        ("w.safetensors", b"{}", "not a readable .safetensors file"),
    ],
)
def test_other_files_are_refused_in_one_sentence(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal:
        read_weights(path)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"missing.npz': no such file"):
        read_weights(tmp_path / "missing.npz")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "w.npz").mkdir()
    with pytest.raises(InputError, match="is not a file"):
        read_weights(tmp_path / "w.npz")


def test_a_pickle_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was run",))

    path = tmp_path / "w.npy"
    path.write_bytes(npy_bytes(np.array([[Bomb()]], dtype=object)))
    with pytest.raises(InputError, match="pickled Python objects are not read"):
        read_weights(path)


def test_a_file_that_unpacks_too_large_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "w.npz"
    path.write_bytes(npz_bytes(W=np.zeros((100, 1000))))
    assert path.stat().st_size < 2000
    monkeypatch.setattr(tms.inputs.files, "MAX_BYTES", 100_000)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(InputError, match="800,128 bytes; at most 100,000 are read"):
        read_weights(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "w.npy"
    np.save(path, W)
    monkeypatch.setattr(tms.inputs.files, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="176 bytes; at most 100 are read"):
        read_weights(path)


def test_a_member_may_not_occur_twice(tmp_path):
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("W.npy", npy_bytes(W))
        archive.writestr("W", npy_bytes(W))
    with pytest.raises(InputError, match="key='W': occurs twice"):
        read_weights(path)


def test_an_unusual_compression_is_refused(tmp_path):
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_LZMA) as archive:
        archive.writestr("W.npy", npy_bytes(W))
    with pytest.raises(InputError, match="compressed in an unusual way"):
        read_weights(path)


SOUND = {
    ".npz": npz_bytes(W=W, b=B, sparsity=np.array(0.9)),
    ".npy": npy_bytes(W),
    ".csv": b"W,1,-0.6\nW,0,1\nb,-0.1,0.05\nsparsity,0.9\n",
}


@settings(max_examples=300)
@given(st.data(), st.sampled_from(sorted(SOUND)))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(tmp_path_factory, data, suffix):
    content = bytearray(SOUND[suffix])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    path = tmp_path_factory.mktemp("damaged") / f"weights{suffix}"
    path.write_bytes(bytes(content[:cut]))
    try:
        axes = read_weights(path).W.ndim
    except InputError:
        return
    assert axes == 2
