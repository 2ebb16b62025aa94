import { BlockList, isIP } from "node:net";

/**
 * Makes a function that tells whether an address is in a list of addresses and networks, such as `10.0.0.0/8,::1`.
 *
 * @throws {TypeError} If an entry is neither.
 */
export function trustedProxies(list: string): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of list.split(",").map((entry) => entry.trim())) {
    const [address, bits, ...rest] = entry.split("/");
    const family = familyOf(address);
    const most = family === "ipv4" ? 32 : 128;
    const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (!family || !isRange || rest.length > 0) {
      throw new TypeError(`${entry} is neither an address nor a network such as 10.0.0.0/8`);
    }
    trusted.addSubnet(address, bits === undefined ? most : Number(bits), family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && trusted.check(address, family);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  return ({ 4: "ipv4", 6: "ipv6" } as const)[isIP(address)];
}
