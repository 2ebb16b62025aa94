/**
 * The list of algorithms. A new one is a file in this folder that exports an `Algorithm`, and a line here. Settings, the
 * API's description, the page and the tests follow from the list.
 *
 * @module
 */

export { fastDoubling } from "./fast_doubling.ts";
export { iterative } from "./iterative.ts";
export { naive } from "./naive.ts";
