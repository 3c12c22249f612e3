// A type as it stands in JSON: an enumeration's members are their plain values there.
export type Wire<T> = 0 extends 1 & T
  ? any
  : T extends string
    ? `${T}`
    : T extends number
      ? number extends T
        ? number
        : `${T}` extends `${infer N extends number}`
          ? N
          : T
      : T extends (infer U)[]
        ? Wire<U>[]
        : T extends object
          ? { [K in keyof T]: Wire<T[K]> }
          : T;
