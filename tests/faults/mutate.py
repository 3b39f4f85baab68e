"""Mutations of files, for the fuzzer: of their bytes, and of what is inside (JSON, PNG chunks,
archives), sums mended."""
import io
import json
import re
import struct
import zipfile
import zlib

WORDS = (0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 2 ** 24, 2 ** 31 - 1, 2 ** 31,
         2 ** 32 - 1)
VALUES = ("NaN", "Infinity", "-1", "0", "1e999", "1e308", "null", "true", '"text"', "[]", "{}",
          "[[]]", "3", "9" * 30, '""',
          "-0.0", "1.5", "[1, 2]", '{"method": "acai"}', '"\\ud800"', "9" * 5000, "[" * 3000)
FOREIGN = (b"", b"\0", b"<html><body>404 Not Found</body></html>" * 20, b"%PDF-1.4\n",
           b"%!PS-Adobe-3.0 EPSF-3.0\n", b"PK\x05\x06" + bytes(18), b"\x80\x04.", b"[" * 100_000,
           b"\xff" * 4096, bytes(4096), b"{}", b"null", b'{"a": 1')


def of_bytes(content, random):
    """A few changes of bytes, in any place or in the first 200, where headers are."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        if not data:
            break
        place = random.randrange(min(len(data), random.choice((200, len(data)))))
        kind = random.randrange(7)
        if kind == 0:
            data[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[place] = random.randrange(256)
        elif kind == 2:
            del data[place:]
        elif kind == 3:
            data[place:place] = random.randbytes(random.choice((1, 2, 4, 64, 1000)))
        elif kind == 4:
            del data[place:place + random.choice((1, 4, 64, 1000))]
        elif kind == 5:  # a splice from elsewhere in the file
            start = random.randrange(len(data))
            data[place:place + 32] = data[start:start + random.choice((8, 32, 500))]
        else:                                                          # a number of a header
            form = random.choice((">I", "<I", ">H", "<H", "<Q"))
            word = random.choice(WORDS) % 256 ** struct.calcsize(form)
            data[place:place + struct.calcsize(form)] = struct.pack(form, word)
    return bytes(data)


def of_text(text, random):
    """JSON with one value, key or character changed."""
    found = list(re.finditer(
        r'-?\d+(\.\d+)?([eE][-+]?\d+)?|"(\\.|[^"\\])*"|null|true|false|\{\}|\[\]', text))
    if not found or random.random() < 0.1:
        return of_bytes(text.encode(errors="surrogatepass"), random).decode(errors="replace")
    part = random.choice(found)
    new = random.choice(VALUES) if random.random() < 0.8 else random.choice(found)[0]
    return text[:part.start()] + new + text[part.end():]


def of_json(content, random):
    return of_text(content.decode(), random).encode(errors="surrogatepass")


def of_safetensors(content, random):
    """The header changed, its length mended; half of the time the JSON inside of the JSON: config
    and receipt."""
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    notes = header["__metadata__"]
    if random.random() < 0.6:
        key = random.choice(sorted(notes))
        notes[key] = of_text(notes[key], random)
        text = json.dumps(header).encode()
    else:
        text = of_json(json.dumps(header).encode(), random)
    return struct.pack("<Q", len(text)) + text + content[8 + size:]


def of_png(content, random):
    """One chunk changed, its checksum mended; in text the text, in pixels what was packed."""
    chunks, place = [], 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place:place + 8])
        chunks.append((kind, content[place + 8:place + 8 + size]))
        place += 12 + size
    k = random.randrange(len(chunks))
    kind, data = chunks[k]
    if kind == b"iTXt":
        head, packed = data[:9], data[9:]
        chunks[k] = kind, head + zlib.compress(of_json(zlib.decompress(packed), random))
    elif kind == b"IDAT" and random.random() < 0.5:
        chunks[k] = kind, zlib.compress(of_bytes(zlib.decompress(data), random))
    elif random.random() < 0.2:
        chunks.insert(k, random.choice(chunks))
    else:
        chunks[k] = kind, of_bytes(data, random)
    return content[:8] + b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(
        ">I", zlib.crc32(kind + data)) for kind, data in chunks)


def of_zip(content, random):
    """One member of an archive changed, archived anew."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(sorted(members))
    if random.random() < 0.1:
        del members[name]
    else:
        members[name] = of_bytes(members[name], random)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return out.getvalue()


def of_matlab(content, random):
    """What a compressed element of a MATLAB file holds changed, compressed anew."""
    out, place = content[:128], 128
    which, k = random.randrange(2), 0
    while place < len(content):
        kind, size = struct.unpack("<II", content[place:place + 8])
        inner = content[place + 8:place + 8 + size]
        if kind == 15 and k == which:
            inner = zlib.compress(of_bytes(zlib.decompress(inner), random))
        out, place, k = out + struct.pack("<II", kind, len(inner)) + inner, place + 8 + size, k + 1
    return out


def mutate(content, random, inside=None):
    """A changed copy: of its bytes, of what `inside` knows, noise, or another kind of file
    altogether."""
    kind = random.random()
    if kind < 0.03:
        return random.choice(FOREIGN)
    if kind < 0.06:
        return random.randbytes(random.choice((1, 10, 100, 5000)))
    if inside and kind < 0.6:
        return inside(content, random)
    return of_bytes(content, random)
