"""Files to take along: a run as what other programs open. `kinds` lists them; each other module makes some.

Every file is written whole or not at all. What is heavy (torch, pyarrow, onnx, Pillow) is imported by the
module that needs it, and that one when it is asked for.
"""
