/** Shows a contact to viewers. */
import type { ContactDetail } from '../api/types.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatHandle } from '../ui/format-handle.ts';

export function ContactFacts({ contact: { name, handle, email, customFields } }: { contact: ContactDetail }) {
  return (
    <Facts>
      <Fact name="Name">{name ?? 'Not known'}</Fact>
      <Fact name="Number or address">{formatHandle(handle)}</Fact>
      <Fact name="E-mail address">{email ?? 'Not known'}</Fact>
      {Object.entries(customFields).map(([field, value]) => (
        <Fact key={field} name={field}>
          {String(value)}
        </Fact>
      ))}
    </Facts>
  );
}
