/** What went wrong in the set-up, said for people: what happened, why, what to do next. */
export class SetupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SetupError';
  }
}
