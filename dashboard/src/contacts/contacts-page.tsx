/** Shows the contacts, one contact, the import of a file, the opt-outs and the blocked senders. */
import { Route, Switch } from 'wouter';
import { BlockedList } from './blocked-list.tsx';
import { ContactDetails } from './contact-details.tsx';
import { ContactList } from './contact-list.tsx';
import { ImportPage } from './import-page.tsx';
import { OptOutList } from './opt-out-list.tsx';

export default function ContactsPage() {
  return (
    <Switch>
      <Route path="/opt-outs">
        <OptOutList />
      </Route>
      <Route path="/blocked">
        <BlockedList />
      </Route>
      <Route path="/import">
        <ImportPage />
      </Route>
      <Route path="/:id">{({ id }) => <ContactDetails id={id} />}</Route>
      <Route>
        <ContactList />
      </Route>
    </Switch>
  );
}
