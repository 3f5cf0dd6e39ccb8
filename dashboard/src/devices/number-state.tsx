/** Names the state of a number. */
import type { OwnNumber } from '../api/types.ts';
import { Status, type StatusKind } from '../ui/status.tsx';

const STATES: Record<OwnNumber['state'], { kind: StatusKind; name: string }> = {
  online: { kind: 'good', name: 'Online' },
  offline: { kind: 'bad', name: 'Offline' },
  unpaired: { kind: 'warning', name: 'No device' },
  paused: { kind: 'waiting', name: 'Paused' },
  provider: { kind: 'good', name: 'Provider' },
  sandbox: { kind: 'good', name: 'Simulated' },
};

export function NumberState({ number: { state } }: { number: Pick<OwnNumber, 'state'> }) {
  const { kind, name } = STATES[state];
  return <Status kind={kind}>{name}</Status>;
}
