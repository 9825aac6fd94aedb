"""What the app remembers, with types: with `places.py` the only file that names session and URL keys.

Streamlit forgets a widget's value, and a component's state, once its page is left. What should survive is
kept here under keys of our own. What comes from a URL or a browser is checked before it is believed.
"""

import re
import secrets
from typing import Any

import streamlit as st

from app import links
from app.links import LinkError

IDENTITY_KEY = "identity"  # of the component that recognises a browser

_TOKEN = re.compile(r"[0-9a-f]{32}")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


# Who is looking. The browser keeps the token, so that a reload finds one's own runs again.


def owner() -> str:
    """This person's token, 32 hexadecimal digits."""
    return st.session_state.setdefault("owner", secrets.token_hex(16))


def adopt_owner(token: Any) -> bool:
    """Take the token the browser remembers from an earlier visit. True if it was news."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or token == owner():
        return False
    st.session_state["owner"] = token
    return True


# Which run a page is about. It stands in the URL, so that a reload and a link find it.


def run_in_url() -> str | None:
    """The run that the address names. Raises LinkError where it cannot be a run's id."""
    value = st.query_params.get("run")
    if value is None:
        return None
    if not _RUN_ID.fullmatch(value):
        raise LinkError("The address does not name a run. Choose one on Explore, or start at Home.")
    return value


def put_run_in_url(run_id: str | None) -> None:
    """Name this run in the address, None for no run; only what is left out of the page stays beside it."""
    _put_in_url(run_query(run_id) if run_id else {})


def _put_in_url(query: dict[str, str]) -> None:
    query |= {"hide": ",".join(hidden_panels())} if hidden_panels() else {}
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def run_query(run_id: str) -> dict[str, str]:
    """URL parameters that name a run, for links."""
    return {"run": run_id}


# Which ladder of separately trained models the Beta lab is about, in place of a run.


def ladder_in_url() -> str | None:
    """The ladder that the address names. Raises LinkError where it cannot be a ladder's id."""
    value = st.query_params.get("ladder")
    if value is not None and not (_RUN_ID.fullmatch(value) and value.startswith("ladder-")):
        raise LinkError("The address does not name a ladder. Choose one above, or start at Home.")
    return value


def put_ladder_in_url(ladder_id: str) -> None:
    """Name this ladder in the address, and nothing else but what is left out of the page."""
    _put_in_url(ladder_query(ladder_id))


def ladder_key(name: str) -> str:
    """Key of a widget of the form that starts a ladder."""
    return f"ladder/{name}"


def ladder_query(ladder_id: str) -> dict[str, str]:
    """URL parameters that name a ladder, for links."""
    return {"ladder": ladder_id}


# Which run stands beside it to be compared with, also in the URL.

BESIDE_KEY = "beside"  # of the list to choose it from


def beside_in_url() -> str | None:
    """The second run that the address names. Raises LinkError where it cannot be a run's id."""
    value = st.query_params.get("with")
    if value is not None and not _RUN_ID.fullmatch(value):
        raise LinkError("The address does not name a run to compare with. Choose one under Compare.")
    return value


def put_beside_in_url(run_id: str, beside: str | None) -> None:
    """Name both runs in the address and leave the rest of it; None for no second one."""
    st.query_params["run"] = run_id
    if beside:
        st.query_params["with"] = beside
    else:
        st.query_params.pop("with", None)


def beside_query() -> dict[str, str]:
    """URL parameters that name the second run, for links; empty without."""
    value = st.query_params.get("with", "")
    return {"with": value} if _RUN_ID.fullmatch(value) else {}


def chosen_beside() -> str | None:
    return st.session_state.get(BESIDE_KEY)


def put_beside(run_id: str | None) -> None:
    """Bring the list to this run where it is drawn already and shows another."""
    if BESIDE_KEY in st.session_state and chosen_beside() != run_id:
        st.session_state[BESIDE_KEY] = run_id


# What of a run's page is not shown, and what is opened on it. Where its explorer stands: `places.py`.


def hidden_panels() -> list[str]:
    """Panels of Explore that the address leaves out, for use in class; unknown names are passed over."""
    return [name for name in st.query_params.get("hide", "").split(",") if name in links.PANELS]


SHARE_KEY = "share"  # of what holds the link to copy


# What is set up on the Train page: what the person changed, over the data set's recommended settings.


def changes() -> dict[str, Any]:
    """Settings changed by hand, by path: {"objective.beta": 4.0}. Mutable, kept for the session."""
    return st.session_state.setdefault("changes", {})


def source() -> str:
    """The chosen data set."""
    return st.session_state.get("source", "digits")


def choose_source(name: str) -> None:
    st.session_state["source"] = name


def is_dismissed(remark: str) -> bool:
    """Whether this person has read that remark."""
    return remark in st.session_state.get("dismissed", ())


def dismiss(remark: str) -> None:
    st.session_state.setdefault("dismissed", set()).add(remark)


def widget_key(path: str) -> str:
    """Key of the widget that sets `path`."""
    return f"setting/{path}"


def widget_value(path: str) -> Any:
    return st.session_state[widget_key(path)]


def put_widget(path: str, value: Any) -> None:
    """Set a widget before it is drawn; needed when the data set's defaults change under it."""
    st.session_state[widget_key(path)] = value


def has_widget(path: str) -> bool:
    return widget_key(path) in st.session_state


def training_key(run_id: str) -> str:
    """Key of the picture of a training in progress."""
    return f"training/{run_id}"


# Which run was looked at last.

PICKED_KEY = "picked"  # of the run picker


def picked() -> str | None:
    return st.session_state.get(PICKED_KEY)


def put_picked(run_id: str | None) -> None:
    """Bring the run picker to this run where it is drawn already and shows another."""
    if PICKED_KEY in st.session_state and picked() != run_id:
        st.session_state[PICKED_KEY] = run_id


# Which run stands under the dial of the Beta lab, and which trainings of one beta began there.

LAB_KEY = "lab-run"  # of its picker


def lab_picked() -> str | None:
    return st.session_state.get(LAB_KEY)


def put_lab_picked(name: str | None) -> None:
    """Bring the lab's picker there where it is drawn already and shows another."""
    if LAB_KEY in st.session_state and lab_picked() != name:
        st.session_state[LAB_KEY] = name


def begun_alone(run_id: str) -> list[str]:
    """Runs of a single beta that were begun from this one; mutable, kept for the session."""
    return st.session_state.setdefault(f"alone/{run_id}", [])


def wants_data(run_id: str) -> bool:
    """Whether a training from this run waits for its data set."""
    return st.session_state.get("wants-data") == run_id


def want_data(run_id: str | None) -> None:
    st.session_state["wants-data"] = run_id


def last_run() -> str | None:
    return st.session_state.get("last-run")


def remember_run(run_id: str) -> None:
    st.session_state["last-run"] = run_id


# What is being brought to the Data page.


def intake() -> Any:
    """The upload that is looked at, as `app.data_intake` keeps it; None without one."""
    return st.session_state.get("intake")


def put_intake(intake: Any) -> None:
    st.session_state["intake"] = intake


def uploader_key() -> str:
    """Key of the uploader; another one after each upload, so that Streamlit lets go of its copy."""
    return f"uploader/{st.session_state.setdefault('uploads', 0)}"


def renew_uploader() -> None:
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def data_key(name: str) -> str:
    """Key of a widget of the Data page."""
    return f"data/{name}"


def data_value(name: str) -> Any:
    return st.session_state.get(data_key(name))


def put_data_value(name: str, value: Any) -> None:
    """Set a widget of the Data page before it is drawn."""
    st.session_state[data_key(name)] = value


def just_kept() -> str:
    """The source of the pictures that were kept last, empty once that was read."""
    return st.session_state.get("just-kept", "")


def put_just_kept(source: str) -> None:
    st.session_state["just-kept"] = source


# What is looked for and done on the Runs page.


def runs_key(name: str) -> str:
    """Key of a widget of the Runs page, or of what it remembers."""
    return f"runs/{name}"


def runs_value(name: str) -> Any:
    return st.session_state.get(runs_key(name))


def put_runs_value(name: str, value: Any) -> None:
    st.session_state[runs_key(name)] = value
