import './no-code-from-text.ts';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/page.css';
import './styles/share.css';
import { createRoot } from 'react-dom/client';
import { openFleet, type FleetNews, type FleetState } from '@shoal/client/fleet';
import { FLEET_PATH } from '@shoal/protocol';
import { FleetContext } from './page/fleet-context.ts';
import { FleetPage } from './page/fleet-page.tsx';
import { applyTheme } from './page/theme.ts';
import { FleetStore } from './state/fleet-store.ts';

const url = new URL(FLEET_PATH.slice(1), document.baseURI);
url.protocol = url.protocol.replace('http', 'ws');
url.hash = '';
const store = new FleetStore({ at: 'overview', query: '' });
const connection = openFleet(url.href, {
  onMessage: (message: FleetNews) => {
    store.hear(message);
  },
  onState: (state: FleetState) => {
    store.connect(state);
  },
});

applyTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('invariant: the page has a root');
createRoot(root).render(
  <FleetContext value={{ store, connection }}>
    <FleetPage />
  </FleetContext>,
);
