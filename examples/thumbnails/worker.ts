import { encode } from "@jsquash/png";
import decode, { init } from "@jsquash/png/decode.js";
import resize, { initResize } from "@jsquash/resize";
import { current, serve, transfer } from "@off-the-loop/pool/worker";

// Before the first call: a codec that can't be loaded is no bad image, but a worker that can't start.
await Promise.all([init(), initResize()]);

const thumbnails = {
  /** Makes a PNG as wide as `width`, or as it was if that is less. */
  async thumbnail(png: ArrayBuffer, width: number): Promise<ArrayBuffer> {
    // Taken before the first await. A step can't be interrupted, but between two of them we look.
    const { checkpoint } = current();
    const image = await decode(png).catch(() => {
      throw new DOMException("It is no PNG, or a broken one", "EncodingError");
    });
    checkpoint();
    const scale = Math.min(1, width / image.width);
    const small = await resize(image, {
      width: Math.ceil(image.width * scale),
      height: Math.ceil(image.height * scale),
    });
    checkpoint();
    const result = await encode(small);
    return transfer(result, [result]);
  },
};

export type Thumbnails = typeof thumbnails;

serve(thumbnails);
