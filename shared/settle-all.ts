/**
 * Waits until all promises have settled, then returns the results or throws the first error. Unlike `Promise.all`, nothing
 * runs on after an error: the next step may roll back the transaction that all of them use.
 */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
