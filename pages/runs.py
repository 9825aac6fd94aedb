"""Runs: all that was trained here, to find, compare, name, start again and delete."""

import streamlit as st

from app import bring_in, runs_actions, runs_bin, runs_list, runs_pair, runs_table

with st.container(key="runs"):
    st.html("<h1 class='page'>Runs</h1>")
    rows = runs_list.rows()
    runs_bin.undo()
    found: list[runs_list.Row] = []
    if rows:
        found = runs_table.find(rows)
        chosen = runs_table.table(found) if found else []
        runs_table.foot(rows, found)
        if len(chosen) == 1:
            runs_actions.panel(chosen[0], sorted({tag for row in rows for tag in row.tags}))
        elif len(chosen) == 2:
            runs_pair.panel(*chosen)
        if len(chosen) > 1:
            runs_bin.delete(chosen)
    else:
        runs_actions.nothing_yet()
    bring_in.section()
    runs_bin.bin_and_disk()
    runs_bin.quota()
    runs_table.complete(found)
