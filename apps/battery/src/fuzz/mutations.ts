import fc from 'fast-check';

/** What hostile documents are made with: syntax, edges of numbers, keys that mean something to JavaScript, bad UTF-8. */
const WORDS = [
  ...['{', '}', '[', ']', '"', ':', ',', '\\', '\\u0000', '\\ud800', 'null', 'true', '[[[[[[[[[[[[[[[[[', '{"a":'],
  ...['0', '-1', '-0', '1e308', '1e999', '0.5', '9007199254740991', '9007199254740993', '4294967295', '4294967296'],
  ...['"__proto__":{"kind":"have"},', '"constructor":1,', '"kind":"hello",', '"toString":null,', '"channel":0,'],
  ...['../', '/', 'CON', 'a'.repeat(300), '\u202e', '\u0000', 'e\u0301', '=', '==', 'AA'],
].map((word) => new TextEncoder().encode(word));
const BAD_UTF8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map((bytes) =>
  Uint8Array.from(bytes),
);
/** No mutation makes a document longer than this: beyond the limits of all messages there is nothing new. */
const MOST_BYTES = 256 * 1024;

type Mutation = (bytes: Uint8Array) => Uint8Array;

/** A document of the corpus, or anything, after a few mutations: bits, cuts, words, copies, and pieces of other documents. */
export function mutated(corpus: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const anything = fc.uint8Array({ maxLength: 64 });
  const origin = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...corpus) },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: fc.json().map((text) => new TextEncoder().encode(text)) },
  );
  return fc.tuple(origin, fc.array(mutation(corpus), { maxLength: 5 })).map(([bytes, mutations]) => {
    return mutations.reduce((result, mutate) => mutate(result).subarray(0, MOST_BYTES), bytes);
  });
}

function mutation(corpus: readonly Uint8Array[]): fc.Arbitrary<Mutation> {
  const at = fc.nat();
  const insert = fc.constantFrom(...WORDS, ...BAD_UTF8, ...corpus);
  return fc.oneof(
    fc.tuple(at, fc.nat({ max: 7 })).map(([place, bit]) => flipped(place, bit)),
    fc.tuple(at, fc.nat({ max: 255 })).map(([place, byte]) => put(place, 1, Uint8Array.of(byte))),
    fc.tuple(at, fc.nat({ max: 16 }), insert).map(([place, removed, bytes]) => put(place, removed, bytes)),
    at.map((place) => (bytes: Uint8Array) => bytes.subarray(0, place % (bytes.length + 1))),
    fc.tuple(at, at, fc.nat({ max: 40 })).map(([from, to, length]) => copied(from, to, length)),
    fc.tuple(at, at, fc.constantFrom(...corpus)).map(([from, to, other]) => spliced(from, to, other)),
  );
}

function flipped(place: number, bit: number): Mutation {
  return (bytes) => {
    const result = Uint8Array.from(bytes);
    const at = place % Math.max(1, bytes.length);
    const byte = result[at];
    if (byte !== undefined) result[at] = byte ^ (1 << bit);
    return result;
  };
}

function put(place: number, removed: number, inserted: Uint8Array): Mutation {
  return (bytes) => {
    const at = place % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
  };
}

/** A run of the document stands in it once more: a key twice, an entry twice. */
function copied(from: number, to: number, length: number): Mutation {
  return (bytes) => {
    const begin = from % (bytes.length + 1);
    return put(to, 0, bytes.subarray(begin, begin + length))(bytes);
  };
}

function spliced(from: number, to: number, other: Uint8Array): Mutation {
  return (bytes) =>
    Buffer.concat([bytes.subarray(0, from % (bytes.length + 1)), other.subarray(to % (other.length + 1))]);
}
