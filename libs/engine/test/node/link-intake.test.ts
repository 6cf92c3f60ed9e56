import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LinkIntake } from '../../src/node/link-intake.ts';

/** More than a link may take of the thread at once. */
const LONG_MS = 15;

/** A short text frame as the side that dialled sends it, with a mask of zeros. */
const text = (letter: string): Buffer => Buffer.concat([Buffer.of(0x81, 0x81, 0, 0, 0, 0), Buffer.from(letter)]);

/** A link whose every message takes the thread for as long as `msEach` says. */
function listen(msEach: number) {
  const said: string[] = [];
  const intake = new LinkIntake('them', {
    onBlock: () => undefined,
    onRest: (bytes) => {
      const endMs = performance.now() + msEach;
      while (performance.now() < endMs);
      const letters = bytes.toString().replace(/[^a-z]/g, '');
      if (letters !== '') said.push(letters);
    },
    onTooLarge: () => undefined,
    pause: () => said.push('(pause)'),
    resume: () => said.push('(resume)'),
  });
  return { intake, said };
}

describe('what comes on a link', () => {
  it('is handled at once when it takes no time', () => {
    const { intake, said } = listen(0);
    intake.take(Buffer.concat([text('a'), text('b'), text('c')]));
    expect(said).toEqual(['a', 'b', 'c']);
    expect(intake.isWaiting).toBe(false);
  });

  it('waits for its turn after a message that took long, in order, and nothing is read meanwhile', async () => {
    const { intake, said } = listen(LONG_MS);
    intake.take(Buffer.concat([text('a'), text('b')]));
    intake.take(text('c'));
    expect(intake.isWaiting).toBe(true);
    expect(said).not.toContain('c');
    while (intake.isWaiting) await nextTurn();
    const [pause, resume] = [said.indexOf('(pause)'), said.indexOf('(resume)')];
    expect(said.filter((word) => word.length === 1)).toEqual(['a', 'b', 'c']);
    expect([pause, resume]).toEqual([pause, said.length - 1]);
    expect(said.filter((word) => word === '(pause)')).toHaveLength(1);
  });

  it('is forgotten when the connection is closed', async () => {
    const { intake, said } = listen(LONG_MS);
    intake.take(Buffer.concat([text('a'), text('b'), text('c')]));
    intake.stop();
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(said).not.toContain('c');
    expect(said).not.toContain('(resume)');
  });
});
