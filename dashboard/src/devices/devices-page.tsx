/** Shows the numbers with their devices, and one number with its pace. */
import { Route, Switch } from 'wouter';
import { NumberDetails } from './number-details.tsx';
import { NumberList } from './number-list.tsx';

export default function DevicesPage() {
  return (
    <Switch>
      <Route path="/:id">{({ id }) => <NumberDetails id={id} />}</Route>
      <Route>
        <NumberList />
      </Route>
    </Switch>
  );
}
