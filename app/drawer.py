"""Closes the navigation's drawer on phones when a page is opened; Streamlit leaves it over the page."""

import streamlit as st

_JS = """
const opened = new WeakMap(); // the page that was opened last, by element

export default function ({data, parentElement}) {
  if (opened.get(parentElement) === data.page) return;
  opened.set(parentElement, data.page);
  if (innerWidth < 768) // as Streamlit's own drawer sees it
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
"""
_component = st.components.v2.component("latentscape_drawer", js=_JS)


def close(page: str) -> None:
    """`page` is the address of the page that is shown. Draws nothing."""
    _component(key="drawer", data={"page": page}, height=1)
