"""What can be done with a run that is chosen: open it, go on with it, begin another like it, name it."""

import streamlit as st

from app import (
    beta_lab,
    health_view,
    longer_view,
    messages,
    navigation,
    own,
    preset_choice,
    runs_bin,
    runs_list,
    services,
    state,
    take_along,
    words,
)
from app.runs_list import Row
from vae_core import marks
from vae_core.data import available
from vae_core.run import Run


def nothing_yet() -> None:
    """No run on this computer and no starters."""
    st.subheader("No runs yet", anchor=False)
    st.write("Everything that is trained here is listed on this page. Digits take two seconds.")
    if st.button("Train a model", type="primary", icon=":material/model_training:"):
        navigation.go(navigation.TRAIN)


def panel(row: Row, tags: list[str]) -> None:
    """The one chosen run; `tags` are those that the visitor's runs have, to choose from."""
    run = row.run
    with st.container(border=True, key="runs-chosen", gap="small"):
        st.markdown(f"**{words.escaped(row.listed)}** &nbsp; :small[{_line(row)}]")
        if run.reason:
            messages.problem(f"This run cannot be used: {run.reason}.")
        for note in filter(None, [run.marks.note]):
            st.text(note)
        if run.state != "damaged":
            health_view.show(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            _ways(run)
            if run.state != "damaged":
                _fork(run)
                longer_view.button(run)
                take_along.choose(run, "runs")
            if runs_list.is_mine(run):
                _writing(run, tags)
                runs_bin.delete([row])
            elif not run.starter:
                st.caption("Started by someone else.", width="content")
        take_along.status(run, "runs")


def _line(row: Row) -> str:
    """What the table does not say."""
    parts = [row.run.id, words.size(row.bytes)]
    if row.run.state != "damaged" and row.run.config.name and row.run.config.name != row.title:
        parts.append(f"began as {row.run.config.name}")
    if row.course:
        parts.append(f"steered to {row.course}")
    origin = row.run.about.get("longer")
    if isinstance(origin, dict):
        parts.append(f"goes on from {str(origin.get('run'))[:100]}")
    return words.escaped(" · ".join(parts))


def _ways(run: Run) -> None:
    """To where it goes on: explored if it is finished, else watched or resumed."""
    if run.state == "finished":
        if st.button("Explore", type="primary", icon=":material/explore:", key=state.runs_key("explore")):
            navigation.go(navigation.EXPLORE, run.id)
        if beta_lab.has_dial(run) and st.button(
            "Beta lab", icon=":material/tune:", key=state.runs_key("beta")
        ):
            navigation.go(navigation.BETA, run.id)
    elif run.state == "interrupted" and run.owner in ("", state.owner()):
        _resume(run)
    if run.state == "damaged" or run.starter:
        return
    label = "Watch it train" if run.state == "running" else "Its training"
    if st.button(label, icon=":material/monitoring:", key=state.runs_key("watch")):
        navigation.go(navigation.TRAIN, run.id)
    if st.button("Replay", icon=":material/movie:", key=state.runs_key("replay")):
        navigation.go(navigation.REPLAY, run.id)


def _resume(run: Run) -> None:
    missing = "" if available(run.config.data.source) else "Its pictures are not on this machine."
    if st.button(
        "Resume",
        type="primary",
        icon=":material/play_arrow:",
        key=state.runs_key("resume"),
        disabled=bool(missing),
        help=missing or "Goes on from where it was saved.",
    ):
        services.trainer().resume(run.id)
        navigation.go(navigation.TRAIN, run.id)


def _fork(run: Run) -> None:
    """Another run with these settings, which can be changed first."""
    source = run.config.data.source
    missing = "" if own.is_usable(source) else "Its pictures are not here or not shared with you."
    if st.button(
        "Start again with changes",
        icon=":material/fork_right:",
        key=state.runs_key("fork"),
        disabled=bool(missing),
        help=missing or "Opens Train with the settings of this run.",
    ):
        preset_choice.load(run.config)
        navigation.go(navigation.TRAIN)


def _writing(run: Run, tags: list[str]) -> None:
    """Name, tags and note, kept together by one button."""
    names = {part: f"{part}/{run.id}" for part in ("name", "words", "note")}
    found = run.marks
    with (
        st.popover("Name, tags, note", icon=":material/edit:"),
        st.form(state.runs_key(f"form/{run.id}"), border=False),
    ):
        st.text_input(
            "Name",
            run.title,
            max_chars=marks.NAME_LENGTH,
            key=state.runs_key(names["name"]),
            help="Empty: as it was called when it began.",
        )
        st.multiselect(
            "Tags",
            sorted({*tags, *found.words}, key=str.casefold),
            list(found.words),
            key=state.runs_key(names["words"]),
            accept_new_options=True,
            max_selections=marks.MOST_WORDS,
            placeholder="Choose tags or type new ones",
        )
        st.text_area("Note", found.note, max_chars=marks.NOTE_LENGTH, key=state.runs_key(names["note"]))
        st.form_submit_button("Save", type="primary", on_click=_save, args=(run, names))


def _save(run: Run, names: dict[str, str]) -> None:
    with messages.in_a_toast():
        name, chosen, note = (state.runs_value(names[part]) for part in ("name", "words", "note"))
        if not runs_list.is_mine(run):
            return
        kept = None if name == run.title else name
        marks.write(run, run.owner, name=kept, words=chosen or (), note=note or "")
        st.toast("Saved.", icon=":material/check:")
