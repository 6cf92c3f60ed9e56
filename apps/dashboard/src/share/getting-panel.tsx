import { formatShareLink, toVisible } from '@shoal/protocol';
import { useEffect, useRef, useState } from 'react';
import type { ShareFacts } from '../state/share-picture.ts';

/** How to get a share: its `.torrent`, its link, and the line to type. */
export function GettingPanel({ facts: { infoHash, name } }: { facts: ShareFacts }) {
  const tracker = new URL('.', document.baseURI).href.replace(/\/$/, '');
  const link = formatShareLink({ infoHash, name, tracker });
  return (
    <section className="panel" aria-labelledby="getting">
      <h2 id="getting">Get it</h2>
      <p>
        <a className="button" href={`./v1/shares/${infoHash}`} download={`${toVisible(name, () => '_')}.torrent`}>
          Download the .torrent
        </a>
      </p>
      <CopyLine label="Link" text={link} />
      {/* In a link everything that a shell could take for something else is written as %xx, except the ampersand. */}
      <CopyLine label="Command" text={`shoal download "${link}"`} />
    </section>
  );
}

const SAID_MS = 2_000;

function CopyLine({ label, text }: { label: string; text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return undefined;
    const timer = setTimeout(() => {
      setSaid('');
    }, SAID_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);
  return (
    <div className="copy-line">
      <label>
        <span>{label}</span>
        <input
          ref={field}
          readOnly
          value={text}
          onFocus={(event) => {
            event.target.select();
          }}
        />
      </label>
      <button
        type="button"
        aria-label={`Copy: ${label}`}
        onClick={() => {
          field.current?.select();
          void copy(text).then(setSaid);
        }}
      >
        {said === '' ? 'Copy' : said}
      </button>
      <span className="hidden" role="status">
        {said}
      </span>
    </div>
  );
}

/** A page that came without TLS may not write to the clipboard; then the selected text waits for the keys. */
async function copy(text: string): Promise<string> {
  if (!isSecureContext) return 'Press Ctrl+C';
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    return 'Press Ctrl+C';
  }
}
