import { assertEquals, assertThrows } from "@std/assert";
import { DescriptorReserve } from "../lib/descriptor_reserve.ts";

/** A system with so many file descriptors, all of them free. */
class System {
  free: number;

  constructor(free: number) {
    this.free = free;
  }

  readonly open = () => {
    if (this.free === 0) throw new Error("Too many open files");
    this.free--;
    return { close: () => void this.free++ };
  };
}

Deno.test("DescriptorReserve keeps descriptors from others, and frees them for what it runs", () => {
  const system = new System(20);
  const reserve = new DescriptorReserve(system.open);
  assertEquals(system.free, 8);
  assertEquals(reserve.lend(() => system.free), 20);
  assertEquals(system.free, 8);
});

Deno.test("DescriptorReserve frees them for what throws, and takes them back", () => {
  const system = new System(20);
  const reserve = new DescriptorReserve(system.open);
  assertThrows(
    () =>
      reserve.lend(() => {
        throw new RangeError("no worker");
      }),
    RangeError,
    "no worker",
  );
  assertEquals(system.free, 8);
});

Deno.test("DescriptorReserve runs nothing while too few are free, and recovers", () => {
  const system = new System(20);
  const reserve = new DescriptorReserve(system.open);
  // What it runs takes six for good, and connections take all that is left.
  reserve.lend(() => void (system.free -= 6));
  system.free = 0;
  reserve.lend(() => void (system.free -= 6));
  let ran = false;
  assertThrows(() => reserve.lend(() => void (ran = true)), Error, "not enough file descriptors");
  assertEquals(ran, false);
  system.free = 100;
  reserve.lend(() => void (ran = true));
  assertEquals(ran, true);
});
