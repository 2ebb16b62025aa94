/**
 * What TypeScript makes of an API's methods. Of one that is overloaded, the last four signatures count. Of a generic
 * one, the type parameters stand for what they extend.
 *
 * @module
 */

/**
 * Methods by name, as own properties: a class's methods are not. Arguments and results must be cloneable.
 */
// deno-lint-ignore no-explicit-any -- parameters are contravariant: only `any` accepts all functions
export type Methods<Api> = { [Name in keyof Api]: (...args: any[]) => unknown };

/**
 * The arguments that a method takes, as a tuple; those of all its signatures, if it is overloaded.
 *
 * @typeParam Args The arguments that are given, if TypeScript is to infer them.
 */
export type ArgsOf<Method, Args = unknown> = Method extends {
  (...args: infer A): unknown;
  (...args: infer B): unknown;
  (...args: infer C): unknown;
  (...args: infer D): unknown;
}
  // `Args` is only inferred from here: a parameter of that type would take objects with misspelt fields.
  ? [Args] extends [never] ? Args : A | B | C | D
  : never;

/**
 * What a method comes to; if it is overloaded, by the first signature that takes the arguments.
 *
 * @typeParam Args The arguments. Default: any that it takes.
 */
export type ResultOf<Method, Args = ArgsOf<Method>> = Method extends {
  (...args: infer A): infer R;
  (...args: infer B): infer S;
  (...args: infer C): infer T;
  (...args: infer D): infer U;
} ? Awaited<
    [Args] extends [A] ? R : [Args] extends [B] ? S : [Args] extends [C] ? T
    : [Args] extends [D] ? U
    : R | S | T | U
  >
  // Of `any`, whose result is any.
  : Method;
