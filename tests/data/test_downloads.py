"""Downloads from a server on this machine that misbehaves in every way we know."""

import dataclasses
import hashlib
import os
import resource
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import platformdirs
import pytest

from vae_core import data
from vae_core.data import downloads
from vae_core.data.files import RemoteFile
from vae_core.errors import ChecksumError, DataError, DownloadCancelledError, DownloadError, StorageError

BODY = bytes(range(256)) * 1200  # several pieces


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
        elif self.path == "/endless":
            self.endless()
        elif self.path == "/garbage":
            self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
        else:
            self.reply()

    def reply(self):
        body = {"/altered": b"?" + BODY[1:], "/long": BODY * 3, "/short": BODY[:1000]}.get(self.path, BODY)
        self.send_response(200)
        if self.path != "/silent-end":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path in ("/cut", "/silent-end", "/hangs"):
            body = body[: len(body) // 2]
        self.wfile.write(body)
        if self.path == "/hangs":
            self.wfile.flush()
            self.server.released.wait(30)

    def endless(self):
        """Sends until the other side hangs up."""
        self.send_response(200)
        self.end_headers()
        while not self.server.released.is_set():
            self.wfile.write(BODY)

    def log_message(self, *arguments):
        pass


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        """A client that hangs up in the middle is what these tests are about."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.asked, server.released = [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def remote(*addresses, name="file.gz", body=BODY):
    return RemoteFile(name, len(body), hashlib.sha256(body).hexdigest(), addresses)


def test_a_good_download(server, tmp_path):
    told = []
    wanted = [remote(f"{server.url}/good", name="a"), remote(f"{server.url}/moved", name="b")]
    downloads.fetch(wanted, tmp_path / "new", lambda done, total: told.append((done, total)))
    assert sorted(os.listdir(tmp_path / "new")) == ["a", "b"]
    assert (tmp_path / "new" / "a").read_bytes() == (tmp_path / "new" / "b").read_bytes() == BODY
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert len(set(done)) > 4
    assert {total for _, total in told} == {2 * len(BODY)}
    assert done[-1] == 2 * len(BODY)


@pytest.mark.parametrize(
    ("page", "error", "words"),
    [
        ("altered", ChecksumError, "not the file its authors published"),
        ("cut", DownloadError, "broke off after"),
        ("silent-end", DownloadError, "broke off after"),
        ("short", DownloadError, "broke off after 1,000 of 307,200 bytes"),
        ("long", DownloadError, "sends more than the 307,200 bytes"),
        ("missing", DownloadError, "404 Not Found"),
        ("garbage", DownloadError, "could not be downloaded from 127.0.0.1"),
        ("hangs", DownloadError, "no answer for 0.3 s"),
    ],
)
def test_what_goes_wrong_is_said_and_leaves_nothing(server, tmp_path, monkeypatch, page, error, words):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3)
    with pytest.raises(error, match=words) as caught:
        downloads.fetch([remote(f"{server.url}/{page}")], tmp_path)
    assert "Nothing was kept" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_known_by_its_git_id(server, tmp_path):
    """Its size is only about right; `git` itself says what its id is."""
    (tmp_path / "x").write_bytes(BODY)
    found = subprocess.run(["git", "hash-object", tmp_path / "x"], capture_output=True, text=True, check=True)
    about = dataclasses.replace(remote(), bytes=len(BODY) - 5000, sha256="", git=found.stdout.strip())

    def get(page):
        wanted = dataclasses.replace(about, addresses=(f"{server.url}/{page}",))
        downloads.fetch([wanted], tmp_path / page)

    get("good")
    assert (tmp_path / "good" / "file.gz").read_bytes() == BODY
    for page, error in (("altered", ChecksumError), ("short", ChecksumError), ("endless", DownloadError)):
        with pytest.raises(error):
            get(page)
        assert list((tmp_path / page).iterdir()) == []


def test_no_more_is_taken_than_the_file_should_have(server, tmp_path):
    told = []
    with pytest.raises(DownloadError, match="sends more"):
        downloads.fetch([remote(f"{server.url}/endless")], tmp_path, lambda done, total: told.append(done))
    assert max(told) == len(BODY)  # a progress bar stays within its end
    assert list(tmp_path.iterdir()) == []


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:  # bound, never listening: refused, and nobody else can have the port
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadError, match="connection refused"):
            downloads.fetch([remote(f"http://127.0.0.1:{taken.getsockname()[1]}/good")], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_such_host(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(DownloadError, match=r"could not be downloaded from nowhere\.invalid"):
        downloads.fetch([remote("http://nowhere.invalid/good")], tmp_path)


def test_the_next_address_is_tried(server, tmp_path):
    pages = ("missing", "altered", "cut", "good", "long")
    downloads.fetch([remote(*(f"{server.url}/{page}" for page in pages))], tmp_path)
    assert server.asked == ["/missing", "/altered", "/cut", "/good"]
    assert (tmp_path / "file.gz").read_bytes() == BODY
    assert os.listdir(tmp_path) == ["file.gz"]


@pytest.mark.parametrize("after", [0, 2])
def test_calling_it_off(server, tmp_path, after):
    """Said once is enough."""
    pieces, said = [], iter([False] * after + [True] + [False] * 99)
    with pytest.raises(DownloadCancelledError, match="called off"):
        downloads.fetch(
            [remote(f"{server.url}/good", f"{server.url}/good")],
            tmp_path,
            lambda done, total: pieces.append(done),
            lambda: next(said),
        )
    assert len(pieces) == after
    assert server.asked == ["/good"][: bool(after)]  # no other address is tried
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_callers_own_leaves_nothing_either(server, tmp_path):
    def fail(done, total):
        raise RuntimeError("the caller's")

    with pytest.raises(RuntimeError, match="the caller's"):
        downloads.fetch([remote(f"{server.url}/good")], tmp_path, fail)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk(server, tmp_path):
    """The kernel itself refuses to write beyond 100 kB, as it would on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StorageError, match=r"file\.gz could not be saved in"):
            downloads.fetch([remote(f"{server.url}/good")], tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="cannot be kept"):
        downloads.fetch([remote(f"{server.url}/good")], tmp_path / "taken" / "mnist")


def test_parts_of_a_killed_download_are_swept(server, tmp_path):
    for name, age in ((".old.gz.x1.part", 7200), (".busy.gz.x2.part", 0)):
        (tmp_path / name).write_bytes(b"half")
        then = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (then, then))
    downloads.fetch([remote(f"{server.url}/good")], tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".busy.gz.x2.part", "file.gz"]


@pytest.fixture
def published(server, monkeypatch, tmp_path):
    """MNIST as two files on the test's server; (LATENTSCAPE_DATA's, the cache's) folder of it."""
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *names, **options: str(tmp_path / "cache"))
    wanted = tuple(remote(f"{server.url}/good-{name}", name=name) for name in ("a", "b"))
    monkeypatch.setitem(data.SOURCES, "mnist", dataclasses.replace(data.SOURCES["mnist"], files=wanted))
    return tmp_path / "data" / "mnist", tmp_path / "cache" / "data" / "mnist"


def test_a_download_makes_the_source_available_and_is_done_once(server, published):
    assert not data.available("mnist")
    data.download("mnist")
    assert data.available("mnist")
    assert server.asked == ["/good-a", "/good-b"]
    data.download("mnist")
    assert len(server.asked) == 2


def test_a_damaged_download_is_replaced(server, published):
    data.download("mnist")
    (published[1] / "b").write_bytes(BODY[:-1] + b"?")
    data.download("mnist")
    assert server.asked == ["/good-a", "/good-b", "/good-b"]
    assert (published[1] / "b").read_bytes() == BODY


def test_what_a_person_put_there_is_used_and_never_replaced(server, published):
    published[0].mkdir(parents=True)
    (published[0] / "a").write_bytes(BODY)
    data.download("mnist")
    assert server.asked == ["/good-b"]
    (published[0] / "a").write_bytes(b"mine")
    with pytest.raises(ChecksumError, match="Delete it"):
        data.download("mnist")
    assert (published[0] / "a").read_bytes() == b"mine"


def test_sources_without_files_need_no_download(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *names, **options: str(tmp_path / "cache"))
    for source in ("digits", "shapes"):
        assert data.available(source)
        data.download(source)
    assert list(tmp_path.iterdir()) == []


def test_unknown_sources():
    for ask in (data.available, data.download):
        with pytest.raises(DataError, match="no data set 'cats'; there are digits, shapes"):
            ask("cats")
