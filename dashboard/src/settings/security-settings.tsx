/** Changes how the signed-in member signs in: password, passkeys and sessions. */
import { Page, Section } from '../ui/page.tsx';
import { PasskeyList } from './passkey-list.tsx';
import { PasswordForm } from './password-form.tsx';
import { SessionList } from './session-list.tsx';

export function SecuritySettings() {
  return (
    <Page title="Security" about="How you sign in. Other members see nothing of this.">
      <PasskeyList />
      <SessionList />
      <Section title="Password" about="A new password ends your other sessions.">
        <PasswordForm />
      </Section>
    </Page>
  );
}
