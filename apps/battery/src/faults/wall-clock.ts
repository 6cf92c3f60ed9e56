import { readFileSync } from 'node:fs';

/** Lets the wall clock of this process jump, at every SIGUSR2, by the milliseconds that stand in a file. */
export function jumpAtSignal(path: string): void {
  const RealDate = Date;
  let offsetMs = 0;
  const now = (): number => RealDate.now() + offsetMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: readonly unknown[]) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args) as Date,
    apply: () => String(new RealDate(now())),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
  process.on('SIGUSR2', () => {
    offsetMs += Number(readFileSync(path, 'utf8'));
    process.stderr.write(`the wall clock jumped to ${new Date().toISOString()}\n`);
  });
}
