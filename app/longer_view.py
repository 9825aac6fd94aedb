"""Training a finished run longer, from its page or the list: for how many epochs, how schedules go on."""

import streamlit as st

from app import navigation, own, services, state, words
from app.training_state import longer_key
from vae_core.config import options
from vae_core.errors import LatentscapeError
from vae_core.longer import can_go_on, goes_on, longer
from vae_core.run import Run


def button(run: Run) -> None:
    """Nothing where a run has nothing to go on from, or is somebody else's."""
    if run.owner not in ("", state.owner()) or not can_go_on(run):
        return
    source = run.config.data.source
    missing = "" if own.is_usable(source) else "Its pictures are not here or not shared with you."
    with st.popover(
        "Train longer",
        icon=":material/update:",
        disabled=bool(missing),
        help=missing or "A new run goes on from the end of this one.",
    ):
        _form(run)


def _form(run: Run) -> None:
    epochs = st.number_input(
        "More epochs",
        min_value=0.1,
        max_value=float(options()["training.epochs"].high or 0),
        value=float(run.config.training.epochs),
        step=1.0,
        format="%g",
        key=longer_key(run.id),
        help="This run stays as it is; the new one begins with its weights and its optimiser.",
    )
    said = goes_on(run, epochs)
    st.markdown("\n".join(f"- {words.escaped(sentence)}" for sentence in said))
    if st.button("Train on", icon=":material/play_arrow:", key=longer_key(f"{run.id}/go")):
        navigation.go(navigation.TRAIN, _begun(run, epochs))


def _begun(run: Run, epochs: float) -> str:
    """The id of the run that goes on; there is none where it cannot be trained."""
    made = longer(run, epochs, services.store(), state.owner())
    try:
        services.trainer().resume(made.id)
    except LatentscapeError:
        services.store().delete(made.id)
        raise
    return made.id
