import { describe, expect, it } from 'vitest';
import { inCompany, pickContenders } from '../src/company.ts';

const rival = (name: string, version?: string) => ({ name, version: () => Promise.resolve(version) });

describe('the company of a measurement', () => {
  it('leaves out and names who is not installed', async () => {
    const [shoal, other] = [rival('shoal', '1.0.0'), rival('other')];
    const { present, versions, notes } = await inCompany([shoal, other]);
    expect(present).toEqual([shoal]);
    expect(versions).toBe('Versions: shoal 1.0.0.');
    expect(notes).toEqual(['Not installed here and left out: other.']);
  });

  it('names no version twice', async () => {
    const { present, versions } = await inCompany([rival('shoal', '1.0.0'), rival('shoal, running already', '1.0.0')]);
    expect(present).toHaveLength(2);
    expect(versions).toBe('Versions: shoal 1.0.0.');
  });

  it('is everybody when nobody was asked for, and else those whose names begin so', () => {
    const all = [rival('shoal'), rival('shoal, running already'), rival('aria2')];
    expect(pickContenders(all, undefined)).toEqual(all);
    expect(pickContenders(all, 'shoal').map(({ name }) => name)).toEqual(['shoal', 'shoal, running already']);
    expect(() => pickContenders(all, 'shoal,aria3')).toThrow('no contender is called aria3; there are shoal');
  });
});
