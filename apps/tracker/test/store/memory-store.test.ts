import { describe } from 'vitest';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { describeTrackerStore } from './tracker-store.contract.ts';

describe('the memory store', () => {
  describeTrackerStore(() => Promise.resolve(new MemoryStore()));
});
