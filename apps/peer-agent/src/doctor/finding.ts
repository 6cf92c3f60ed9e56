/** One thing that was looked at, as a person is told of it. */
export interface Finding {
  /** `problem`: something has to be set; `warning`: it works, but not as well as it could. */
  readonly mark: 'ok' | 'warning' | 'problem';
  readonly about: 'settings' | 'home' | 'downloads' | 'share' | 'port' | 'tracker' | 'clock' | 'reachability';
  /** What was found. */
  readonly says: string;
  /** What to do; absent where nothing is to be done. */
  readonly advice?: string;
}
