/** Shows the messages of the account, and one message with its timeline. */
import { Route, Switch } from 'wouter';
import { MessageDetails } from './message-details.tsx';
import { MessageTable } from './message-table.tsx';

export default function MessagesPage() {
  return (
    <Switch>
      <Route path="/:id">{({ id }) => <MessageDetails id={id} />}</Route>
      <Route>
        <MessageTable />
      </Route>
    </Switch>
  );
}
