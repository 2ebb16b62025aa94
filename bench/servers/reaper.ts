/**
 * Runs inside the service, by `--preload`: ends one of its workers every 200 ms, whatever it is doing.
 *
 * @module
 */

const EVERY_MS = 200;

const live: Worker[] = [];
globalThis.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    live.push(this);
  }

  override terminate(): void {
    const index = live.indexOf(this);
    if (index >= 0) live.splice(index, 1);
    super.terminate();
  }
};

Deno.unrefTimer(setInterval(() => live[0]?.terminate(), EVERY_MS));
