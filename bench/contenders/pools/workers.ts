/** Starts `size` module workers of this folder that say "ready", and waits until they all have. */
export function startWorkers(name: string, size: number): Promise<Worker[]> {
  return Promise.all(Array.from({ length: size }, async () => {
    const worker = new Worker(new URL(name, import.meta.url), { type: "module" });
    await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
    return worker;
  }));
}
