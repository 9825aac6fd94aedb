"""CSV and Parquet of a run's codes, read back by pandas and pyarrow."""

import csv
import io
import json
import re

import numpy as np
import pandas
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from taken import FORMULAS, rewritten, trained

from vae_core.errors import StorageError
from vae_core.explorer import bundle
from vae_core.runs import RunStore
from vae_core.taking import table

DANGEROUS = set("=+-@\t\r＝＋－＠")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


@pytest.fixture(scope="module")
def formulas(tmp_path_factory):
    return rewritten(trained(RunStore(tmp_path_factory.mktemp("from"))), labels=list(FORMULAS))


def test_csv_is_what_the_bundle_holds(run, tmp_path):
    path, shares = tmp_path / "it.csv", []
    table.write_csv(table.table(run), path, shares.append)
    found = pandas.read_csv(path)
    meta, tensors = bundle.read(run.bundle())
    codes = found[["z1", "z2", "z3"]].to_numpy(np.float32)
    np.testing.assert_array_equal(codes, tensors["points.mu"])  # to the last bit
    widths = found[["log_var_z1", "log_var_z2", "log_var_z3"]].to_numpy(np.float32)
    np.testing.assert_array_equal(widths, tensors["points.log_var"])
    assert found["number"].tolist() == tensors["points.index"].tolist()
    assert found["label"].tolist() == tensors["points.label"].tolist()
    assert [str(name) for name in found["label_name"]] == [meta["labels"][k] for k in found["label"]]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_parquet_is_the_same_and_says_of_which_run(run, tmp_path):
    path = tmp_path / "it.parquet"
    table.write_parquet(table.table(run), path)
    found, sheet = parquet.read_table(path), table.table(run)
    assert found.equals(sheet)
    assert found.schema.field("z1").type == pa.float32()
    assert json.loads(found.schema.metadata[b"latentscape"])["run"] == run.id
    assert pandas.read_parquet(path)["z2"].dtype == np.float32


def test_a_spreadsheet_runs_no_cell(formulas, tmp_path):
    path = tmp_path / "it.csv"
    table.write_csv(table.table(formulas), path)
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = [row["label_name"] for row in rows]
    assert {name[:1] for name in names} & DANGEROUS == set()
    assert {"plain", 'it\'s, "so"', ""} <= set(names)  # what is harmless stays as it is
    for row in rows:
        for name, cell in row.items():
            if name != "label_name" and cell:
                float(cell)
    # Read with the separator of other countries, no cell begins with a formula either.
    for separator in (";", "\t", "|"):
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in line:
                assert not re.match(r"\s*[=+@＝＋－＠]", cell), cell
    assert parquet_names(formulas, tmp_path) == {*FORMULAS, None}  # nobody runs those


def parquet_names(run, tmp_path):
    table.write_parquet(table.table(run), tmp_path / "it.parquet")
    return set(parquet.read_table(tmp_path / "it.parquet")["label_name"].to_pylist())


@given(st.text(st.sampled_from("=+-@\t\r\n;,|\"' a1＝"), max_size=8))
def test_no_text_becomes_a_formula(text):
    safe = table.harmless(text)
    assert safe[:1] not in DANGEROUS
    assert not re.match(r"\s*[=+\-@＝]", safe)
    assert not re.search(r"[;,|\t\n\"]\s*[=+\-@＝]", safe)
    assert safe.replace("'", "") == text.replace("'", "")
    assert table.harmless("a=b - c") == "a=b - c"


def test_without_classes_and_with_factors(tmp_path):
    store = RunStore(tmp_path)
    run = trained(store, **{"data.source": "shapes", "data.limit": 100})
    rows = table.table(run)
    assert [name for name in rows.column_names if name.startswith("factor: ")]
    table.write_csv(rows, tmp_path / "it.csv")
    assert len(pandas.read_csv(tmp_path / "it.csv")) == rows.num_rows
    bare = table.table(rewritten(run, labels=[]))
    assert "label" not in bare.column_names


def test_called_off_or_refused_nothing_is_left(run, tmp_path):
    def stop(share):
        if share:
            raise KeyboardInterrupt

    rows = table.table(run)
    for write in (table.write_csv, table.write_parquet):
        (tmp_path / "kept").write_text("before")
        with pytest.raises(KeyboardInterrupt):
            write(rows, tmp_path / "kept", stop)
        assert (tmp_path / "kept").read_text() == "before"
        with pytest.raises(StorageError, match=r"no such folder"):
            write(rows, tmp_path / "none" / "it")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["kept"]


def test_its_size_is_told_before(run, tmp_path):
    rows = table.table(run)
    table.write_csv(rows, tmp_path / "it.csv")
    assert table.csv_size(rows) == pytest.approx((tmp_path / "it.csv").stat().st_size, rel=0.1)
    many = pa.concat_tables([rows] * 100)
    table.write_csv(many, tmp_path / "many.csv")
    assert table.csv_size(many) == pytest.approx((tmp_path / "many.csv").stat().st_size, rel=0.1)
