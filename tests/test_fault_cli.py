"""The command line where the machine refuses: a sentence that says what to do; nothing saved is lost."""

import subprocess
import sys
from pathlib import Path

from vae_core.runs import RunStore

LIMITED = [sys.executable, str(Path(__file__).with_name("fault_limit.py"))]
LARGE = ["train", "--data", "digits", "--hidden", "4000,3000", "--epochs", "1", "--batch", "1000"]


def test_memory_that_does_not_suffice_is_a_sentence(home):
    told = subprocess.run([*LIMITED, "30000000", *LARGE], capture_output=True, text=True, check=False)
    assert told.returncode == 1, told.stderr
    assert "memory of this machine does not suffice" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    assert RunStore().get(told.stdout.split()[-1]).state == "interrupted"


def test_results_that_cannot_be_written_are_a_sentence(home):
    words = [sys.executable, "-m", "vae_core", "runs"]
    with open("/dev/full", "w") as nowhere:
        told = subprocess.run(words, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr == "The system refused: No space left on device. What was saved before is untouched.\n"
