"""What the About page says: version, folders, licences."""

import html
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from app import gallery
from vae_core import data
from vae_core.settings import settings


def introduction() -> None:
    st.html("<h1 class='page'>About Latentscape</h1>")
    st.write(
        "Latentscape trains small variational autoencoders and lets you walk their latent spaces. A model "
        "learns to describe each picture with a few numbers, z, and to draw the picture again from them. "
        "What it draws wrong is its **distortion**; what the description costs is its **rate**; **β** sets "
        "the price between the two. Everything runs on this computer: nothing is sent anywhere."
    )
    st.caption(f"Version {_version()}")


def folders() -> None:
    """Where this server keeps and looks for things."""
    gallery.heading("Folders")
    places = settings()
    _table(
        ("Runs", f"<code>{html.escape(str(places.home))}</code>", "LATENTSCAPE_HOME"),
        ("Data sets", f"<code>{html.escape(str(places.data or 'not set'))}</code>", "LATENTSCAPE_DATA"),
        ("Downloads", f"<code>{html.escape(str(places.cache))}</code>", "looked in after the data sets"),
        ("Starters", f"<code>{html.escape(str(places.starters))}</code>", "came with the project"),
    )


def licences() -> None:
    gallery.heading("Data sets")
    _table(*((info.title, html.escape(info.source), info.licence) for info in data.SOURCES.values()))
    st.caption(
        "Class colours: Paul Tol's muted set. Built on PyTorch, Streamlit, Dask, NumPy, scikit-learn and "
        "pydantic."
    )


def _table(*rows: tuple[str, str, str]) -> None:
    """Rows of a name, HTML, and a remark."""
    cells = (
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{body}</td><td>{html.escape(remark)}</td></tr>"
        for name, body, remark in rows
    )
    st.html(f"<table class='table'>{''.join(cells)}</table>")


def _version() -> str:
    try:
        return version("latentscape")
    except PackageNotFoundError:
        return "unknown"
