/** Defines signals: they go to a connected device at once, are never queued, and have no report. */

export type Signal = { kind: 'typing'; state: 'start' | 'stop' } | { kind: 'read' };

/** `offline`: a device that can send the signal is not connected. `unsupported`: no device of the number can. */
export type SignalOutcome = 'sent' | 'offline' | 'unsupported';
