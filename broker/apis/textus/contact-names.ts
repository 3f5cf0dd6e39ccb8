/** A contact is kept by one name, and shown by a first and a last one: the first word and the rest. */
export function givenNames(name: string | null): { firstName: string | null; lastName: string | null } {
  const [firstName, ...rest] = (name ?? '').split(' ').filter((word) => word !== '');
  return { firstName: firstName ?? null, lastName: rest.length === 0 ? null : rest.join(' ') };
}

export function fullName(firstName: string | null, lastName: string | null): string | null {
  return [firstName, lastName].filter((name) => name !== null && name !== '').join(' ') || null;
}
