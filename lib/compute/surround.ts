/** Puts ASCII text around digits. Returns new bytes, in a buffer of exactly their length. */
export function surround(
  before: string,
  digits: Uint8Array,
  after: string,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(before.length + digits.length + after.length);
  const encoder = new TextEncoder();
  encoder.encodeInto(before, bytes);
  bytes.set(digits, before.length);
  encoder.encodeInto(after, bytes.subarray(before.length + digits.length));
  return bytes;
}
