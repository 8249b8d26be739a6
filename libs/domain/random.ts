/**
 * A seeded source of random numbers: xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it), seeded through
 * splitmix32. The same seed gives the same numbers on every machine.
 */
export class Random {
  private readonly state = new Uint32Array(4);

  constructor(seed: number) {
    let mixed = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.state[i] = z ^ (z >>> 15);
    }
  }

  /** 32 random bits as an integer from 0 to 2^32 - 1. */
  bits(): number {
    const s = this.state as Uint32Array & { 0: number; 1: number; 2: number; 3: number };
    const scrambled = Math.imul(s[1], 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** From [0, 1). */
  uniform(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** From the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Where it is in its sequence, four numbers; `continueFrom` goes on from there. */
  position(): readonly number[] {
    return [...this.state];
  }

  /** Gives the numbers that came after that position. */
  continueFrom(position: readonly number[]): void {
    this.state.set(position);
  }

  /** Puts the elements in random order, in place (Fisher and Yates). */
  shuffle(values: unknown[] | Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [values[i], values[j]] = [values[j], values[i]];
    }
  }
}
