/**
 * Loads modules after the start of the broker, because their packages would delay it. A function that is called earlier
 * loads its module itself.
 */
export class LateModules {
  readonly #loads: Array<() => Promise<unknown>> = [];

  /** Returns a function that calls the function of the module. */
  add<Args extends unknown[], Result>(
    load: () => Promise<(...args: Args) => Promise<Result>>,
  ): (...args: Args) => Promise<Result> {
    let loading: ReturnType<typeof load> | undefined;
    const loaded = () => {
      loading ??= load();
      return loading;
    };
    this.#loads.push(loaded);
    return async (...args) => (await loaded())(...args);
  }

  async loadAll(): Promise<void> {
    for (const load of this.#loads) await load();
  }
}
