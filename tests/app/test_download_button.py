"""Downloads in the background: progress, errors in words, calling off."""

import threading

import pytest
import streamlit as st

from app import downloads
from vae_core import data
from vae_core.errors import DownloadCancelledError, DownloadError


@pytest.fixture(autouse=True)
def fresh():
    st.cache_resource.clear()


def ended(source):
    for thread in threading.enumerate():
        if thread.name == f"download-{source}":
            thread.join(20)
    return downloads.current(source)


def test_progress_and_end(monkeypatch):
    def fetch(source, progress, cancel):
        progress(3, 12)

    monkeypatch.setattr(data, "download", fetch)
    downloads.start("mnist")
    known = ended("mnist")
    assert (known.running, known.error, known.share) == (False, "", 0.25)
    assert downloads.current("fashion-mnist") is None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DownloadError("No network. Check the connection."), "No network. Check the connection."),
        (DownloadCancelledError("Called off."), ""),
        (KeyError("internal"), "The download failed"),
    ],
)
def test_failures(monkeypatch, error, sentence):
    def fetch(source, progress, cancel):
        raise error

    monkeypatch.setattr(data, "download", fetch)
    downloads.start("mnist")
    known = ended("mnist")
    assert not known.running
    assert known.error.startswith(sentence)
    assert bool(known.error) == bool(sentence)


def test_one_download_for_all_and_it_can_be_called_off(monkeypatch):
    begun, calls = threading.Event(), []

    def fetch(source, progress, cancel):
        calls.append(source)
        begun.set()
        while not cancel():
            pass
        raise DownloadCancelledError("Called off.")

    monkeypatch.setattr(data, "download", fetch)
    downloads.start("mnist")
    assert begun.wait(20)
    downloads.start("mnist")
    assert downloads.current("mnist").running
    downloads.cancel("mnist")
    assert not ended("mnist").running
    assert calls == ["mnist"]
