import { createHash, randomBytes } from 'node:crypto';
import type { KeyLimits } from './rate-limit.js';

/** A public key may send events and read recommendations (it is visible in a storefront); a secret key may do all. */
export const KEY_KINDS = ['public', 'secret'] as const;

export type KeyKind = (typeof KEY_KINDS)[number];

/** Who is asking, as told by a valid key, and what that key may do. */
export interface KeyHolder extends KeyLimits {
  /** Of the key; not secret. */
  readonly id: string;
  readonly store: string;
  readonly kind: KeyKind;
  /** Which pages may use the key in a browser, as their origins; when empty, every page may. */
  readonly origins: readonly string[];
  readonly expiresAt: Date | null;
}

const randomBytesPerKey = 32;
const shape = /^npk_(public|secret)_[A-Za-z0-9_-]{43}$/;

/** A new random key, `npk_public_...` or `npk_secret_...` with 256 random bits. */
export function generateKey(kind: KeyKind): string {
  return `npk_${kind}_${randomBytes(randomBytesPerKey).toString('base64url')}`;
}

/** Whether a text can be a key at all; saves a query for everything that cannot. */
export function looksLikeKey(text: string): boolean {
  return shape.test(text);
}

/** SHA-256 of a key. A plain hash is enough because the key is random, not chosen by a person. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

const selectorBytes = 8;

/** The part of a hash by which a key is looked up, as the lowest and the highest hash that begin with it. */
export function selectorOf(hash: Buffer): { readonly lowest: Buffer; readonly highest: Buffer } {
  const padded = (byte: number): Buffer => Buffer.alloc(hash.length, byte).fill(hash, 0, selectorBytes);
  return { lowest: padded(0x00), highest: padded(0xff) };
}

/** The start of a key, to recognise it in a list: `npk_secret_AbCdEf`. */
export function keyPrefix(key: string): string {
  return key.slice(0, 'npk_secret_'.length + 6);
}
