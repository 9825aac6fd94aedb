"""Recognises a returning browser, so that a reload finds one's own runs again.

The browser keeps a random token and hands it over once per visit; nothing else is known about anyone.
"""

import streamlit as st

from app import state

_JS = """
export default function ({data, setStateValue}) {
  let token = data.token;
  try {
    const known = localStorage.getItem('latentscape-owner');
    if (known && /^[0-9a-f]{32}$/.test(known)) token = known;
    else localStorage.setItem('latentscape-owner', token);
  } catch { /* storage is refused: the token lasts as long as the page */ }
  if (token !== data.token) setStateValue('token', token);
}
"""
_component = st.components.v2.component("latentscape_identity", js=_JS)


def remember() -> None:
    """Offer the browser a token to keep, or take the one it kept. Draws nothing."""
    answer = _component(
        key=state.IDENTITY_KEY, data={"token": state.owner()}, on_token_change=_take, height=1
    )
    if answer.token:
        state.adopt_owner(answer.token)


def _take() -> None:
    """Before the page is drawn again."""
    state.adopt_owner(st.session_state[state.IDENTITY_KEY].get("token"))
