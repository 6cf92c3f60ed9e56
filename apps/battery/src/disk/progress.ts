import type { InfoHash } from '@shoal/protocol';
import type { Agent } from '@shoal/testbed';

/** Follows a download to its end. Answers the longest time in which no byte came before all were there, in seconds. */
export async function watchProgress(agent: Agent, infoHash: InfoHash): Promise<number> {
  let [bytes, since, longestMs] = [0, performance.now(), 0];
  await agent.reaches(infoHash, ({ receivedBytes, verifiedBytes, length, state }) => {
    if (receivedBytes > bytes || verifiedBytes === length) {
      if (verifiedBytes < length) longestMs = Math.max(longestMs, performance.now() - since);
      [bytes, since] = [receivedBytes, performance.now()];
    }
    return state === 'seeding';
  });
  return longestMs / 1000;
}
