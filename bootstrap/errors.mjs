// Defines the two errors that end a start early and are not bugs: a failed preparation (shown without a stack) and a
// signal from the user or a supervisor.

export class PreparationFailed extends Error {}

export class Interrupted extends Error {
  constructor(signal) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }
}
