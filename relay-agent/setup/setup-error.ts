/** Error of the setup with a message for the owner: the problem, its cause, and the next step. */
export class SetupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SetupError';
  }
}
