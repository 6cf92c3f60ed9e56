import type { InfoHash, SwarmMember } from '@shoal/protocol';

/** A placeholder: the files of a share, to be fetched in the browser. */
export const FilesPanel: (props: { infoHash: InfoHash; members: readonly SwarmMember[] }) => undefined = () =>
  undefined;
