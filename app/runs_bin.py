"""Deleting runs, after a second click, and the bin from where they come back."""

from collections.abc import Sequence

import streamlit as st

from app import messages, runs_list, services, state, words
from app.runs_list import Row
from vae_core import disk
from vae_core.run_bin import DAYS, Binned, RunBin
from vae_core.settings import settings

SHOWN = 20  # of the bin at once
DONE = "deleted"  # what was deleted last, to be undone


def delete(rows: Sequence[Row]) -> None:
    """A button that asks again; runs in training are left out."""
    idle = [row for row in rows if row.run.state != "running" and runs_list.is_mine(row.run)]
    several = f" {len(idle)} runs" if len(rows) > 1 and idle else ""
    with st.popover(
        f"Delete{several}…",
        icon=":material/delete:",
        disabled=not idle,
        help=None if idle else "Runs in training are stopped first; others' are theirs to delete.",
    ):
        st.write(f"{'They stay' if several else 'It stays'} in the bin for {DAYS} days and can be restored.")
        ids = [row.run.id for row in idle]
        st.button(
            f"Move{several} to the bin",
            key=state.runs_key("delete"),
            type="primary",
            on_click=_put,
            args=(ids,),
        )


def undo() -> None:
    """What was just deleted, with the way back."""
    gone = [found for found in _mine() if found.run.id in (state.runs_value(DONE) or ())]
    if not gone:
        return
    what = f"“{gone[0].run.title}” is" if len(gone) == 1 else f"{len(gone)} runs are"
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="runs-undo"):
        st.markdown(f":material/delete: {words.escaped(what)} in the bin.", width="stretch")
        ids = [found.run.id for found in gone]
        st.button("Undo", icon=":material/undo:", key=state.runs_key("undo"), on_click=_restore, args=(ids,))


def bin_and_disk() -> None:
    """What lies in the bin, and what everything takes on disk."""
    found = _mine()
    label = f"Bin · {len(found)}" if found else "Bin"
    with st.expander(label, icon=":material/delete:", key=state.runs_key("bin"), on_change="rerun") as opened:
        if not opened.open:
            return
        if not found:
            st.caption("Nothing in it. Deleted runs wait here before they go for good.")
        for each in found[:SHOWN]:
            _binned(each)
        if len(found) > SHOWN:
            st.caption(f"And {len(found) - SHOWN} more, deleted earlier.")
        if found:
            _empty(found)


def quota() -> None:
    """One line on what runs take and may take."""
    store = services.store()
    runs, box = disk.used(store.folder), disk.used(RunBin(store).folder)
    most = settings().quota
    line = f"{words.size(runs)} of runs and {words.size(box)} in the bin, of {words.size(most)}"
    if runs + box > most:
        messages.notice(f"Runs take more than they should: {line}. Delete some, and empty the bin.")
    else:
        st.caption(f"On this machine: {line}.", help="LATENTSCAPE_QUOTA sets how much it should be at most.")


def _binned(found: Binned) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"runs-binned-{found.run.id}"):
        about = f"deleted {words.ago(found.deleted)} · {words.size(disk.used(found.run.path))}"
        st.markdown(f"{words.escaped(found.run.title)} :small[{about}]", width="stretch")
        st.button(
            "Restore",
            key=state.runs_key(f"restore/{found.run.id}"),
            icon=":material/restore_from_trash:",
            on_click=_restore,
            args=([found.run.id],),
        )


def _empty(found: Sequence[Binned]) -> None:
    with st.popover("Empty the bin…", icon=":material/delete_forever:"):
        st.write(f"{len(found)} {'run goes' if len(found) == 1 else 'runs go'} for good.")
        ids = [each.run.id for each in found]
        st.button("Remove for good", key=state.runs_key("empty"), on_click=_remove, args=(ids,))


def _mine() -> list[Binned]:
    """What this visitor has in the bin."""
    return [found for found in RunBin(services.store()).list() if runs_list.is_mine(found.run)]


def _put(ids: Sequence[str]) -> None:
    done = []
    for name in ids:
        with messages.in_a_toast():
            run = services.store().get(name)
            if runs_list.is_mine(run):
                RunBin(services.store()).put(name, run.owner)
                done.append(name)
    state.put_runs_value(DONE, done)


def _restore(ids: Sequence[str]) -> None:
    owners = {found.run.id: found.run.owner for found in _mine()}
    for name in ids:
        with messages.in_a_toast():
            RunBin(services.store()).restore(name, owners.get(name, state.owner()))


def _remove(ids: Sequence[str]) -> None:
    owners = {found.run.id: found.run.owner for found in _mine()}
    for name in ids:
        with messages.in_a_toast():
            RunBin(services.store()).remove(name, owners.get(name, state.owner()))
