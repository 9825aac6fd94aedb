"""Bytes as text inside a page: smaller than base64 would make them, and unpacked by a few lines of script.

Three steps. Weights of two bytes each are split into their first and their second bytes (the byte shuffle of
Blosc, https://www.blosc.org), where that pays: the second ones hold sign and exponent, which repeat. gzip
follows. Every four bytes then become five letters (base 85, https://www.rfc-editor.org/rfc/rfc1924), a
quarter more bytes where base64 takes a third; `<` is written as a comma, so that no letters end a script.
"""

import base64
import gzip
from string import Template

SHUFFLED = "2"  # how many parts the bytes lie in
_LETTERS = bytes.maketrans(b"<", b",")
# A letter's place is the digit that it stands for.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~"

# `name` is that of a script element; what its text holds, as an ArrayBuffer.
UNPACK = """
const unpacked = async (name) => {
  const {textContent: text, dataset: {length, parts}} = document.getElementById(name);
  const places = new Uint8Array(128);
  Array.from('$alphabet', (letter, place) => { places[letter.charCodeAt(0)] = place; });
  const packed = new DataView(new ArrayBuffer(text.length / 5 * 4));
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (let k = 0; k < 5; k++) value = value * 85 + places[text.charCodeAt(at + k)];
    packed.setUint32(at / 5 * 4, value);
  }
  const stream = new Blob([packed.buffer.slice(0, length)]).stream();
  const bytes = await new Response(stream.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
  if (parts !== '2') return bytes;
  const [apart, joined] = [new Uint8Array(bytes), new Uint8Array(bytes.byteLength)];
  const half = Math.ceil(joined.length / 2);
  for (let at = 0; at < joined.length; at++) joined[at] = apart[at % 2 * half + (at >> 1)];
  return joined.buffer;
};
""".replace("$alphabet", ALPHABET)

_ELEMENT = Template(
    '<script type="text/plain" id="$name" data-length="$length" data-parts="$parts">$text</script>\n'
)


def element(name: str, content: bytes) -> str:
    """A script element of that id which holds `content` as text; the same bytes give the same text."""
    packed, parts = _packed(content)
    return _ELEMENT.substitute(name=name, length=len(packed), parts=parts, text=_letters(packed))


def unpack(text: str, length: int, parts: str) -> bytes:
    """What an element's text, `data-length` and `data-parts` hold, as the page's script reads them."""
    content = gzip.decompress(base64.b85decode(text.replace(",", "<"))[:length])
    if parts != SHUFFLED:
        return content
    joined = bytearray(len(content))
    half = -(-len(content) // 2)
    joined[::2], joined[1::2] = content[:half], content[half:]
    return bytes(joined)


def size(content: bytes) -> int:
    """Bytes of the element."""
    return -(-len(_packed(content)[0]) // 4) * 5 + len(_ELEMENT.template)


def _packed(content: bytes) -> tuple[bytes, str]:
    """The shorter of two ways to pack, and its `data-parts`."""
    apart = content[::2] + content[1::2]
    pays = len(gzip.compress(apart, 1)) < len(
        gzip.compress(content, 1)
    )  # as little effort as tells them apart
    return gzip.compress(apart if pays else content, mtime=0), SHUFFLED if pays else "1"


def _letters(packed: bytes) -> str:
    return base64.b85encode(packed, pad=True).translate(_LETTERS).decode()
