/** Lists the parts of this view for its navigation. */
import type { Part } from '../ui/sub-navigation.tsx';

export const PARTS: readonly Part[] = [
  { path: '/', name: 'All contacts' },
  { path: '/opt-outs', name: 'Opt-outs' },
  { path: '/blocked', name: 'Blocked' },
];
