/** One share as the page sees it: its machines, who holds which piece, and how fast it moves. */
import type { FromFleet, PeerId, SwarmMember } from '@shoal/protocol';
import { changePieces, memberAfter, type Member } from './member.ts';
import { PieceCensus } from './piece-census.ts';
import { withRate, type RateHistory } from './rate-history.ts';

/** The share itself, as the tracker told it. */
export type ShareFacts = Omit<Extract<FromFleet, { kind: 'share' }>, 'kind'>;
type MembersMessage = Extract<FromFleet, { kind: 'members' }>;

/** Machines that have left, and are remembered because others may wait for what they had. */
const DEPARTED = 1_000;

export interface SharePicture {
  readonly facts: ShareFacts;
  readonly members: ReadonlyMap<PeerId, Member>;
  readonly departed: ReadonlyMap<PeerId, Member>;
  readonly census: PieceCensus;
  /** What all machines receive together. */
  readonly history: RateHistory;
}

/**
 * The picture of a share that is told from the start.
 * @param before the picture so far, if it is of the same share: what the page saw of its rates stays
 */
export function openShare(facts: ShareFacts, before: SharePicture | undefined): SharePicture {
  return {
    facts,
    members: new Map(),
    departed: before === undefined ? new Map() : new Map([...before.departed, ...before.members]),
    census: PieceCensus.empty(facts.pieceCount),
    history: before?.history ?? [],
  };
}

/** The picture after machines came, changed and went. */
export function changeMembers(picture: SharePicture, { changed, gone }: MembersMessage, nowMs: number): SharePicture {
  const { facts, census, history } = picture;
  const draft = {
    members: new Map(picture.members),
    departed: new Map(picture.departed),
    gained: new Array<number>(),
    lost: new Array<number>(),
  };
  for (const member of changed) put(draft, member, facts.pieceCount, nowMs);
  for (const peerId of gone) take(draft, peerId);
  const { members, gained, lost } = draft;
  return {
    facts,
    members,
    departed: draft.departed.size > DEPARTED ? new Map([...draft.departed].slice(-DEPARTED)) : draft.departed,
    census: gained.length + lost.length === 0 ? census : census.after(gained, lost),
    history: withRate(history, receivedTogether(members.values()), nowMs),
  };
}

interface Draft {
  readonly members: Map<PeerId, Member>;
  readonly departed: Map<PeerId, Member>;
  readonly gained: number[];
  readonly lost: number[];
}

function put(draft: Draft, told: SwarmMember, pieceCount: number, nowMs: number): void {
  const before = draft.members.get(told.peerId);
  const { held, gained, lost } = changePieces(before?.held, told.pieces, pieceCount);
  draft.members.set(told.peerId, memberAfter(told, before ?? draft.departed.get(told.peerId), { held, nowMs }));
  draft.departed.delete(told.peerId);
  for (const piece of gained) draft.gained.push(piece);
  for (const piece of lost) draft.lost.push(piece);
}

function take(draft: Draft, peerId: PeerId): void {
  const member = draft.members.get(peerId);
  if (member === undefined) return;
  draft.members.delete(peerId);
  draft.departed.set(peerId, member);
  for (const piece of member.held ?? []) draft.lost.push(piece);
}

/** What machines receive together, in bytes a second. */
export function receivedTogether(members: Iterable<Pick<Member, 'receivedBytesPerSecond'>>): number {
  let sum = 0;
  for (const { receivedBytesPerSecond } of members) sum += receivedBytesPerSecond;
  return sum;
}

/** What machines send together, in bytes a second. */
export function sentTogether(members: Iterable<Pick<Member, 'sentBytesPerSecond'>>): number {
  let sum = 0;
  for (const { sentBytesPerSecond } of members) sum += sentBytesPerSecond;
  return sum;
}
