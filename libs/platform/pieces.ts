/** Postgres takes up to 1 GB in a field; small pieces keep the memory of both sides small. */
export const PIECE_BYTES = 1_000_000;

/** Bytes cut into pieces of a field each, in order, as views; of nothing there is none. */
export function* piecesOf(content: Uint8Array): Generator<Buffer, void, undefined> {
  for (let start = 0; start < content.byteLength; start += PIECE_BYTES) {
    const piece = content.subarray(start, start + PIECE_BYTES);
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}
