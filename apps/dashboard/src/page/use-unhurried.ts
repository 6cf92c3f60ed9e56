import { useEffect, useReducer, useRef } from 'react';

/**
 * What `find` makes of a value, found anew at most every `everyMs` milliseconds; what came last is always looked at in the end.
 * For what costs more than drawing, or would change faster than people read.
 */
export function useUnhurried<T, R>(value: T, find: (value: T) => R, everyMs = 1_000): R {
  const [, wake] = useReducer((times: number) => times + 1, 0);
  const last = useRef<{ readonly atMs: number; readonly value: T; readonly found: R }>(undefined);
  const nowMs = performance.now();
  if (last.current === undefined || (last.current.value !== value && nowMs - last.current.atMs >= everyMs)) {
    last.current = { atMs: nowMs, value, found: find(value) };
  }
  const { atMs, value: seen, found } = last.current;
  useEffect(() => {
    if (seen === value) return undefined;
    const timer = setTimeout(wake, atMs + everyMs - performance.now());
    return () => {
      clearTimeout(timer);
    };
  });
  return found;
}
