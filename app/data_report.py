"""What was found in an upload: counts, classes, and a line for each file that was left out."""

import csv
import html
import io

import streamlit as st

from app import words
from vae_core.data.imports import Limits, Preview, Report

SHOWN = 50  # lines on the page; the file has all
CLASSES = 12
SIZES = 3


def summary(preview: Preview) -> None:
    """Counts, sizes and classes in a few lines."""
    sizes = [f"{width}×{height} ({count:,})" for width, height, count in preview.sizes[:SIZES]]
    if len(preview.sizes) == 1:
        sizes = [f"all {preview.sizes[0][0]}×{preview.sizes[0][1]}"]
    elif len(preview.sizes) > SIZES:
        sizes.append(f"{len(preview.sizes) - SIZES:,} more sizes")
    parts = [f"<b>{preview.count:,} pictures</b>", f"as they came: {', '.join(sizes)}"]
    if preview.report.left_out:
        parts.append(f"{preview.report.left_out:,} not looked at")
    st.html(f"<p class='facts'>{' · '.join(parts)}</p>{_classes(preview)}")


def _classes(preview: Preview) -> str:
    if not preview.classes:
        return "<p class='facts'>No classes: the map will be of one colour.</p>"
    most = sorted(preview.classes.items(), key=lambda item: -item[1])
    shown = most if len(most) <= CLASSES else most[:CLASSES]
    known = {name for name, _ in shown}
    chips = [
        f"<span>{html.escape(name)} <i>{count:,}</i></span>"
        for name, count in preview.classes.items()
        if name in known
    ]
    if len(most) > len(shown):
        chips.append(f"<span>and {len(most) - len(shown):,} more classes</span>")
    if preview.unlabelled:
        chips.append(f"<span>without a class <i>{preview.unlabelled:,}</i></span>")
    return f"<p class='chips'>{''.join(chips)}</p>"


def skipped(report: Report, title: str) -> None:
    """Which files were left out and why, and remarks on others; all of them as a file."""
    if not report.lines:
        return
    remarks = sum(line.taken for line in report.lines)
    label = f"{report.skipped:,} left out" if report.skipped else ""
    if remarks:
        label += f"{', ' if label else ''}{remarks:,} read with a remark"
    with st.expander(f"{label}: which and why"):
        rows = "".join(
            f"<tr><td>{html.escape(line.name)}</td><td>{html.escape(line.reason)}</td></tr>"
            for line in report.lines[:SHOWN]
        )
        st.html(f"<table class='table lines'>{rows}</table>")
        if len(report.lines) > SHOWN:
            st.caption(f"And {len(report.lines) - SHOWN:,} more, all in the file.")
        st.download_button(
            "Download the list",
            lambda: as_csv(report),
            file_name=f"{title} left out.csv",
            mime="text/csv",
            on_click="ignore",
        )


def as_csv(report: Report) -> bytes:
    """Name, whether it was taken, reason. A name that a spreadsheet would compute is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "taken", "reason"])
    for line in report.lines:
        name = f"'{line.name}" if line.name[:1] in "=+-@\t\r" else line.name
        writer.writerow([name, "yes" if line.taken else "no", line.reason])
    return text.getvalue().encode("utf-8-sig")


def formats(limits: Limits, upload: int) -> None:
    """What can be read, and how much of it; `upload` in MB."""
    with st.expander("What can be read, and how much"):
        st.markdown(
            "- **A zip** of PNG, JPEG, WebP, GIF or BMP pictures; a picture's folder is its class.\n"
            "- **Several such pictures** at once, without classes.\n"
            "- **An npz** of numpy: you choose which array holds the pictures and which the classes.\n"
            "- **A CSV** with one picture in a row, its pixels from 0 to 255, and a column for the class.\n"
            "- **IDX files** as MNIST has them, pictures and labels together, packed or not.\n"
        )
        rows = [
            ("One upload", f"{upload} MB"),
            ("All files unpacked", words.size(limits.inflated_bytes)),
            ("One file unpacked", words.size(limits.file_bytes)),
            ("One picture", f"{limits.picture_pixels / 1e6:,.0f} million pixels"),
            ("Files", f"{limits.entries:,}"),
            ("Classes", f"{limits.classes:,}"),
            ("All prepared pictures", f"{limits.total_pixels / 1e6:,.0f} million numbers"),
        ]
        cells = "".join(f"<tr><th>{name}</th><td>{most}</td></tr>" for name, most in rows)
        st.html(f"<table class='table'>{cells}</table>")
        st.caption("What lies above is left out and listed; whoever runs the server can change the limits.")
