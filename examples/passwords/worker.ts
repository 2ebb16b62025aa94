import { scrypt } from "@noble/hashes/scrypt.js";
import { checkpoint, serve } from "@off-the-loop/pool/worker";

/** Derives a key. Doubles its time and its memory with each step of `cost`. */
function derive(password: string, salt: Uint8Array, cost: number): Uint8Array {
  // The library calls back some thousand times. Throws if nobody waits for the hash any more.
  return scrypt(password, salt, { N: 2 ** cost, r: 8, p: 1, dkLen: 32, onProgress: checkpoint });
}

const passwords = {
  hash(password: string, cost: number): string {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    return `scrypt:${cost}:${salt.toHex()}:${derive(password, salt, cost).toHex()}`;
  },
  verify(password: string, cost: number, salt: string, key: string): boolean {
    const derived = derive(password, Uint8Array.fromHex(salt), cost);
    const expected = Uint8Array.fromHex(key);
    let difference = derived.length ^ expected.length;
    // To its end, whatever differs: the time it takes tells nothing.
    derived.forEach((byte, i) => difference |= byte ^ (expected[i] ?? 0));
    return difference === 0;
  },
};

export type Passwords = typeof passwords;

serve(passwords);
