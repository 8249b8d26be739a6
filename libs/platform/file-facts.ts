import { createHash } from 'node:crypto';

/** What tells whether the bytes of a stored file are still those that were written: their number and SHA-256 (hexadecimal). */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** Of a file's bytes. */
export function factsOf(bytes: Uint8Array): FileFacts {
  return { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}
