import { useEffect, useState } from 'react';

/** The time of day in milliseconds, anew every second while it goes on. */
export function useNow(isGoingOn: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (!isGoingOn) return undefined;
    const timer = setInterval(() => {
      setNowMs(Date.now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [isGoingOn]);
  return nowMs;
}
