/**
 * The list of algorithms: a new one is a file in this folder, which exports an `Algorithm`, and a line here. Names,
 * texts, settings, the API's description, the page and the tests come from it.
 *
 * @module
 */

export { fastDoubling } from "./fast_doubling.ts";
export { iterative } from "./iterative.ts";
export { naive } from "./naive.ts";
