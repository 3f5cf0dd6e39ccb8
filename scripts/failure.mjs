// The two ways in which the start can end early, so that the entry can tell them from a bug of ours:
// a reason to show to the person without a stack, and a signal that the person or a supervisor sent.

export class PreparationFailed extends Error {}

export class Interrupted extends Error {
  constructor(signal) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }
}
