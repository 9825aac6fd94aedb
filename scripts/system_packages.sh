#!/bin/sh
# Chromium, Firefox and Node.js, which the browser tests need: installed with apt-get where they are missing and it may.
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing="$missing firefox-esr"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null && as_root="sudo -n"
fi
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "$as_root" ]; }; then
    echo "Missing:$missing. Install them to run the browser tests; without them those tests are skipped." >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the list is meant to split
$as_root apt-get update -qq && $as_root apt-get install -y -qq $missing >/dev/null ||
    echo "Could not install$missing; the browser tests will be skipped." >&2
exit 0
